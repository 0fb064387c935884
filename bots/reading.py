"""Payloads from outside, read without trust: what has not the shape it should have counts as not there."""

from collections.abc import Mapping
from typing import Any

Payload = Mapping[str, Any]


def mapping(value: object) -> Payload:
    """The value where it is an object of JSON, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Payload]:
    """The objects of a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def word(value: object) -> str:
    """The value where it is text, else none."""
    return value if isinstance(value, str) else ""


def number(value: object) -> int:
    """The value where it is a whole number that makes sense as a size, else 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def is_ts(value: object) -> bool:
    """Whether it is a time stamp as Slack writes them: seconds since 1970, six digits behind the dot."""
    if not isinstance(value, str) or len(value) > len("1234567890.123456") + 1:
        return False
    seconds, _, serial = value.partition(".")
    return seconds.isascii() and seconds.isdigit() and (serial == "" or (serial.isascii() and serial.isdigit()))
