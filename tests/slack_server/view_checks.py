"""Checks of modals and home tabs."""

from collections.abc import Iterator, Mapping

from tests.slack_server.blocks import HOME, IN_VIEW, MODAL, problems_of
from tests.slack_server.refusals import Json, misshaped
from tests.slack_server.shapes import Check, Shape, anything, flag, plain, text

COMMON: dict[str, Check] = {
    "private_metadata": text(3000, 0),
    "callback_id": text(255, 0),
    "external_id": text(255, 0),
}
VIEWS: Mapping[str, Shape] = {
    "modal": Shape(
        {"title": plain(24), "blocks": anything},
        COMMON
        | {
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": flag,
            "notify_on_close": flag,
            "submit_disabled": flag,
        },
    ),
    "home": Shape({"blocks": anything}, COMMON),
}


def check_view(view: Json, kind: str) -> Json:
    """The view, if Slack would take it as a `modal` or `home`; else `invalid_arguments`."""
    problems = list(_problems(view, kind))
    if problems:
        raise misshaped(*problems)
    return view


def _problems(view: Json, kind: str) -> Iterator[str]:
    if view.get("type") != kind:
        yield f"view: the type must be {kind}"
        return
    yield from VIEWS[kind](view, "view")
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        yield "view.blocks: must be a list"
        return
    yield from problems_of(blocks, MODAL if kind == "modal" else HOME, IN_VIEW)
    has_inputs = any(isinstance(block, dict) and block.get("type") == "input" for block in blocks)
    if kind == "modal" and has_inputs and "submit" not in view:
        yield "view.submit: needed with inputs"
