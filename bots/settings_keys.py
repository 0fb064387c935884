"""Keys of the settings: which there are, what each may hold, which is meant by a misspelt one.

A key is a path of names, `("routing", "strategy")`. Where people choose the names themselves (groups, spaces) a
reference path has `NAME`: `("spaces", "NAME", "label")`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

Key = tuple[str, ...]
Annotation = Any  # what stands after a field's colon: a class, a generic or a union

CHOSEN = "NAME"
_BARE = re.compile(r"[A-Za-z0-9_-]+")
MASK = "********"
_CREDENTIALS = re.compile(r"(?<=://)([^/\s:@]*):[^/\s]+(?=@)")
_TOKENS = re.compile(r"\b(?:sk-|xox[a-z]-|xapp-)[\w-]+|\b\d{6,}:[\w-]{30,}")


def masked(text: str) -> str:
    """`text` with passwords in addresses and whatever looks like an access token put out of sight."""
    return _TOKENS.sub(MASK, _CREDENTIALS.sub(rf"\1:{MASK}", text))


def quoted(name: str) -> str:
    """A name as TOML writes it, in quotes where it needs them."""
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def dotted(key: Sequence[str]) -> str:
    return ".".join(quoted(name) for name in key)


def origin(annotation: Annotation) -> object:
    """The generic of an annotation: `dict` of `dict[str, int]`."""
    return get_origin(annotation)


def bare(annotation: Annotation) -> Annotation:
    """The annotation without `None` and marks: `int` of `Annotated[int, Ge(0)] | None`."""
    while True:
        if origin(annotation) in {Union, UnionType}:
            annotation = next(part for part in get_args(annotation) if part is not type(None))
        elif origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        else:
            return annotation


def is_section(annotation: Annotation) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def is_mapping(annotation: Annotation) -> bool:
    """True where the keys below are names that people choose."""
    return origin(annotation) is dict


def field_at(model: type[BaseModel], key: Sequence[str]) -> FieldInfo | None:
    """What stands at `key`, None where the settings have no such key."""
    found = FieldInfo.from_annotation(model)
    for name in key:
        annotation = bare(found.annotation)
        if is_mapping(annotation):
            found = FieldInfo.from_annotation(get_args(annotation)[1])
        elif is_section(annotation) and name in annotation.model_fields:
            found = annotation.model_fields[name]
        else:
            return None
    return found


def is_secret(model: type[BaseModel], key: Sequence[str]) -> bool:
    field = field_at(model, key)
    return field is not None and bare(field.annotation) is SecretStr


def leaves(annotation: Annotation, above: Key = ()) -> Iterator[tuple[Key, FieldInfo]]:
    """Every key that holds a value, in the order of the reference page."""
    for name, field in annotation.model_fields.items():
        inner = bare(field.annotation)
        if is_section(inner):
            yield from leaves(inner, (*above, name))
        elif is_mapping(inner) and is_section(get_args(inner)[1]):
            yield from leaves(get_args(inner)[1], (*above, name, CHOSEN))
        else:
            yield (*above, name, *([CHOSEN] if is_mapping(inner) else [])), field


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` most likely stands for, None where none is near."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def nearest_key(model: type[BaseModel], key: Key) -> str | None:
    """The known key that the unknown `key` most likely stands for, dotted.

    A neighbour in the same section comes first, then any section or key, then a key of that last name elsewhere.
    """
    known = [dotted(found) for found, _ in leaves(model) if CHOSEN not in found]
    section = field_at(model, key[:-1])
    fields: Mapping[str, FieldInfo] = {}
    if section is not None and is_section(bare(section.annotation)):
        fields = bare(section.annotation).model_fields
    neighbour = nearest(key[-1], fields)
    if neighbour:
        return dotted((*key[:-1], neighbour))
    elsewhere = [name for name in known if name.rpartition(".")[2] == key[-1]]
    return next(iter(elsewhere), None) or nearest(
        ".".join(key), [*(model.model_fields if len(key) == 1 else ()), *known]
    )


def variable(key: Sequence[str], prefix: str = "SOTAY_") -> str:
    """The environment name of a key: `SOTAY_ROUTING__STRATEGY`."""
    return prefix + "__".join(key).upper()
