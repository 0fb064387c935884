"""Choosing the next token: top-k, top-p, temperature, and a grammar that is asked only about the token chosen."""

import ctypes
from collections import OrderedDict
from typing import TypeAlias

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRejected
from models.llama.config import LlamaConfig
from models.llama.loading import Loaded

GRAMMARS_KEPT = 16
Sampler: TypeAlias = "llama_cpp.llama_sampler_p"
TOKEN_DATA = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class GrammarCache:
    """Compiled GBNF grammars, the last used ones kept; each user gets a copy in its start state."""

    def __init__(self, vocab: llama_cpp.llama_vocab_p) -> None:
        self._vocab = vocab
        self._compiled: OrderedDict[str, Sampler] = OrderedDict()

    def start(self, grammar: str) -> Sampler:
        """A fresh sampler of `grammar`, the caller's to free. Raises `ModelRejected` for one that does not parse."""
        if grammar not in self._compiled:
            self._compiled[grammar] = self._compile(grammar)
        self._compiled.move_to_end(grammar)
        if len(self._compiled) > GRAMMARS_KEPT:
            llama_cpp.llama_sampler_free(self._compiled.popitem(last=False)[1])
        copy: Sampler = llama_cpp.llama_sampler_clone(self._compiled[grammar])
        return copy

    def _compile(self, grammar: str) -> Sampler:
        sampler: Sampler = llama_cpp.llama_sampler_init_grammar(self._vocab, grammar.encode(), b"root")
        if not bool(sampler):  # a null pointer
            raise ModelRejected("model.bad_grammar")
        return sampler

    def free(self) -> None:
        while self._compiled:
            llama_cpp.llama_sampler_free(self._compiled.popitem()[1])


def sampler_chain(config: LlamaConfig, temperature: float) -> Sampler:
    """top-k, top-p, temperature, draw; the likeliest token at temperature 0."""
    chain: Sampler = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    if temperature <= 0:
        stages = [llama_cpp.llama_sampler_init_greedy()]
    else:
        seed = llama_cpp.LLAMA_DEFAULT_SEED if config.seed is None else config.seed
        stages = [
            llama_cpp.llama_sampler_init_top_k(config.top_k),
            llama_cpp.llama_sampler_init_top_p(config.top_p, 1),
            llama_cpp.llama_sampler_init_temp(temperature),
            llama_cpp.llama_sampler_init_dist(seed),
        ]
    for stage in stages:
        llama_cpp.llama_sampler_chain_add(chain, stage)
    return chain


class Candidates:
    """Tokens with their logits, in the form that samplers work on."""

    def __init__(self, ids: NDArray[np.int32], logits: NDArray[np.float32]) -> None:
        self._rows = np.zeros(len(ids), TOKEN_DATA)
        self._rows["id"], self._rows["logit"] = ids, logits
        data = ctypes.cast(self._rows.ctypes.data, llama_cpp.llama_token_data_p)
        self._array = llama_cpp.llama_token_data_array(data, len(ids), -1, False)

    def apply(self, sampler: Sampler) -> None:
        llama_cpp.llama_sampler_apply(sampler, ctypes.byref(self._array))

    @property
    def any_allowed(self) -> bool:
        return bool(np.isfinite(self._rows["logit"]).any())

    @property
    def chosen(self) -> int:
        return int(self._array.data[self._array.selected].id)


class TokenSampler:
    """Draws the tokens of one completion.

    A grammar is asked about the drawn token first, and about the whole vocabulary only when it refuses that one: the
    answer is the same form, at a fraction of the time.
    """

    def __init__(self, loaded: Loaded, chain: Sampler, grammar: "Sampler | None") -> None:
        self._loaded = loaded
        self._chain = chain
        self._grammar = grammar

    def sample(self, logits: NDArray[np.float32]) -> int | None:
        """The next token; None where the grammar leaves none."""
        token: int = llama_cpp.llama_sampler_sample(self._chain, self._loaded.context, -1)
        if self._grammar is None or self._allows(self._grammar, token):
            return token
        candidates = Candidates(np.arange(len(logits), dtype=np.int32), logits)
        candidates.apply(self._grammar)
        if not candidates.any_allowed:
            return None
        candidates.apply(self._chain)
        return candidates.chosen

    def accept(self, token: int) -> None:
        """Moves the grammar on; only for a token that `sample` gave and that does not end the text."""
        if self._grammar is not None:
            llama_cpp.llama_sampler_accept(self._grammar, token)

    @staticmethod
    def _allows(grammar: Sampler, token: int) -> bool:
        alone = Candidates(np.array([token], np.int32), np.zeros(1, np.float32))
        alone.apply(grammar)
        return alone.any_allowed

    def free(self) -> None:
        llama_cpp.llama_sampler_free(self._chain)
        if self._grammar is not None:
            llama_cpp.llama_sampler_free(self._grammar)
