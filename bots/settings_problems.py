"""What is wrong with settings, in sentences: file and line, key, value, what would be good."""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Literal, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bots.settings_keys import (
    Annotation,
    Key,
    bare,
    dotted,
    field_at,
    is_mapping,
    is_section,
    masked,
    nearest,
    nearest_key,
    origin,
)
from bots.settings_sections import DEFAULT_GROUPS, SpaceSettings
from bots.settings_sources import Layer, Values, origin_of
from core.errors import SettingsError

LONGEST_VALUE = 60
Facts = dict[str, object]


class Rejected(SettingsError):
    """All problems of the settings together; its text has one line for each."""

    def __init__(self, problems: Sequence[SettingsError]) -> None:
        super().__init__("settings.rejected")
        self.problems = tuple(problems)

    def text(self, language: str) -> str:
        return "\n".join(problem.text(language) for problem in self.problems)


def place(problem: SettingsError) -> tuple[str, int]:
    """Orders problems as a person meets them: by file and line, then those of credentials and variables."""
    name, _, line = str(problem.facts.get("where", "")).rpartition(":")
    return (name, int(line)) if line.isdigit() else ("\uffff", 0)


def explain(error: ValidationError, model: type[BaseModel], layers: Sequence[Layer]) -> list[SettingsError]:
    """The problems that the validation found, one for each wrong key."""
    found: dict[Key, SettingsError] = {}
    for detail in error.errors(include_url=False):
        key = _key(detail)
        found.setdefault(key, _explained(detail, key, model, layers))
    return list(found.values())


def _key(detail: ErrorDetails) -> Key:
    """The key of an error, without the places inside lists and pydantic's own marks."""
    names: list[str] = []
    for part in detail["loc"]:
        if not isinstance(part, str):
            break
        names.append(part)
    return tuple(name for name in names if name != "[key]")


def _explained(detail: ErrorDetails, key: Key, model: type[BaseModel], layers: Sequence[Layer]) -> SettingsError:
    facts: Facts = {"where": _where(layers, key), "key": dotted(key)}
    if detail["loc"][-1] == "[key]":
        return SettingsError("settings.bad.name", **facts)
    field = field_at(model, key)
    if field is None or detail["type"] == "extra_forbidden":
        meant = nearest_key(model, key)
        return SettingsError("settings.unknown_key" if meant else "settings.unknown_key_alone", nearest=meant, **facts)
    if detail["type"].startswith("settings."):
        return SettingsError(detail["type"], value=_shown(detail["input"]), **facts, **detail.get("ctx", {}))
    message_id, good = _good(field)
    return SettingsError(message_id, value=_shown(detail["input"]), **facts, **good)


def _where(layers: Sequence[Layer], key: Key) -> str:
    found = origin_of(layers, key)
    return found.place if found else ""


def _shown(value: object) -> str:
    """A value for an error text: as it stands in TOML, cut where it is long, without what may be secret."""
    if isinstance(value, dict | list | tuple):
        return "{...}" if isinstance(value, dict) else "[...]"
    text = masked(json.dumps(value, ensure_ascii=False, default=str)).encode(errors="backslashreplace").decode()
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "..."


def _good(field: FieldInfo) -> tuple[str, Facts]:
    """What a key may hold: the id of the sentence that says so, and its facts."""
    annotation = bare(field.annotation)
    if origin(annotation) is tuple:
        return ("settings.bad.numbers" if bare(get_args(annotation)[0]) is int else "settings.bad.words"), {}
    if is_section(annotation) or is_mapping(annotation):
        return "settings.bad.table", {}
    if choices(annotation):
        return "settings.bad.choice", {"choices": ", ".join(choices(annotation))}
    if annotation is bool:
        return "settings.bad.flag", {}
    if annotation in {int, float}:
        return _range("whole" if annotation is int else "number", field)
    return ("settings.bad.secret" if annotation is SecretStr else "settings.bad.word"), {}


def choices(annotation: Annotation) -> list[str]:
    """The words that may stand here, empty where any may."""
    if origin(annotation) is Literal:
        return list(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [choice.value for choice in annotation]
    return []


def _range(kind: str, field: FieldInfo) -> tuple[str, Facts]:
    low, high = bounds(field)
    if high is None:
        return f"settings.bad.{kind}_from", {"low": low}
    return f"settings.bad.{kind}_between", {"low": low, "high": high}


def bounds(field: FieldInfo) -> tuple[Any, Any]:
    """The least and the largest value of a number, None where there is no such limit."""
    limits = {name: getattr(mark, name) for mark in field.metadata for name in ("ge", "le") if hasattr(mark, name)}
    return limits.get("ge"), limits.get("le")


def misplaced(values: Values, layers: Sequence[Layer]) -> list[SettingsError]:
    """What is wrong between keys: an audience that names an unknown group."""
    groups, spaces = values.get("groups", DEFAULT_GROUPS), values.get("spaces", {})
    if not isinstance(groups, Mapping) or not isinstance(spaces, Mapping):
        return []
    tables: dict[str, Values] = {name: dict(space) for name, space in spaces.items() if isinstance(space, Mapping)}
    return list(_unknown_groups(tables, groups, layers))


def _unknown_groups(
    spaces: Mapping[str, Values], groups: Mapping[str, object], layers: Sequence[Layer]
) -> Iterator[SettingsError]:
    for name, space in spaces.items():
        key = ("spaces", name, "audience") if "audience" in space else ("spaces", name)
        audience = space.get("audience", SpaceSettings.model_fields["audience"].default)
        for group in audience if isinstance(audience, list | tuple) else ():
            if not isinstance(group, str) or group in groups:
                continue
            facts: Facts = {"where": _where(layers, key), "key": dotted(("spaces", name, "audience")), "group": group}
            meant = nearest(group, groups)
            yield SettingsError(
                "settings.unknown_group" if meant else "settings.unknown_group_alone", nearest=meant, **facts
            )
