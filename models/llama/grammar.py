"""Grammars (GBNF): what form an answer may take, asked token by token."""

import ctypes
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeAlias

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRejected

GRAMMARS_KEPT = 16
FEW = 1024
TOKEN_DATA = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])  # llama_token_data
Handle: TypeAlias = "llama_cpp.llama_sampler_p"


def keeping_gil(function: Any) -> Callable[..., Any]:  # noqa: ANN401 - a ctypes function, which has no type of its own
    """A function of llama_cpp as a call that keeps the GIL.

    Giving it up and winning it back costs a short call up to 5 ms where other threads compute.
    """
    prototype = ctypes.PYFUNCTYPE(function.restype, *function.argtypes)
    return prototype(ctypes.cast(function, ctypes.c_void_p).value or 0)


class Candidates:
    """Tokens with their logits, in the form that samplers work on: room for `size`, always the same memory."""

    def __init__(self, size: int) -> None:
        self.rows = np.zeros(size, TOKEN_DATA)
        self.rows["id"] = np.arange(size)
        data = ctypes.cast(self.rows.ctypes.data, llama_cpp.llama_token_data_p)
        self.array = llama_cpp.llama_token_data_array(data, size, -1, False)
        self.pointer = ctypes.pointer(self.array)


class GrammarCalls:
    """The calls of a running grammar and the memory they work on, shared by all grammars of one thread."""

    def __init__(self, n_vocab: int) -> None:
        self.apply = keeping_gil(llama_cpp.llama_sampler_apply)
        self.accept = keeping_gil(llama_cpp.llama_sampler_accept)
        self.clone = keeping_gil(llama_cpp.llama_sampler_clone)
        self.free = keeping_gil(llama_cpp.llama_sampler_free)
        self.few = Candidates(FEW)
        self.all = Candidates(n_vocab)


class Grammar:
    """One use of a grammar, in the state after the tokens accepted so far. To be freed; not used afterwards."""

    def __init__(self, handle: Handle, calls: GrammarCalls) -> None:
        self._handle: Handle | None = handle
        self._calls = calls

    def allows(self, token: int) -> bool:
        """Whether `token` may come next; one that ends the text may where the form is complete."""
        few = self._calls.few
        few.rows[0] = (token, 0.0, 0.0)
        few.array.size = 1
        self._calls.apply(self._handle, few.pointer)
        return bool(few.rows[0]["logit"] == 0)

    def allowed(self, tokens: NDArray[np.intp]) -> NDArray[np.bool_]:
        """For each of `tokens`, `FEW` at most, whether it may come next."""
        few = self._calls.few
        few.array.size = len(tokens)
        rows = few.rows[: len(tokens)]
        rows["id"], rows["logit"] = tokens, 0
        self._calls.apply(self._handle, few.pointer)
        return np.asarray(rows["logit"] == 0)

    def mask(self, logits: NDArray[np.float32]) -> None:
        """Sets the logits of all tokens that may not come next to -inf, in place; shape (n_vocab,).

        Takes 3 to 14 ms over 49,152 tokens, so that here the GIL is given up.
        """
        rows = self._calls.all.rows
        rows["logit"] = logits
        llama_cpp.llama_sampler_apply(self._handle, self._calls.all.pointer)
        logits[:] = rows["logit"]

    def accept(self, token: int) -> None:
        """Moves on. `token` must be one that is allowed and does not end the text: llama.cpp ends the process else."""
        self._calls.accept(self._handle, token)

    def free(self) -> None:
        """Gives the memory back; a second call does nothing."""
        if self._handle is not None:
            self._calls.free(self._handle)
            self._handle = None


class GrammarCache:
    """Compiled grammars, the last used ones kept; each user gets a copy in its start state. For the owner thread."""

    def __init__(self, vocab: llama_cpp.llama_vocab_p, n_vocab: int) -> None:
        self._vocab = vocab
        self._calls = GrammarCalls(n_vocab)
        self._compiled: OrderedDict[str, Handle] = OrderedDict()

    def start(self, text: str) -> Grammar:
        """The grammar `text` (GBNF, beginning at `root`), the caller's to free.

        Raises `ModelRejected` for one that does not parse.
        """
        if text not in self._compiled:
            self._compiled[text] = self._compile(text)
        self._compiled.move_to_end(text)
        if len(self._compiled) > GRAMMARS_KEPT:
            self._calls.free(self._compiled.popitem(last=False)[1])
        return Grammar(self._calls.clone(self._compiled[text]), self._calls)

    def _compile(self, text: str) -> Handle:
        handle: Handle = llama_cpp.llama_sampler_init_grammar(self._vocab, text.encode(), b"root")
        if not bool(handle):  # a null pointer
            raise ModelRejected("model.bad_grammar")
        return handle

    def free(self) -> None:
        """Gives the compiled grammars back; copies handed out stay good until they are freed themselves."""
        while self._compiled:
            self._calls.free(self._compiled.popitem()[1])
