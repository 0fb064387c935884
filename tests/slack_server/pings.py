"""Mentions that would ring somebody's phone."""

import re
from collections.abc import Iterable, Iterator

from tests.slack_server.refusals import Json

ACTIVE = re.compile(r"<(?:!(?:channel|here|everyone|subteam\^\w+)|@[UW]\w+)(?:\|[^>]*)?>")
LINKED = re.compile(r"(?<![\w@])@(?:channel|here|everyone)\b")


def pings_in(text: str, blocks: Iterable[Json] = (), *, links_names: bool = False) -> list[str]:
    """Every active mention, as it is written, in a text, in blocks, and with `link_names` also the bare @channel."""
    texts = [text, *(found for block in blocks for found in _texts(block))]
    mentions = [found for said in texts for found in ACTIVE.findall(said)]
    if links_names:
        mentions += LINKED.findall(text)
    return mentions


def _texts(part: object) -> Iterator[str]:
    """Texts of blocks in which mentions work; mentions of rich text are written as in the rest."""
    if isinstance(part, dict):
        yield from _mention(part)
        if part.get("type") != "plain_text" and isinstance(part.get("text"), str):
            yield part["text"]
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for item in part:
            yield from _texts(item)


def _mention(element: Json) -> Iterator[str]:
    if element.get("type") == "user" and "user_id" in element:
        yield f"<@{element['user_id']}>"
    if element.get("type") == "broadcast" and "range" in element:
        yield f"<!{element['range']}>"
