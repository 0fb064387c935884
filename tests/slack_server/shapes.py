"""A small language for the shapes of blocks: what must be there, and how long it may be."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from tests.slack_server.refusals import Json

Check = Callable[[object, str], Iterator[str]]
"""Takes a value and where it stands; yields what is wrong with it."""


def text(at_most: int, at_least: int = 1) -> Check:
    """A bare string, in characters."""

    def check(value: object, where: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{where}: must be a string"
        elif not at_least <= len(value) <= at_most:
            yield f"{where}: must be {at_least} to {at_most} characters, is {len(value)}"

    return check


def plain(at_most: int) -> Check:
    """A text object of type `plain_text`."""
    return _text_object(at_most, {"plain_text"})


def words(at_most: int) -> Check:
    """A text object of either type."""
    return _text_object(at_most, {"plain_text", "mrkdwn"})


def _text_object(at_most: int, types: Collection[str]) -> Check:
    own_fields = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}

    def check(value: object, where: str) -> Iterator[str]:
        if not isinstance(value, dict) or value.get("type") not in types:
            yield f"{where}: must be a text object of {sorted(types)}"
            return
        yield from text(at_most)(value.get("text"), f"{where}.text")
        if extra := value.keys() - own_fields[value["type"]]:
            yield f"{where}: unknown fields {sorted(extra)}"

    return check


def anything(value: object, where: str) -> Iterator[str]:
    del value, where
    yield from ()


def flag(value: object, where: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{where}: must be a boolean"


def one_of(*values: str) -> Check:
    def check(value: object, where: str) -> Iterator[str]:
        if value not in values:
            yield f"{where}: must be one of {values}"

    return check


def many(item: Check, at_most: int, at_least: int = 1) -> Check:
    """A list of so many."""

    def check(value: object, where: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{where}: must be a list"
            return
        if not at_least <= len(value) <= at_most:
            yield f"{where}: must hold {at_least} to {at_most}, holds {len(value)}"
        for number, part in enumerate(value):
            yield from item(part, f"{where}[{number}]")

    return check


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: fields that must be there and fields that may. With `loose`, others may stand beside them."""

    must: Mapping[str, Check]
    may: Mapping[str, Check]
    loose: bool = False

    def __call__(self, value: object, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{where}: must be an object"
            return
        for name, check in self.must.items():
            if name not in value:
                yield f"{where}: missing {name}"
            else:
                yield from check(value[name], f"{where}.{name}")
        yield from self._rest(value, where)

    def _rest(self, value: Json, where: str) -> Iterator[str]:
        for name in value.keys() - self.must.keys() - {"type"}:
            if name in self.may:
                yield from self.may[name](value[name], f"{where}.{name}")
            elif not self.loose:
                yield f"{where}: unknown field {name}"


def by_type(shapes: Mapping[str, Check]) -> Check:
    """An object whose `type` says which shape it has."""

    def check(value: object, where: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in shapes:
            yield f"{where}: unsupported type {kind}"
        else:
            yield from shapes[kind](value, where)

    return check
