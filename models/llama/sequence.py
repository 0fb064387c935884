"""The one sequence in llama.cpp's KV cache, and which tokens it holds."""

import ctypes
from collections.abc import Sequence as Tokens

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnavailable
from models.llama.loading import Loaded
from models.llama.stopping import StopFlag, Stopped

DECODED = 0
ABORTED = 2
SEQUENCE = 0


def shared_length(left: Tokens[int], right: Tokens[int]) -> int:
    """How many tokens both begin with."""
    shared = 0
    for ours, theirs in zip(left, right, strict=False):
        if ours != theirs:
            break
        shared += 1
    return shared


class KvSequence:
    """Sequence 0 of a context. After every call, also one that failed, `tokens` is what the cache holds."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self.tokens: list[int] = []

    @property
    def is_full(self) -> bool:
        return len(self.tokens) >= self._loaded.n_ctx

    def keep(self, count: int) -> None:
        """Forgets all but the first `count` tokens; all of them where the model cannot forget a part."""
        if not llama_cpp.llama_memory_seq_rm(self._loaded.memory, SEQUENCE, count, -1):
            llama_cpp.llama_memory_clear(self._loaded.memory, True)
            count = 0
        del self.tokens[count:]

    def extend(self, tokens: Tokens[int], flag: StopFlag) -> None:
        """Evaluates `tokens` behind those held. Raises `Stopped` once the flag is up, `ModelUnavailable` on a fault."""
        flag.watch(self._loaded.context)
        for start in range(0, len(tokens), self._loaded.n_batch):
            self._evaluate(tokens[start : start + self._loaded.n_batch], flag)

    def _evaluate(self, tokens: Tokens[int], flag: StopFlag) -> None:
        if flag.cause:
            raise Stopped
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        code = llama_cpp.llama_decode(self._loaded.context, llama_cpp.llama_batch_get_one(array, len(tokens)))
        if code == DECODED:
            self.tokens.extend(tokens)
            return
        self.keep(len(self.tokens))
        if code == ABORTED:
            raise Stopped
        raise ModelUnavailable("model.decode_failed", code=code)

    def logits(self) -> NDArray[np.float32]:
        """A view of the last token's logits, shape (n_vocab,); valid until the next evaluation."""
        pointer = llama_cpp.llama_get_logits_ith(self._loaded.context, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._loaded.n_vocab,))

    def save(self) -> bytes:
        """The cache's content as llama.cpp writes it."""
        size = llama_cpp.llama_state_seq_get_size(self._loaded.context, SEQUENCE)
        buffer = (ctypes.c_uint8 * size)()
        written = llama_cpp.llama_state_seq_get_data(self._loaded.context, buffer, size, SEQUENCE)
        return bytes(memoryview(buffer)[:written])

    def restore(self, tokens: Tokens[int], state: bytes) -> bool:
        """Puts `state`, saved when the cache held `tokens`, in place of what is held. False: refused, cache empty."""
        self.keep(0)
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if llama_cpp.llama_state_seq_set_data(self._loaded.context, buffer, len(state), SEQUENCE) != len(state):
            self.keep(0)
            return False
        self.tokens = list(tokens)
        return True
