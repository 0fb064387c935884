"""What Slack takes as blocks and what it refuses."""

import pytest

from tests.slack_server import Json
from tests.slack_server.blocks import check_message_blocks
from tests.slack_server.refusals import Refused
from tests.slack_server.view_checks import check_view


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(**fields: object) -> Json:
    return {"type": "button", "text": plain("Xem"), "action_id": "see"} | fields


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def context_actions(*elements: Json) -> Json:
    return {"type": "context_actions", "elements": list(elements)}


def feedback(text: str = "Có ích", value: str = "q1") -> Json:
    verdict = {"text": plain(text), "value": value}
    return {"type": "feedback_buttons", "action_id": "vote", "positive_button": verdict, "negative_button": verdict}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def context(count: int) -> Json:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": "a"}] * count}


def table(rows: int, columns: int) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * columns] * rows}


def markdown(length: int) -> Json:
    return {"type": "markdown", "text": "a" * length}


def text_input(**fields: object) -> Json:
    element = {"type": "plain_text_input", "action_id": "why"} | fields
    return {"type": "input", "block_id": "why", "label": plain("Vì sao?"), "element": element}


def menu(options: int, text: str = "a") -> Json:
    choices = [{"text": plain(text), "value": str(n)} for n in range(options)]
    return {"type": "static_select", "action_id": "pick", "options": choices}


GOOD = [
    [{"type": "divider"}] * 50,
    [section("a" * 3000)],
    [context(10)],
    [actions(*(button(action_id=str(n)) for n in range(25)))],
    [actions(button(text=plain("a" * 75), value="v" * 2000, style="primary"))],
    [{"type": "header", "text": plain("a" * 150)}],
    [markdown(6000), {"type": "divider"}, markdown(6000)],
    [context_actions(feedback("a" * 75, "v" * 2000))],
    [{"type": "section", "fields": [plain("a")] * 10, "accessory": menu(100)}],
    [table(10, 20)],
    [text_input(placeholder=plain("a" * 150), multiline=True)],
]
BAD = [
    [{"type": "divider"}] * 51,
    [{"type": "shout", "text": plain("a")}],
    [{"text": plain("a")}],
    [section("")],
    [section("a" * 3001)],
    [{"type": "section"}],
    [{"type": "section", "text": "a"}],
    [context(11)],
    [context(0)],
    [actions(*(button(action_id=str(n)) for n in range(26)))],
    [actions(button(text=plain("a" * 76)))],
    [actions(button(text={"type": "mrkdwn", "text": "a"}))],
    [actions(button(value="v" * 2001))],
    [actions(button(action_id="a" * 256))],
    [actions(button(), button())],
    [actions(button(colour="red"))],
    [actions(feedback())],
    [{"type": "header", "text": plain("a" * 151)}],
    [markdown(12_001)],
    [
        context_actions(
            *({"type": "icon_button", "icon": "trash", "text": plain("x"), "action_id": n} for n in "abcdef")
        )
    ],
    [context_actions(feedback("a" * 76))],
    [context_actions(feedback(value="v" * 2001))],
    [context_actions(button())],
    [table(101, 1)],
    [table(1, 21)],
    [table(1, 1), table(1, 1)],
    [actions(menu(101))],
    [actions(menu(1, "a" * 76))],
    [section("a") | {"block_id": "x"}, section("b") | {"block_id": "x"}],
    [text_input(placeholder=plain("a" * 151))],
    [text_input() | {"label": plain("a" * 2001)}],
]


@pytest.mark.parametrize("blocks", GOOD)
def test_blocks_within_the_limits_are_taken(blocks: list[Json]) -> None:
    check_message_blocks(blocks)


@pytest.mark.parametrize("blocks", BAD)
def test_blocks_beyond_the_limits_are_refused(blocks: list[Json]) -> None:
    with pytest.raises(Refused) as refused:
        check_message_blocks(blocks)
    assert refused.value.error == "invalid_blocks"
    assert refused.value.answer["response_metadata"]["messages"]


@pytest.mark.parametrize("blocks", [[markdown(6001), markdown(6000)], [section("a" * 2700)] * 5])
def test_too_much_in_all_is_too_long(blocks: list[Json]) -> None:
    with pytest.raises(Refused) as refused:
        check_message_blocks(blocks)
    assert refused.value.error == "msg_blocks_too_long"


def modal(**fields: object) -> Json:
    return {"type": "modal", "title": plain("Góp ý"), "submit": plain("Gửi"), "blocks": [text_input()]} | fields


@pytest.mark.parametrize(
    "view",
    [
        modal(title=plain("a" * 24), submit=plain("a" * 24), close=plain("a" * 24), private_metadata="p" * 3000),
        modal(blocks=[{"type": "divider"}] * 100),
    ],
)
def test_modals_within_the_limits_are_taken(view: Json) -> None:
    assert check_view(view, "modal") == view


@pytest.mark.parametrize(
    "view",
    [
        modal(title=plain("a" * 25)),
        modal(submit=plain("a" * 25)),
        modal(close=plain("a" * 25)),
        modal(private_metadata="p" * 3001),
        modal(blocks=[{"type": "divider"}] * 101),
        modal(blocks=[context_actions(feedback())]),
        modal(blocks=[markdown(1)]),
        modal(colour="red"),
        modal(type="home"),
        {"type": "modal", "title": plain("Góp ý"), "blocks": [text_input()]},
        {"type": "modal", "blocks": []},
    ],
)
def test_modals_beyond_the_limits_are_refused(view: Json) -> None:
    with pytest.raises(Refused) as refused:
        check_view(view, "modal")
    assert refused.value.error == "invalid_arguments"


def test_a_home_tab_holds_blocks_alone() -> None:
    check_view({"type": "home", "blocks": [section("a")]}, "home")
    with pytest.raises(Refused):
        check_view({"type": "home", "title": plain("a"), "blocks": []}, "home")
