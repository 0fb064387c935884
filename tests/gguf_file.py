"""Writes GGUF files (version 3) by the specification: enough of it for the small models that tests make."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
F32, Q4_0 = 0, 2
ALIGNMENT = 32
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tensor:
    """`sizes` with the shortest stride first, as ggml counts; `kind` by ggml's numbers."""

    kind: int
    sizes: tuple[int, ...]
    data: bytes


def plain(values: Array) -> Tensor:
    return Tensor(F32, tuple(reversed(values.shape)), values.astype("<f4").tobytes())


@dataclass(slots=True)
class GGUFFile:
    """Metadata and tensors on their way into a file."""

    tensors: Mapping[str, Tensor]
    _entries: list[bytes] = field(default_factory=list)

    def number(self, key: str, value: int) -> None:
        self._add(key, UINT32, struct.pack("<I", value))

    def real(self, key: str, value: float) -> None:
        self._add(key, FLOAT32, struct.pack("<f", value))

    def flag(self, key: str, *, value: bool) -> None:
        self._add(key, BOOL, struct.pack("<?", value))

    def text(self, key: str, value: str) -> None:
        self._add(key, STRING, _string(value.encode()))

    def texts(self, key: str, values: Sequence[bytes]) -> None:
        self._array(key, STRING, len(values), b"".join(map(_string, values)))

    def numbers(self, key: str, values: Sequence[int]) -> None:
        self._array(key, INT32, len(values), np.asarray(values, "<i4").tobytes())

    def reals(self, key: str, values: Sequence[float]) -> None:
        self._array(key, FLOAT32, len(values), np.asarray(values, "<f4").tobytes())

    def write(self, path: Path) -> Path:
        header = struct.pack("<4sIQQ", b"GGUF", 3, len(self.tensors), len(self._entries))
        head = header + b"".join(self._entries) + self._described()
        parts = [_padded(head), *(_padded(tensor.data) for tensor in self.tensors.values())]
        path.write_bytes(b"".join(parts))
        return path

    def _add(self, key: str, kind: int, value: bytes) -> None:
        self._entries.append(_string(key.encode()) + struct.pack("<I", kind) + value)

    def _array(self, key: str, kind: int, count: int, values: bytes) -> None:
        self._add(key, ARRAY, struct.pack("<IQ", kind, count) + values)

    def _described(self) -> bytes:
        return b"".join(_description(name, *pair) for name, pair in _placed(self.tensors.items()))


def _placed(tensors: Iterable[tuple[str, Tensor]]) -> Iterable[tuple[str, tuple[Tensor, int]]]:
    offset = 0
    for name, tensor in tensors:
        yield name, (tensor, offset)
        offset += len(_padded(tensor.data))


def _description(name: str, tensor: Tensor, offset: int) -> bytes:
    sizes = struct.pack(f"<I{len(tensor.sizes)}Q", len(tensor.sizes), *tensor.sizes)
    return _string(name.encode()) + sizes + struct.pack("<IQ", tensor.kind, offset)


def _string(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % ALIGNMENT)
