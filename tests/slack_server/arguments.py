"""The arguments of a Web API call: from the query, a form or JSON, checked against what the method takes."""

import json
import re
from collections.abc import Callable, Mapping

from aiohttp import web

from tests.slack_server.refusals import Json, Refused, misshaped

TS = re.compile(r"\d{1,12}(\.\d{1,6})?")
EVERYWHERE = {"team_id"}
"""Arguments that every method takes: Bolt's clients send their team along with all of them."""
TRUE, FALSE = {"1", "true"}, {"0", "false"}


async def given_to(request: web.Request, *, reads: bool) -> Json:
    """What the caller gave. JSON bodies are read by the methods that write; those that read take query and forms."""
    given: Json = dict(request.query)
    if request.method != "POST":
        return given
    if request.content_type == "application/json":
        return given if reads else given | _json_object(await request.text())
    form = await request.post()
    return given | {name: value for name, value in form.items() if isinstance(value, str)}


def _json_object(body: str) -> Json:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise Refused("invalid_json") from error
    if not isinstance(found, dict):
        raise Refused("json_not_object")
    return found


def _text(value: object) -> str:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError("must be a string")


def _ts(value: object) -> str:
    if not isinstance(value, str) or not TS.fullmatch(value):
        raise ValueError("must be a timestamp")
    return value


def _flag(value: object) -> bool:
    word = str(value).lower()
    if word not in TRUE | FALSE:
        raise ValueError("must be a boolean")
    return word in TRUE


def _number(value: object) -> int:
    try:
        return int(_text(value))
    except ValueError:
        raise ValueError("must be an integer") from None


def _structure(value: object, kind: type[list[object]] | type[Json]) -> object:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError("is no JSON") from None
    if isinstance(value, kind):
        return value
    raise ValueError(f"must be a {kind.__name__}")


def _names(value: object) -> list[str]:
    return value if isinstance(value, list) else [name for name in _text(value).split(",") if name]


KINDS: Mapping[str, Callable[[object], object]] = {
    "text": _text,
    "ts": _ts,
    "flag": _flag,
    "number": _number,
    "list": lambda value: _structure(value, list),
    "object": lambda value: _structure(value, dict),
    "names": _names,
}


def taken(spec: str, given: Json) -> Json:
    """The arguments as Python values. `spec` names them, as in `channel! ts:ts! limit:number`: `!` for required.

    Unknown, missing and misshaped ones are `invalid_arguments`; a null counts as not given.
    """
    kinds = dict(_spec(word) for word in spec.split())
    found: Json = {}
    problems = [f"unknown argument: {name}" for name in given if name not in kinds.keys() | EVERYWHERE]
    for name, (kind, required) in kinds.items():
        if given.get(name) is None:
            problems += [f"missing required field: {name}"] if required else []
            continue
        try:
            found[name] = KINDS[kind](given[name])
        except ValueError as error:
            problems.append(f"{name} {error}")
    if problems:
        raise misshaped(*problems)
    return found


def _spec(word: str) -> tuple[str, tuple[str, bool]]:
    name, _, kind = word.rstrip("!").partition(":")
    return name, (kind or "text", word.endswith("!"))
