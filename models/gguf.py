"""The header of a GGUF file: can llama.cpp be trusted with it (a malformed one ends the whole process), what is in it?

The layout is that of the GGUF specification, versions 2 and 3: magic, version, counts, metadata, tensor
descriptions, padding, data; everything little-endian.
"""

import mmap
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from core.errors import ModelDamaged

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_ENTRIES = 1_000_000
MOST_DIMENSIONS = 4
MOST_KEPT = 4096  # of one array's numbers: one a layer, never one a token
ALIGNMENT = 32  # where the file names no other
STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}

Value = int | float | bytes | tuple[int | float, ...] | None
"""A metadata value; None for what is stepped over: arrays of texts, and long ones."""


class Malformed(ValueError):
    """The header contradicts itself or the file's size."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor. `shape` begins with the length of a row; `size` in bytes may count the padding behind it."""

    name: str
    shape: tuple[int, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of itself."""

    metadata: dict[str, Value]
    tensors: tuple[Tensor, ...]

    def text(self, key: str) -> str:
        """A text of the metadata, empty where there is none."""
        value = self.metadata.get(key)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""

    def numbers(self, key: str) -> tuple[int, ...]:
        """Whole numbers of the metadata, one or an array of them; empty where there are none."""
        value = self.metadata.get(key)
        found = value if isinstance(value, tuple) else (value,)
        return tuple(number for number in found if isinstance(number, int))


class HeaderReader:
    """Walks over the header; every step that would leave the file raises `Malformed`."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.at = 0

    def number(self, code: str) -> int:
        """The next number in `struct` notation (I: 32 bits, Q: 64)."""
        size = struct.calcsize(code)
        self.skip(size)
        value: int = struct.unpack_from(f"<{code}", self._data, self.at - size)[0]
        return value  # a float for the codes f and d

    def skip(self, size: int) -> None:
        if size > len(self._data) - self.at:
            raise Malformed("ends inside its header")
        self.at += size

    def count(self, what: str) -> int:
        value = self.number("Q")
        if value > MOST_ENTRIES:
            raise Malformed(f"claims {value} {what}")
        return value

    def string(self) -> bytes:
        size = self.number("Q")
        self.skip(size)
        return self._data[self.at - size : self.at]

    def value(self, kind: int) -> Value:
        """The next metadata value."""
        if kind == STRING:
            return self.string()
        if kind == ARRAY:
            return self._array(self.number("I"))
        if kind in SCALARS:
            return self.number(SCALARS[kind])
        raise Malformed(f"holds a value of unknown kind {kind}")

    def _array(self, kind: int) -> Value:
        count = self.number("Q")
        if kind in SCALARS and count <= MOST_KEPT:
            return tuple(self.number(SCALARS[kind]) for _ in range(count))
        if kind in SCALARS:
            self.skip(count * struct.calcsize(SCALARS[kind]))
        elif kind == STRING and count <= MOST_ENTRIES:
            for _ in range(count):
                self.skip(self.number("Q"))
        else:
            raise Malformed(f"holds an array of {count} values of kind {kind}")
        return None


def read_metadata(reader: HeaderReader, count: int) -> dict[str, Value]:
    """The metadata entries by name."""
    found: dict[str, Value] = {}
    for _ in range(count):
        name = reader.string().decode("utf-8", "replace")
        found[name] = reader.value(reader.number("I"))
    return found


def read_tensor(reader: HeaderReader) -> tuple[int, str, tuple[int, ...]]:
    """One tensor's offset into the data, its name and its shape."""
    name = reader.string().decode("utf-8", "replace")
    dimensions = reader.number("I")
    if dimensions > MOST_DIMENSIONS:
        raise Malformed(f"describes a tensor of {dimensions} dimensions")
    shape = tuple(reader.number("Q") for _ in range(dimensions))
    if not all(shape):
        raise Malformed("describes an empty tensor")
    reader.number("I")
    return reader.number("Q"), name, shape


def walk(data: mmap.mmap) -> Header:
    """The header. Raises `Malformed` unless it is complete and every tensor begins inside the file."""
    reader = HeaderReader(data)
    reader.skip(len(MAGIC))
    if data[: len(MAGIC)] != MAGIC:
        raise Malformed("is no GGUF file")
    version = reader.number("I")
    if version not in VERSIONS:
        raise Malformed(f"is GGUF of version {version}")
    tensors, entries = reader.count("tensors"), reader.count("metadata entries")
    metadata = read_metadata(reader, entries)
    if "general.architecture" not in metadata:
        raise Malformed("does not name its architecture")
    found = sorted(read_tensor(reader) for _ in range(tensors))
    if not found or reader.at + found[-1][0] >= len(data):
        raise Malformed("ends before its last tensor")
    alignment = metadata.get("general.alignment")
    step = alignment if isinstance(alignment, int) and alignment > 0 else ALIGNMENT
    end = len(data) - (reader.at + -reader.at % step)
    offsets = [offset for offset, _, _ in found]
    sizes = [after - offset for offset, after in pairwise([*offsets, end])]
    return Header(
        metadata, tuple(Tensor(name, shape, size) for (_, name, shape), size in zip(found, sizes, strict=True))
    )


def read_header(path: Path) -> Header:
    """The header of a file. Raises `ModelDamaged` where it is not sane. A fraction of a second."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return walk(data)
    except ValueError as error:  # Malformed, and an empty file, which cannot be mapped
        raise ModelDamaged("model.malformed", path=path, reason=str(error)) from error


def check_header(path: Path) -> None:
    """Raises `ModelDamaged` for a file whose header is not sane."""
    read_header(path)
