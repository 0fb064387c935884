"""Slack's documented limits, counted by themselves: nothing here knows how the blocks were made."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

Json = dict[str, Any]
LIVE_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|www\.\S|(?:mailto|javascript|slack):\S", re.IGNORECASE)
APART = {"code_inline", "softbreak", "hardbreak"}
"""What keeps the words around it from making one address."""
CALL = re.compile(r"[<＜][@#!＠＃！]+\w|(?<![\w.])[@＠](?:channel|here|everyone)", re.IGNORECASE)


def check_message(blocks: list[Json], mentions: frozenset[str] = frozenset()) -> None:
    """Slack would take these blocks, and nobody is called but `mentions`."""
    assert 1 <= len(blocks) <= 50
    assert len(json.dumps(blocks, ensure_ascii=False)) < 13_200
    assert sum(len(block["text"]) for block in blocks if block["type"] == "markdown") <= 12_000
    _check_blocks(blocks, mentions)


def check_view(view: Json) -> None:
    """Slack would take this modal or home tab."""
    assert 1 <= len(view["blocks"]) <= 100
    for name in ("title", "submit", "close"):
        assert len(view.get(name, {"text": ""})["text"]) <= 24
    assert len(view.get("private_metadata", "")) <= 3_000
    assert ("submit" in view) or not any(block["type"] == "input" for block in view["blocks"])
    assert not [block for block in view["blocks"] if block["type"] == "context_actions"]
    _check_blocks(view["blocks"], frozenset())
    View(**view).validate_json()


def check_text(text: str, limit: int) -> None:
    """The `text` of a message: short enough, and it calls nobody."""
    assert len(text) <= limit
    check_calls_nobody(text)


def check_calls_nobody(text: str) -> None:
    for _ in range(3):
        assert not CALL.search(text), text
        text = html.unescape(text)


def check_markdown(text: str) -> None:
    """No picture, no link, no address outside code, nobody called."""
    check_calls_nobody(text)
    for token in MarkdownIt("commonmark", {"html": False}).enable("table").parse(text):
        for child in token.children or []:
            assert child.type not in {"image", "link_open"}, text
        said = "".join(" " if child.type in APART else child.content for child in token.children or [])
        assert not LIVE_ADDRESS.search(html.unescape(said)), text


def elements_of(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        yield from block.get("elements", [])
        yield from (block[name] for name in ("accessory", "element") if name in block)


def _check_blocks(blocks: list[Json], mentions: frozenset[str]) -> None:
    for block in blocks:
        _check_block(block)
        Block.parse(block).validate_json()  # type: ignore[union-attr]
    elements = list(elements_of(blocks))
    for element in elements:
        _check_element(element)
    named = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(named) == len(set(named))
    for text in _strings(blocks):
        check_calls_nobody(re.sub(r"<@([UW]\w+)>", lambda who: "" if who[1] in mentions else who[0], text))


def _check_block(block: Json) -> None:
    match block["type"]:
        case "section":
            assert 1 <= len(block["text"]["text"]) <= 3_000
            assert block["text"]["verbatim"] is True
        case "header":
            assert 1 <= len(block["text"]["text"]) <= 150
            assert block["text"]["type"] == "plain_text"
        case "markdown":
            assert 1 <= len(block["text"]) <= 12_000
            check_markdown(block["text"])
        case "context":
            assert 1 <= len(block["elements"]) <= 10
            assert all(1 <= len(element["text"]) <= 3_000 for element in block["elements"])
        case "actions":
            assert 1 <= len(block["elements"]) <= 25
        case "context_actions":
            assert 1 <= len(block["elements"]) <= 5
        case "input":
            assert 1 <= len(block["label"]["text"]) <= 2_000
        case kind:
            assert kind == "divider"


def _check_element(element: Json) -> None:
    assert len(element.get("action_id", "")) <= 255
    match element["type"]:
        case "button":
            assert 1 <= len(element["text"]["text"]) <= 75
            assert 1 <= len(element["value"]) <= 2_000
        case "feedback_buttons":
            for side in ("positive_button", "negative_button"):
                assert 1 <= len(element[side]["text"]["text"]) <= 75
                assert 1 <= len(element[side]["value"]) <= 2_000
                assert 1 <= len(element[side]["accessibility_label"]) <= 75
        case "static_select" | "radio_buttons" | "checkboxes":
            groups = element.get("option_groups") or [{"label": {"text": "-"}, "options": element["options"]}]
            assert 1 <= len(groups) <= 100
            for group in groups:
                assert 1 <= len(group["label"]["text"]) <= 75
                assert 1 <= len(group["options"]) <= (100 if element["type"] == "static_select" else 10)
                for option in group["options"]:
                    assert 1 <= len(option["text"]["text"]) <= 75
                    assert 1 <= len(option["value"]) <= 150
        case "plain_text_input":
            assert element["max_length"] <= 3_000
        case "file_input":
            assert 1 <= element["max_files"] <= 10
        case kind:
            assert kind in {"mrkdwn", "plain_text"}


def _strings(value: object) -> Iterator[str]:
    """Whatever people see; a `value` only comes back to us."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _strings(inner) if name != "value" else ()
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
