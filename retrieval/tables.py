"""Tables as text that a small model can read row by row: markdown with one header row. Pure."""

import re
from collections.abc import Iterator, Sequence

Row = list[str]

_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?)?(?![\d:T-])")
_NUMBER = re.compile(r"[-+]?[\d.,]+%?")
_WHOLE_NUMBER = re.compile(r"(-?\d+)\.0")


def cell(text: str) -> str:
    """One cell on one line: `2026-03-12 00:00:00` as 12/03/2026, `5.0` as 5, no bar that would look like an edge."""
    text = " ".join(text.replace("|", "/").split())
    whole = _WHOLE_NUMBER.fullmatch(text)
    return whole[1] if whole else _DATE.sub(_as_written, text)


def _as_written(date: re.Match[str]) -> str:
    year, month, day, time = date.groups()
    return f"{day}/{month}/{year}" + (f" {time}" if time and time != "00:00" else "")


def render(rows: Sequence[Sequence[str]]) -> str:
    """Markdown; the first row is the header. Columns and rows without any text are left out."""
    cells = _without_blanks([[cell(text) for text in row] for row in rows])
    if not cells:
        return ""
    header, *body = cells
    lines = [_line(header), _line(["---"] * len(header)), *map(_line, body)]
    return "\n".join(lines)


def tables_of_sheet(rows: Sequence[Sequence[str]]) -> Iterator[tuple[list[str], list[Row]]]:
    """The tables of one worksheet, each with the lines that stand above it as captions.

    An empty row ends a table when a new header follows it; otherwise the rows go on under the old header. A header
    of two rows (merged cells over columns) becomes one; a merged first column is repeated on each of its rows.
    """
    header: Row = []
    for group in _groups([[cell(text) for text in row] for row in rows]):
        captions, table = _captioned(group)
        if table and header and not captions and not _is_header(table[0]):
            table = [header, *table]
        table = _filled_down(_one_header(table))
        header = table[0] if table else header
        yield captions, table


def _line(row: Row) -> str:
    return f"|{'|'.join(f' {text} ' if text else ' ' for text in row)}|"


def _without_blanks(rows: list[Row]) -> list[Row]:
    width = max(map(len, rows), default=0)
    padded = [row + [""] * (width - len(row)) for row in rows if any(row)]
    kept = [column for column in range(width) if any(row[column] for row in padded)]
    return [[row[column] for column in kept] for row in padded]


def _groups(rows: list[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    for row in rows:
        if any(row):
            group.append(row)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _captioned(group: list[Row]) -> tuple[list[str], list[Row]]:
    """The leading rows of one cell, and the rest; a group of such rows only is all caption."""
    captions: list[str] = []
    while group and len(group[0]) > 1 and sum(map(bool, group[0])) == 1:
        captions.append("".join(group[0]))
        group = group[1:]
    return captions, group


def _is_header(row: Row) -> bool:
    """A row of names only: all but the trailing cells filled, no number or date among them."""
    while row and not row[-1]:
        row = row[:-1]
    return len(row) > 1 and all(text and not _is_value(text) for text in row)


def _is_value(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None or _DATE.fullmatch(text) is not None or text[0].isdigit()


def _one_header(rows: list[Row]) -> list[Row]:
    """Joins a header of two rows: blanks of the first are filled from the left, then both are read downwards."""
    if len(rows) < 3 or not _is_split_header(rows[0], rows[1]):  # noqa: PLR2004 - two header rows and one of data
        return rows
    upper = list(rows[0])
    for column in range(1, len(upper)):
        if not upper[column] and rows[1][column]:
            upper[column] = upper[column - 1]
    joined = [" ".join(dict.fromkeys(filter(None, pair))) for pair in zip(upper, rows[1], strict=True)]
    return [joined, *rows[2:]]


def _is_split_header(upper: Row, lower: Row) -> bool:
    blanks = [column for column, text in enumerate(upper) if not text and lower[column]]
    return bool(blanks) and not any(_is_value(text) for text in lower if text) and bool(upper[0] or lower[0])


def _filled_down(rows: list[Row]) -> list[Row]:
    filled = rows[:1]
    for row in rows[1:]:
        merged = not row[0] and len(filled) > 1 and any(row)
        filled.append([filled[-1][0], *row[1:]] if merged else row)
    return filled
