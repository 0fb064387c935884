"""A column of an SVG that grows downwards: words that wrap, boxes, lines. Sizes in pixels."""

import html
import re
import unicodedata
from collections.abc import Sequence

from tests.slack_pictures.runs import BOLD, CODE, ITALIC, LINK, Run

WIDTH, MARGIN = 680, 24
SIZE = 15.0
INK, DIM, BLUE, LINE, RED, GREEN = "#1d1c1d", "#616061", "#1264a3", "#dddddd", "#e01e5a", "#007a5a"
FONT = "Lato, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"
MONO = "'DejaVu Sans Mono', monospace"
_NARROW, _WIDE_LETTERS = "iljtfrI.,:;'|!()[] ", "mwMW@%—…"


def width_of(text: str, size: float, styles: frozenset[str] = frozenset()) -> float:
    """About how wide the text is: fonts differ, so a little is added."""
    if CODE in styles:
        return len(text) * size * 0.62
    total = 0.0
    for letter in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(letter):
            total += (
                0.36 if letter in _NARROW else 0.92 if letter in _WIDE_LETTERS else 0.72 if letter.isupper() else 0.6
            )
    return total * size * (1.06 if BOLD in styles else 1.0)


class Canvas:
    """Draws from `y` down. `left` and `right` bound the column."""

    def __init__(self, left: float = MARGIN, right: float = WIDTH - MARGIN) -> None:
        self.left, self.right, self.y = float(left), float(right), float(MARGIN)
        self.shapes: list[str] = []

    def write(
        self,
        runs: Sequence[Run],
        *,
        size: float = SIZE,
        colour: str = INK,
        indent: float = 0.0,
        right: float | None = None,
    ) -> None:
        """The words, wrapped between `indent` and the right edge; the next line begins below them."""
        lines = wrapped(runs, (self.right if right is None else right) - self.left - indent, size)
        for line in lines:
            self.y += size * 1.45
            self._line(line, self.left + indent, self.y - size * 0.42, size, colour)

    def _line(self, line: Sequence[Run], x: float, y: float, size: float, colour: str) -> None:
        for run in line:
            wide = width_of(run.text, size, run.styles)
            if CODE in run.styles and run.text.strip():
                self.box(x - 1, y - size * 0.9, wide + 2, size * 1.25, fill="#f4f4f4", stroke="none", radius=3)
            self.shapes.append(_text(run, x, y, size=size, colour=colour, wide=wide))
            x += wide

    def label(
        self, text: str, x: float, y: float, *, size: float = SIZE, colour: str = INK, bold: bool = False
    ) -> None:
        """One line of text at a place of its own."""
        run = Run(text, frozenset({BOLD}) if bold else frozenset())
        self.shapes.append(_text(run, x, y, size=size, colour=colour, wide=width_of(text, size, run.styles)))

    def box(
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        *,
        fill: str = "#ffffff",
        stroke: str = LINE,
        radius: float = 6,
    ) -> None:
        self.shapes.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="{radius:g}" '
            f'fill="{fill}" stroke="{stroke}"/>'
        )

    def rule(self) -> None:
        self.y += 8
        self.shapes.append(
            f'<line x1="{self.left:.1f}" y1="{self.y:.1f}" x2="{self.right:.1f}" y2="{self.y:.1f}" stroke="{LINE}"/>'
        )
        self.y += 8

    def bar(self, top: float) -> None:
        """The grey bar beside a quote that reaches from `top` to here."""
        self.box(self.left, top + 3, 4, self.y - top - 3, fill=LINE, stroke="none", radius=2)

    def thumb(self, x: float, y: float, *, up: bool) -> None:
        """A thumb of 18 by 18 pixels."""
        turn = "" if up else f' transform="rotate(180 {x + 9:.1f} {y + 9:.1f})"'
        shape = "M1 8h3v9h-3z M6 8l4-7 2 1v5h5l-1 9-2 1h-8z"
        place = f'<g transform="translate({x:.1f} {y:.1f})"><path d="{shape}" fill="none" stroke="{DIM}"/></g>'
        self.shapes.append(f"<g{turn}>{place}</g>")

    def svg(self, title: str) -> str:
        high = self.y + MARGIN
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{high:.0f}" '
            f'viewBox="0 0 {WIDTH} {high:.0f}" role="img" font-family="{html.escape(FONT)}">'
        )
        ground = f'<rect width="{WIDTH}" height="{high:.0f}" fill="#ffffff"/>'
        return "\n".join([head, f"<title>{html.escape(title)}</title>", ground, *self.shapes, "</svg>"]) + "\n"


def wrapped(runs: Sequence[Run], room: float, size: float) -> list[list[Run]]:
    """The runs in lines of at most `room` pixels; a word that is wider is cut."""
    lines: list[list[Run]] = [[]]
    used = 0.0
    for run in runs:
        for word in re.findall(r"\n|[^\S\n]+|\S+", run.text):
            if word == "\n":
                lines.append([])
                used = 0.0
                continue
            for piece in _cut(word, room, size, run.styles):
                wide = width_of(piece, size, run.styles)
                if used + wide > room and piece.strip() and lines[-1]:
                    lines.append([])
                    used = 0.0
                if piece.strip() or lines[-1] or CODE in run.styles:
                    _append(lines[-1], Run(piece, run.styles))
                    used += wide
    return lines


def _append(line: list[Run], run: Run) -> None:
    if line and line[-1].styles == run.styles:
        line[-1] = Run(line[-1].text + run.text, run.styles)
    else:
        line.append(run)


def _cut(word: str, room: float, size: float, styles: frozenset[str]) -> list[str]:
    most = max(1, int(room / (size * 0.98)))
    return (
        [word] if width_of(word, size, styles) <= room else [word[at : at + most] for at in range(0, len(word), most)]
    )


def _text(run: Run, x: float, y: float, *, size: float, colour: str, wide: float) -> str:
    look = f'font-size="{size:g}" fill="{BLUE if LINK in run.styles else colour}"'
    look += ' font-weight="bold"' if BOLD in run.styles else ""
    look += ' font-style="italic"' if ITALIC in run.styles else ""
    look += f' font-family="{html.escape(MONO)}"' if CODE in run.styles else ""
    fit = f' textLength="{wide:.1f}" lengthAdjust="spacingAndGlyphs"' if run.text.strip() else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}{fit} xml:space="preserve">{html.escape(run.text)}</text>'
