"""Tables on a narrow screen: aligned columns where they fit, else row by row, each cell with its column's name."""

import itertools
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from bots.telegram.runs import LINK, PRE, Block, Run, Style, Tag, text_of

COLUMNS = 40
"""Characters of the fixed width that a phone shows in one line."""
SIGNS = 4 * COLUMNS
"""Characters of a line with all accents that have no width of their own."""
BETWEEN = "  "
NOTHING = "–"
"""What stands in an empty cell beside the name of its column."""

Inline = Callable[[Sequence[Token]], tuple[Run, ...]]


@dataclass(frozen=True, slots=True)
class Cell:
    runs: tuple[Run, ...]
    align: str = ""

    @property
    def text(self) -> str:
        return text_of(self.runs)

    @property
    def width(self) -> int:
        """Columns of a fixed-width font that it takes."""
        return sum(_width(sign) for sign in self.text)


def table(tokens: Sequence[Token], inline: Inline, quote: Style) -> list[Block]:
    """The blocks of a table, of which `tokens` are all the tokens; `quote` is the quotation that it stands in."""
    rows = list(_rows(tokens, inline))
    widths = [max(cell.width for cell in column) for column in zip(*rows, strict=True)]
    has_links = any(tag.name == LINK for row in rows for cell in row for run in cell.runs for tag in run.style)
    if has_links or sum(widths) + len(BETWEEN) * (len(widths) - 1) > COLUMNS:
        return _by_rows(rows, quote)
    lines = [_aligned(row, widths) for row in rows]
    if max(map(len, lines)) > SIGNS:
        return _by_rows(rows, quote)
    style = (*quote, Tag(PRE))
    rule = BETWEEN.join("─" * width for width in widths)
    head = f"{lines[0]}\n{rule}\n" if lines[1:] else lines[0]
    return [Block((Run(head + "\n".join(lines[1:]), style),), head=(Run(head, style),))]


def _rows(tokens: Sequence[Token], inline: Inline) -> Iterator[list[Cell]]:
    """The cells of each row; the first row names the columns."""
    row: list[Cell] = []
    for token, following in itertools.pairwise(tokens):
        if token.type in {"th_open", "td_open"}:
            align = str(token.attrGet("style") or "").removeprefix("text-align:")
            row.append(Cell(inline(following.children or []), align))
        elif token.type == "tr_close":
            yield row
            row = []


def _aligned(row: Sequence[Cell], widths: Sequence[int]) -> str:
    return BETWEEN.join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _padded(cell: Cell, width: int) -> str:
    missing = width - cell.width
    before = {"right": missing, "center": missing // 2}.get(cell.align, 0)
    return " " * before + cell.text + " " * (missing - before)


def _by_rows(rows: Sequence[Sequence[Cell]], quote: Style) -> list[Block]:
    names, *body = rows
    if not body:
        return [Block(_lines([[*cell.runs] for cell in names], quote))]
    return [Block(_lines([_named(*pair, quote) for pair in zip(names, row, strict=True)], quote)) for row in body]


def _named(name: Cell, cell: Cell, quote: Style) -> list[Run]:
    """A line of one cell."""
    value = [*cell.runs] if cell.text.strip() else [Run(NOTHING, quote)]
    return [*name.runs, Run(": ", quote), *value] if name.text.strip() else value


def _lines(lines: Sequence[list[Run]], quote: Style) -> tuple[Run, ...]:
    ends = [[*line, Run("\n", quote)] for line in lines[:-1]]
    return tuple(itertools.chain(*ends, *lines[-1:]))


def _width(sign: str) -> int:
    if unicodedata.category(sign)[0] == "M":
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1
