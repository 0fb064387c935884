"""Is this a GGUF file that llama.cpp can be trusted with? A malformed one ends the whole process.

The layout is that of the GGUF specification, versions 2 and 3: magic, version, counts, metadata, tensor
descriptions, padding, data; everything little-endian.
"""

import mmap
import struct
from pathlib import Path

from core.errors import ModelDamaged

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_ENTRIES = 1_000_000
MOST_DIMENSIONS = 4
STRING, ARRAY = 8, 9
SCALAR_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}


class Malformed(ValueError):
    """The header contradicts itself or the file's size."""


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
        return value

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

    def value(self, kind: int) -> None:
        """Steps over one metadata value."""
        if kind == STRING:
            self.skip(self.number("Q"))
        elif kind == ARRAY:
            self._array(self.number("I"))
        elif kind in SCALAR_SIZES:
            self.skip(SCALAR_SIZES[kind])
        else:
            raise Malformed(f"holds a value of unknown kind {kind}")

    def _array(self, kind: int) -> None:
        count = self.number("Q")
        if kind in SCALAR_SIZES:
            self.skip(count * SCALAR_SIZES[kind])
        elif kind == STRING and count <= MOST_ENTRIES:
            for _ in range(count):
                self.skip(self.number("Q"))
        else:
            raise Malformed(f"holds an array of {count} values of kind {kind}")


def read_metadata(reader: HeaderReader, count: int) -> set[bytes]:
    """The names of the metadata entries."""
    names = set()
    for _ in range(count):
        names.add(reader.string())
        reader.value(reader.number("I"))
    return names


def read_tensor(reader: HeaderReader) -> int:
    """Steps over one tensor's description; its offset into the data."""
    reader.string()
    dimensions = reader.number("I")
    if dimensions > MOST_DIMENSIONS:
        raise Malformed(f"describes a tensor of {dimensions} dimensions")
    if not all(reader.number("Q") for _ in range(dimensions)):
        raise Malformed("describes an empty tensor")
    reader.number("I")
    return reader.number("Q")


def walk(data: mmap.mmap) -> None:
    """Raises `Malformed` unless the header is complete and every tensor begins inside the file."""
    reader = HeaderReader(data)
    reader.skip(len(MAGIC))
    if data[: len(MAGIC)] != MAGIC:
        raise Malformed("is no GGUF file")
    version = reader.number("I")
    if version not in VERSIONS:
        raise Malformed(f"is GGUF of version {version}")
    tensors, entries = reader.count("tensors"), reader.count("metadata entries")
    if b"general.architecture" not in read_metadata(reader, entries):
        raise Malformed("does not name its architecture")
    offsets = [read_tensor(reader) for _ in range(tensors)]
    if not offsets or reader.at + max(offsets) >= len(data):
        raise Malformed("ends before its last tensor")


def check_header(path: Path) -> None:
    """Raises `ModelDamaged` for a file whose header is not sane. Reads the header only: a fraction of a second."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            walk(data)
    except ValueError as error:  # Malformed, and an empty file, which cannot be mapped
        raise ModelDamaged("model.malformed", path=path, reason=str(error)) from error
