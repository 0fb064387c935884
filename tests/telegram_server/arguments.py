"""The arguments of a call: from the query, a form, multipart or JSON, checked against what the method takes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.telegram_server.refusals import Json, bad


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came along with a call."""

    name: str
    data: bytes
    mime_type: str


async def given_to(request: web.Request) -> Json:
    """What the caller gave; files as `Upload`. Methods take all of it in every way, as Telegram does."""
    given: Json = dict(request.query)
    if request.method != "POST":
        return given
    if request.content_type == "application/json":
        return given | _json_object(await request.text())
    form = await request.post()
    return given | {name: _field(value) for name, value in form.items()}


def _field(value: object) -> object:
    if isinstance(value, web.FileField):
        with value.file as file:
            return Upload(value.filename, file.read(), value.content_type)
    return value


def _json_object(body: str) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        raise bad("can't parse request body: invalid JSON") from None
    if not isinstance(found, dict):
        raise bad("object expected")
    return found


def _text(value: object) -> str:
    if isinstance(value, bool | list | dict | Upload):
        raise TypeError("must be a string")
    return str(value)


def _number(value: object) -> int:
    return int(_text(value))


def _flag(value: object) -> bool:
    return str(value).lower() in {"true", "1", "yes"}


def _structure(kind: type[Any]) -> Callable[[object], object]:
    def read(value: object) -> object:
        found = json.loads(value) if isinstance(value, str) else value
        if not isinstance(found, kind):
            raise TypeError(f"must be a {kind.__name__}")
        return found

    return read


KINDS: Mapping[str, Callable[[object], object]] = {
    "text": _text,
    "number": _number,
    "flag": _flag,
    "object": _structure(dict),
    "list": _structure(list),
    "file": lambda value: value,
}
MISSING: Mapping[str, str] = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "chat_id is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "text": "message text is empty",
    "draft_id": "draft identifier must be non-zero",
    "user_id": "invalid user_id specified",
    "file_id": "file_id not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "action": "wrong parameter action in request",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
}
MISSHAPED: Mapping[str, str] = {
    "entities": "can't parse entities: array of MessageEntity expected",
    "caption_entities": "can't parse entities: array of MessageEntity expected",
    "reply_markup": "can't parse reply keyboard markup JSON object",
    "reply_parameters": "can't parse reply parameters JSON object",
    "link_preview_options": "can't parse link preview options JSON object",
    "commands": "can't parse commands JSON array",
    "scope": "can't parse BotCommandScope JSON object",
    "allowed_updates": "can't parse allowed updates JSON array",
    "reaction": "can't parse reaction types JSON array",
}


def taken(spec: str, given: Json) -> Json:
    """The arguments as Python values. `spec` names them, as in `chat_id! message_id:number`: `!` for required.

    Others are passed over, as Telegram does; a null and an empty text of a required one count as not given.
    """
    found: Json = {}
    for word in spec.split():
        name, _, kind = word.rstrip("!").partition(":")
        value = given.get(name)
        if value is None or value == "":
            if word.endswith("!"):
                raise bad(MISSING.get(name, f"{name} is empty"))
            continue
        try:
            found[name] = KINDS[kind or "text"](value)
        except (TypeError, ValueError):
            raise bad(MISSHAPED.get(name) or MISSING.get(name) or f"can't parse {name}") from None
    return found


def unknown(spec: str, given: Json) -> set[str]:
    """The names of given arguments that the method does not take; files that others are attached by are none."""
    named = {word.rstrip("!").partition(":")[0] for word in spec.split()}
    return {name for name, value in given.items() if name not in named and not isinstance(value, Upload)}
