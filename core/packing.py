"""Whole numbers as text, for the files of small models: JSON holds them several times shorter so."""

import base64
import sys
from array import array
from collections.abc import Iterable, Sequence


def packed(code: str, values: Iterable[int]) -> str:
    """Whole numbers of `array`'s type `code`, lowest byte first, as base64."""
    return base64.b64encode(_little_endian(array(code, values)).tobytes()).decode()


def unpacked(code: str, text: str) -> Sequence[int]:
    """The numbers of such a text. Raises ValueError (`binascii.Error` among them) where it is none."""
    values = array(code)
    values.frombytes(base64.b64decode(text, validate=True))
    return _little_endian(values)


def _little_endian(values: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        values.byteswap()
    return values
