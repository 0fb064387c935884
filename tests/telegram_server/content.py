"""The text of a call: parsed, trimmed, measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.telegram_server import html, markdown
from tests.telegram_server.calls import Call
from tests.telegram_server.entities import finished, units
from tests.telegram_server.refusals import Json, bad, unparsable
from tests.telegram_server.world import World

TEXT_AT_MOST, CAPTION_AT_MOST = 4096, 1024
"""After parsing. Telegram says "characters"; this server counts UTF-16 code units, which never are fewer."""
ENTITIES_AT_MOST = 100
MODES: Mapping[str, Callable[[str], tuple[str, list[Json]]]] = {
    "html": html.parse,
    "markdown": markdown.parse_old,
    "markdownv2": markdown.parse,
}
MARKED = {
    *("bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code"),
    *("pre", "text_link", "text_mention", "custom_emoji", "date_time"),
}
FOUND_ALONE = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says from now on."""

    text: str
    entities: list[Json]
    parse_mode: str | None


def text_of(call: Call, too_long: str) -> Content:
    """The text of the call, which must be one; longer ones are refused in the words of `too_long`."""
    content = _content(call, "text", "entities")
    if not content.text:
        raise bad("message text is empty")
    if units(content.text) > TEXT_AT_MOST:
        raise bad(too_long)
    return content


def draft_of(call: Call) -> Content:
    """The same for drafts, which may be empty."""
    content = _content(call, "text", "entities")
    if units(content.text) > TEXT_AT_MOST:
        raise bad("MESSAGE_TOO_LONG")
    return content


def caption_of(call: Call) -> Content:
    content = _content(call, "caption", "caption_entities")
    if units(content.text) > CAPTION_AT_MOST:
        raise bad("message caption is too long")
    return content


def _content(call: Call, name: str, entities_name: str) -> Content:
    raw, mode = call.given.get(name, "").replace("\r", ""), call.given.get("parse_mode")
    given = call.given.get(entities_name, [])
    if mode:
        if mode.lower() not in MODES:
            raise bad("unsupported parse_mode")
        text, given = MODES[mode.lower()](raw)
    else:
        text = raw
        for entity in given:
            _check(entity, text)
    known = [resolved for entity in given if (resolved := _resolved(call.world, entity))]
    text, entities = finished(text, (entity for entity in known if entity["type"] not in FOUND_ALONE))
    return Content(text, entities[:ENTITIES_AT_MOST], mode)


def _check(entity: object, text: str) -> None:
    if not isinstance(entity, dict) or entity.get("type") not in MARKED | FOUND_ALONE:
        raise unparsable("unsupported MessageEntity type specified")
    start, length = entity.get("offset"), entity.get("length")
    if not isinstance(start, int) or not isinstance(length, int) or start < 0 or length <= 0:
        raise unparsable("invalid offset or length of a MessageEntity")
    raw = text.encode("utf-16-le")
    if 2 * (start + length) > len(raw):
        raise bad("ENTITY_BOUNDS_INVALID")
    try:
        raw[2 * start : 2 * (start + length)].decode("utf-16-le")
    except UnicodeDecodeError:
        raise bad("ENTITY_BOUNDS_INVALID") from None


def _resolved(world: World, entity: Json) -> Json | None:
    """A mention of somebody whom the bot knows, as their account; one of a stranger is none."""
    if entity["type"] != "text_mention":
        return entity
    named = entity.get("user")
    id_ = named.get("id") if isinstance(named, dict) else named
    user = next((user for user in world.users.values() if str(user.id) == str(id_)), None)
    return entity | {"user": user.to_json()} if user else None
