"""The second line of defence of the log: whatever looks like a secret or a person's address is put out of sight.

The first line is that nobody logs what people write.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from bots.settings_keys import MASK

SHORTEST = 4
"""Characters of a secret that is masked by its value; shorter ones would mask half of the words there are."""
_PATTERNS = (
    re.compile(r"(?i)(?<=authorization)[\"']?\s*[:=]\s*[\"']?(?:\w+\s+)?[^\s,\"'}]+"),
    re.compile(r"(?i)\bbearer\s+[\w.~+/=-]{8,}"),
    re.compile(r"\b(?:xox[a-z]|xapp)-[\w-]{4,}"),
    re.compile(r"\b(?:bot)?\d{6,}:[\w-]{30,}"),
    re.compile(r"\bsk-[\w-]{6,}"),
    re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"),
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"(?<![\w.+-])(?:\+|00)[1-9](?:[ .-]?\d){7,13}(?![\w.])"),
    re.compile(r"(?<![\w.:+-])0[1-9](?:[ .-]?\d){8,9}(?![\w.:]\d)(?!\w)"),
)


class Mask:
    """Puts `secrets`, and what has the shape of others' tokens, addresses and telephone numbers, out of sight."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        values = sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, values))) if values else None

    def __call__(self, text: str) -> str:
        if self._values is not None:
            text = self._values.sub(MASK, text)
        for pattern in _PATTERNS:
            text = pattern.sub(MASK, text)
        return text


def secrets_in(settings: BaseModel) -> frozenset[str]:
    """Every secret of the settings: keys and tokens, and the passwords of addresses, as written and decoded."""
    return frozenset(_secrets(settings))


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _secrets(item)
    elif isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, str) and "://" in value and (password := _password(value)):
        yield password
        yield unquote(password)


def _password(address: str) -> str | None:
    try:
        return urlsplit(address).password
    except ValueError:
        return None
