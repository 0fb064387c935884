"""One step on the model: whole streams copied, ends cut, a batch evaluated. The owner thread alone calls it."""

import ctypes

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnavailable
from models.llama.batch import Batch
from models.llama.loading import Loaded
from models.llama.lora import Adapters
from models.llama.step import Copy, Step
from models.llama.stopping import AbortFlag, Stopped

DECODED, ABORTED = 0, 2
WHOLE = -1
"""Streams of a split cache can only be copied from one end to the other."""


class Runner:
    """The context of `loaded`. After a call that raises, what the step's streams hold is not sure."""

    def __init__(self, loaded: Loaded, adapters: Adapters, flag: AbortFlag) -> None:
        self._loaded = loaded
        self._adapters = adapters
        self._batch = Batch(loaded.n_batch)
        flag.watch(loaded.context)

    def run(self, step: Step) -> NDArray[np.float32]:
        """The logits of the step's outputs in the order of its rows, shape (outputs, n_vocab); valid until the next.

        Raises `Stopped` where the flag went up, `ModelUnavailable` on a fault.
        """
        self._move(step)
        if not step.rows:
            return np.empty((0, self._loaded.n_vocab), np.float32)
        self._adapters.use(step.adapter)
        outputs = self._batch.fill(step.rows)
        code = llama_cpp.llama_decode(self._loaded.context, self._batch.struct)
        if code != DECODED:
            if code == ABORTED:
                raise Stopped
            raise ModelUnavailable("model.decode_failed", code=code)
        return self._logits(outputs)

    def _move(self, step: Step) -> None:
        memory = self._loaded.memory
        for move in step.moves:
            if isinstance(move, Copy):
                llama_cpp.llama_memory_seq_cp(memory, move.source, move.target, WHOLE, WHOLE)
            elif not llama_cpp.llama_memory_seq_rm(memory, move.stream, move.length, WHOLE):
                raise ModelUnavailable("model.cannot_forget")

    def _logits(self, outputs: int) -> NDArray[np.float32]:
        llama_cpp.llama_synchronize(self._loaded.context)
        if not outputs:
            return np.empty((0, self._loaded.n_vocab), np.float32)
        pointer = llama_cpp.llama_get_logits(self._loaded.context)
        return np.ctypeslib.as_array(pointer, shape=(outputs, self._loaded.n_vocab))

    def save(self, stream: int) -> bytes:
        """What the stream holds, as llama.cpp writes it."""
        size = llama_cpp.llama_state_seq_get_size(self._loaded.context, stream)
        buffer = (ctypes.c_uint8 * size)()
        written = llama_cpp.llama_state_seq_get_data(self._loaded.context, buffer, size, stream)
        return bytes(memoryview(buffer)[:written])

    def restore(self, stream: int, state: bytes) -> bool:
        """Puts a saved state in place of what the stream holds; False where llama.cpp refuses it: it is empty then."""
        llama_cpp.llama_memory_seq_rm(self._loaded.memory, stream, 0, WHOLE)
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if llama_cpp.llama_state_seq_set_data(self._loaded.context, buffer, len(state), stream) == len(state):
            return True
        llama_cpp.llama_memory_seq_rm(self._loaded.memory, stream, 0, WHOLE)
        return False

    def held(self, stream: int) -> int:
        """How many tokens the stream holds, as llama.cpp counts."""
        return int(llama_cpp.llama_memory_seq_pos_max(self._loaded.memory, stream)) + 1
