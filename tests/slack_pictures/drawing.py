"""Every block that we send, drawn about as Slack shows it."""

from collections.abc import Sequence
from typing import Any

from tests.slack_pictures.canvas import DIM, GREEN, INK, LINE, RED, SIZE, Canvas, width_of
from tests.slack_pictures.runs import BOLD, Paragraph, Run, of_markdown, of_mrkdwn

Json = dict[str, Any]
SMALL = 12.5
GAP = 9
COLOURS = {"primary": GREEN, "danger": RED}
BOXES = {"radio_buttons": "○", "checkboxes": "☐"}


def draw(canvas: Canvas, block: Json) -> None:
    """The block, below what is drawn already. Raises ValueError for one that we do not send."""
    kind = block["type"]
    if kind not in DRAWN:
        raise ValueError(f"no picture of a block {kind!r}")
    DRAWN[kind](canvas, block)
    canvas.y += GAP


def paragraphs(canvas: Canvas, found: Sequence[Paragraph], size: float = SIZE, colour: str = INK) -> None:
    for paragraph in found:
        canvas.y += 2
        top, inset = canvas.y, 14.0 if paragraph.is_quote else 0.0
        indent = inset + 20.0 * paragraph.indent
        if paragraph.cells:
            _row(canvas, paragraph)
            continue
        if paragraph.is_code:
            canvas.box(
                canvas.left + indent,
                canvas.y,
                canvas.right - canvas.left - indent,
                size * 1.45,
                fill="#f8f8f8",
                stroke="none",
            )
        if paragraph.bullet:
            canvas.label(paragraph.bullet, canvas.left + indent - 18, canvas.y + size * 1.03, size=size, colour=colour)
        canvas.write(paragraph.runs, size=size * paragraph.scale, colour=colour, indent=indent)
        if paragraph.is_quote:
            canvas.bar(top)


def _row(canvas: Canvas, row: Paragraph) -> None:
    """A row of a table, its cells side by side."""
    top, wide, lowest = canvas.y, (canvas.right - canvas.left) / len(row.cells), canvas.y
    for number, cell in enumerate(row.cells):
        canvas.y = top
        start = wide * number
        canvas.write(cell, size=SIZE - 1, indent=start + 8, right=canvas.left + start + wide - 8)
        lowest = max(lowest, canvas.y)
    for number in range(len(row.cells)):
        canvas.box(canvas.left + wide * number, top, wide, lowest - top + 3, fill="none", radius=0)
    canvas.y = lowest + 3


def _markdown(canvas: Canvas, block: Json) -> None:
    paragraphs(canvas, of_markdown(block["text"]))


def _section(canvas: Canvas, block: Json) -> None:
    top, right, accessory = canvas.y, canvas.right, block.get("accessory")
    if accessory:
        canvas.right -= _control_width(accessory) + 16
    paragraphs(canvas, _text(block["text"]))
    canvas.right = right
    if accessory:
        _control(canvas, accessory, right - _control_width(accessory), top + 2)
        canvas.y = max(canvas.y, top + 36)


def _header(canvas: Canvas, block: Json) -> None:
    canvas.write([Run(block["text"]["text"], frozenset({BOLD}))], size=18)


def _divider(canvas: Canvas, block: Json) -> None:
    del block
    canvas.rule()


def _context(canvas: Canvas, block: Json) -> None:
    for element in block["elements"]:
        paragraphs(canvas, _text(element), size=SMALL, colour=DIM)


def _actions(canvas: Canvas, block: Json) -> None:
    x = canvas.left
    for element in block["elements"]:
        wide = _control_width(element)
        if x > canvas.left and x + wide > canvas.right:
            x, canvas.y = canvas.left, canvas.y + 42
        _control(canvas, element, x, canvas.y + 2)
        x += wide + 10
    canvas.y += 38


def _context_actions(canvas: Canvas, block: Json) -> None:
    x = canvas.left
    for element in block["elements"]:
        for side in ("positive_button", "negative_button"):
            word = element[side]["text"]["text"]
            canvas.thumb(x, canvas.y + 4, up=side == "positive_button")
            canvas.label(word, x + 24, canvas.y + 18, size=SMALL, colour=DIM)
            x += 24 + width_of(word, SMALL) + 22
    canvas.y += 26


def _input(canvas: Canvas, block: Json) -> None:
    canvas.write([Run(block["label"]["text"], frozenset({BOLD}))])
    canvas.y += 4
    element = block["element"]
    if element["type"] in BOXES:
        _choices(canvas, element)
    else:
        high = 84 if element.get("multiline") else 38
        canvas.box(canvas.left, canvas.y, canvas.right - canvas.left, high)
        canvas.label(_inside(element), canvas.left + 12, canvas.y + 24, colour=DIM)
        canvas.y += high
    if "hint" in block:
        canvas.y += 2
        canvas.write([Run(block["hint"]["text"])], size=SMALL, colour=DIM)


def _choices(canvas: Canvas, element: Json) -> None:
    for option in element["options"]:
        is_on = option in element.get("initial_options", [])
        canvas.write([Run(f"{'☑' if is_on else BOXES[element['type']]}  {option['text']['text']}")], indent=4)


def _inside(element: Json) -> str:
    """What an empty input says."""
    if element["type"] == "static_select":
        return f"{_chosen(element)}  ▾"
    if element["type"] == "file_input":
        return "+  " + ", ".join(element["filetypes"])
    return ""


def _chosen(element: Json) -> str:
    text: str = element.get("initial_option", {"text": {"text": "…"}})["text"]["text"]
    return text


def _control_width(element: Json) -> float:
    return width_of(_caption(element), SIZE - 1, frozenset({BOLD})) + 28


def _caption(element: Json) -> str:
    if element["type"] == "button":
        text: str = element["text"]["text"]
        return text
    if element["type"] == "static_select":
        return f"{_chosen(element)}  ▾"
    is_on = bool(element.get("initial_options"))
    return f"{'☑' if is_on else '☐'}  {element['options'][0]['text']['text']}"


def _control(canvas: Canvas, element: Json, x: float, y: float) -> None:
    """A button, a menu or a box to tick."""
    colour, wide = COLOURS.get(element.get("style", ""), INK), _control_width(element)
    if element["type"] == "checkboxes":
        canvas.label(_caption(element), x, y + 22, size=SIZE - 1)
        return
    is_full = element.get("style") == "primary"
    canvas.box(x, y, wide, 34, fill=colour if is_full else "#ffffff", stroke=LINE if colour == INK else colour)
    canvas.label(_caption(element), x + 14, y + 22, size=SIZE - 1, colour="#ffffff" if is_full else colour, bold=True)


def _text(text: Json) -> list[Paragraph]:
    if text["type"] == "mrkdwn":
        return of_mrkdwn(text["text"])
    return [Paragraph((Run(line),)) for line in text["text"].split("\n")]


DRAWN = {
    "markdown": _markdown,
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "context_actions": _context_actions,
    "input": _input,
}
