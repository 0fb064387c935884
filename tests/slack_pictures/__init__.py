"""Pictures of what people see in Slack, drawn from the very payloads that are sent."""

from typing import Any

from tests.slack_pictures.canvas import DIM, GREEN, LINE, MARGIN, SIZE, WIDTH, Canvas, width_of
from tests.slack_pictures.drawing import draw
from tests.slack_pictures.runs import BOLD, Run

__all__ = ["picture"]
AVATAR = 38


def picture(payload: dict[str, Any], title: str) -> str:
    """An SVG of a message (`blocks`), a modal or a home tab. The same payload gives the same picture."""
    canvas = Canvas()
    if payload.get("type") == "modal":
        _modal(canvas, payload)
    elif payload.get("type") == "home":
        _blocks(canvas, payload)
    else:
        _message(canvas, payload)
    return canvas.svg(title)


def _blocks(canvas: Canvas, payload: dict[str, Any]) -> None:
    for block in payload["blocks"]:
        draw(canvas, block)


def _message(canvas: Canvas, payload: dict[str, Any]) -> None:
    """The avatar and the name, and the blocks beside and below them."""
    canvas.box(MARGIN, MARGIN, AVATAR, AVATAR, fill=GREEN, stroke="none", radius=8)
    canvas.label("ST", MARGIN + 8, MARGIN + 25, size=16, colour="#ffffff", bold=True)
    canvas.left += AVATAR + 12
    canvas.label("Sổ Tay", canvas.left, MARGIN + 13, bold=True)
    canvas.box(canvas.left + width_of("Sổ Tay", SIZE) + 12, MARGIN + 1, 32, 15, fill="#eeeeee", stroke="none", radius=3)
    canvas.label("APP", canvas.left + width_of("Sổ Tay", SIZE) + 16, MARGIN + 12, size=10, colour=DIM, bold=True)
    canvas.y += 18
    _blocks(canvas, payload)


def _modal(canvas: Canvas, view: dict[str, Any]) -> None:
    """Title, blocks, and the two buttons below, in a frame."""
    canvas.left, canvas.right = 2.0 * MARGIN, WIDTH - 2.0 * MARGIN
    canvas.y += 8
    canvas.write([Run(view["title"]["text"], frozenset({BOLD}))], size=20)
    canvas.rule()
    _blocks(canvas, view)
    canvas.rule()
    x = canvas.right
    for name in ("submit", "close"):
        if name in view:
            text, is_submit = view[name]["text"], name == "submit"
            wide = width_of(text, SIZE, frozenset({BOLD})) + 28
            x -= wide
            canvas.box(
                x, canvas.y, wide, 36, fill=GREEN if is_submit else "#ffffff", stroke=GREEN if is_submit else LINE
            )
            canvas.label(text, x + 14, canvas.y + 23, colour="#ffffff" if is_submit else DIM, bold=True)
            x -= 12
    canvas.y += 44
    canvas.shapes.insert(0, _frame(canvas.y))


def _frame(bottom: float) -> str:
    return (
        f'<rect x="{MARGIN}" y="{MARGIN}" width="{WIDTH - 2 * MARGIN}" height="{bottom - MARGIN:.0f}" rx="10" '
        f'fill="none" stroke="{LINE}" stroke-width="2"/>'
    )
