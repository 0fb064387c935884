"""Checks of the blocks of messages and views."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.slack_server import elements
from tests.slack_server.refusals import Json, Refused, misshaped
from tests.slack_server.shapes import Check, Shape, anything, by_type, flag, many, plain, text, words

IN_MESSAGE, IN_VIEW = 50, 100
MARKDOWN_AT_MOST = 12_000
PAYLOAD_AT_MOST = 13_200
"""Characters of all blocks as JSON; where Slack says `msg_blocks_too_long` by others' measure, not its reference."""
BLOCK_ID: dict[str, Check] = {"block_id": text(255)}
CELL = by_type({kind: Shape({}, {}, loose=True) for kind in ("raw_text", "raw_number", "rich_text")})


def _section(value: object, where: str) -> Iterator[str]:
    """Text or fields or both."""
    if isinstance(value, dict) and not value.keys() & {"text", "fields"}:
        yield f"{where}: needs text or fields"
    yield from SECTION(value, where)


def _loose(*must: str) -> Shape:
    return Shape(dict.fromkeys(must, anything), BLOCK_ID, loose=True)


SECTION = Shape(
    {},
    BLOCK_ID
    | {
        "text": words(3000),
        "fields": many(words(2000), 10),
        "accessory": by_type(elements.IN_SECTION),
        "expand": flag,
    },
)
ANYWHERE: Mapping[str, Check] = {
    "section": _section,
    "divider": Shape({}, BLOCK_ID),
    "header": Shape({"text": plain(150)}, BLOCK_ID | {"level": anything}),
    "image": Shape({"alt_text": text(2000)}, BLOCK_ID | {"image_url": text(3000), "title": plain(2000)}, loose=True),
    "context": Shape({"elements": many(by_type(elements.IN_CONTEXT), 10)}, BLOCK_ID),
    "actions": Shape({"elements": many(by_type(elements.IN_ACTIONS), 25)}, BLOCK_ID),
    "input": Shape(
        {"label": plain(2000), "element": by_type(elements.IN_INPUT)},
        BLOCK_ID | {"hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": _loose("elements"),
    "video": _loose("video_url", "thumbnail_url", "alt_text", "title"),
}
MESSAGE: Mapping[str, Check] = {
    **ANYWHERE,
    "markdown": Shape({"text": text(MARKDOWN_AT_MOST)}, BLOCK_ID),
    "context_actions": Shape({"elements": many(by_type(elements.IN_CONTEXT_ACTIONS), 5)}, BLOCK_ID),
    "table": Shape({"rows": many(many(CELL, 20), 100)}, BLOCK_ID | {"column_settings": many(anything, 20)}),
    "file": _loose("external_id", "source"),
    "task_card": _loose("task_id", "title"),
    "plan": _loose("title"),
    "alert": _loose("text"),
    "card": _loose(),
    "carousel": _loose("elements"),
    "container": _loose(),
}
MODAL: Mapping[str, Check] = ANYWHERE
HOME: Mapping[str, Check] = ANYWHERE


def problems_of(blocks: Sequence[object], kinds: Mapping[str, Check], at_most: int) -> Iterator[str]:
    """What is wrong with the blocks, one sentence each."""
    yield from many(by_type(kinds), at_most, 0)(blocks, "blocks")
    shaped = [block for block in blocks if isinstance(block, dict)]
    yield from _doubles("block_id", [block["block_id"] for block in shaped if "block_id" in block])
    for block in shaped:
        inside = [part for part in _elements(block) if isinstance(part, dict)]
        yield from _doubles("action_id", [part["action_id"] for part in inside if "action_id" in part])
    if sum(block.get("type") == "table" for block in shaped) > 1:
        yield "blocks: one table at most"


def _elements(block: Json) -> list[object]:
    inside = block.get("elements", [])
    return [*(inside if isinstance(inside, list) else []), block.get("accessory"), block.get("element")]


def _doubles(name: str, values: Sequence[object]) -> Iterator[str]:
    for value, times in Counter(map(str, values)).items():
        if times > 1:
            yield f"{name}: {value} stands {times} times"


def check_message_blocks(blocks: Sequence[Json]) -> None:
    """Refuses blocks that Slack would refuse in a message: `invalid_blocks`, or `msg_blocks_too_long`."""
    problems = list(problems_of(blocks, MESSAGE, IN_MESSAGE))
    if problems:
        raise misshaped(*problems, error="invalid_blocks")
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > MARKDOWN_AT_MOST or len(json.dumps(blocks, ensure_ascii=False)) > PAYLOAD_AT_MOST:
        raise Refused("msg_blocks_too_long")


def named(blocks: Sequence[Json]) -> list[Json]:
    """The blocks with the ids that Slack gives to those that came without."""
    return [_named(block, f"b{number}") for number, block in enumerate(blocks)]


def _named(block: Json, name: str) -> Json:
    found: Json = {"block_id": name} | block
    for place in ("accessory", "element"):
        if isinstance(block.get(place), dict):
            found[place] = {"action_id": f"{name}.{place}"} | block[place]
    if block.get("type") in {"actions", "context_actions"}:
        inside = enumerate(block["elements"])
        found["elements"] = [{"action_id": f"{name}.{number}"} | element for number, element in inside]
    return found
