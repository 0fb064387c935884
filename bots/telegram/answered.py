"""Answers that are none of Telegram's, as of a proxy in between: the library takes them for what they should be."""

from collections.abc import Iterator
from contextlib import contextmanager

from telegram.error import NetworkError


@contextmanager
def readable() -> Iterator[None]:
    """Raises `NetworkError` where the library stumbles over an answer."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, ValueError) as fault:
        raise NetworkError(f"an answer that cannot be read: {type(fault).__name__}") from None
