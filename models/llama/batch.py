"""The arrays that llama.cpp reads a batch from, made once."""

import ctypes
from collections.abc import Sequence
from typing import Protocol

import llama_cpp
import numpy as np


class Evaluated(Protocol):
    """`tokens` of `stream` at positions from `start` on, the last `outputs` of which give something out."""

    @property
    def stream(self) -> int: ...

    @property
    def start(self) -> int: ...

    @property
    def tokens(self) -> Sequence[int]: ...

    @property
    def outputs(self) -> int: ...


class Batch:
    """Room for `capacity` tokens, each in one stream. llama-cpp-python's own fills in Python, token by token."""

    def __init__(self, capacity: int) -> None:
        self._tokens = np.zeros(capacity, np.int32)
        self._positions = np.zeros(capacity, np.int32)
        self._streams = np.zeros(capacity, np.int32)
        self._outputs = np.zeros(capacity, np.int8)
        self._counts = np.ones(capacity, np.int32)
        at = self._streams.ctypes.data
        self._stream_pointers = np.arange(at, at + 4 * capacity, 4, dtype=np.uint64)
        self._numbers = np.arange(capacity, dtype=np.int32)
        self.struct = llama_cpp.llama_batch(
            n_tokens=0,
            token=_pointer(self._tokens, llama_cpp.llama_token),
            pos=_pointer(self._positions, llama_cpp.llama_pos),
            n_seq_id=_pointer(self._counts, ctypes.c_int32),
            seq_id=_pointer(self._stream_pointers, ctypes.POINTER(llama_cpp.llama_seq_id)),
            logits=_pointer(self._outputs, ctypes.c_int8),
        )

    def fill(self, rows: Sequence[Evaluated]) -> int:
        """Puts the rows one behind the other; how many tokens of them give something out."""
        end = outputs = 0
        for row in rows:
            begin, end = end, end + len(row.tokens)
            self._tokens[begin:end] = row.tokens
            np.add(self._numbers[: end - begin], row.start, out=self._positions[begin:end])
            self._streams[begin:end] = row.stream
            self._outputs[begin : end - row.outputs] = 0
            self._outputs[end - row.outputs : end] = 1
            outputs += row.outputs
        self.struct.n_tokens = end
        return outputs


def _pointer(array: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]", kind: type) -> object:
    return ctypes.cast(array.ctypes.data, ctypes.POINTER(kind))
