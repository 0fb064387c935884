"""GGUF models that read texts whole: one vector for each text, many texts in one batch."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from pathlib import Path

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRejected, ModelUnavailable
from models.llama.batch import Batch
from models.llama.config import usable_threads
from models.llama.loading import gpu_layers, open_model
from models.llama.owner import Owner
from models.llama.vocabulary import Vocabulary

GPU_BATCH, CPU_BATCH = 1024, 256
"""Tokens in one batch: what an answer that is being written meanwhile has to wait for."""
MOST_TEXTS = 64
"""Texts in one batch; llama.cpp knows 256 sequences at most."""


class Pooling(IntEnum):
    """How the vectors of tokens become one, by llama.cpp's numbers. `RANK` is the head of a reranker."""

    NONE = 0
    MEAN = 1
    CLS = 2
    LAST = 3
    RANK = 4


@dataclass(frozen=True, slots=True)
class PooledConfig:
    """Settings of one such model.

    Texts longer than `n_ctx` tokens are cut, or than what the model was made for. `n_batch` tokens at most are
    evaluated together, except where a single text has more; None for what suits the machine. `pooling` None is what
    the file says. Layers and threads as in `LlamaConfig`.

    Whatever the vocabulary, llama.cpp keeps room for the logits of a batch: for the 250,002 tokens of XLM-RoBERTa
    1 MB a token, which a CPU never touches but which is locked memory beside a GPU.
    """

    path: Path
    name: str = ""
    pooling: Pooling | None = None
    n_ctx: int = 1024
    n_batch: int | None = None
    n_gpu_layers: int = 0
    n_threads: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One text in a batch: a sequence of its own, every token of it an output."""

    stream: int
    tokens: Sequence[int]
    start: int = 0

    @property
    def outputs(self) -> int:
        return len(self.tokens)


class Reader:
    """An open model with its context: the owner's thread alone makes, calls and frees it."""

    def __init__(self, config: PooledConfig) -> None:
        """Raises as `open_pooled` does."""
        layers = gpu_layers(config.n_gpu_layers)
        self.model = open_model(config.path, config.name, layers)
        self.n_ctx = min(config.n_ctx, llama_cpp.llama_model_n_ctx_train(self.model))
        self.most_tokens = config.n_batch or (GPU_BATCH if layers else CPU_BATCH)
        capacity = max(self.n_ctx, self.most_tokens, MOST_TEXTS)
        context = llama_cpp.llama_init_from_model(self.model, context_params(config, capacity))
        if context is None:
            llama_cpp.llama_model_free(self.model)
            raise ModelUnavailable("model.no_memory", path=config.path, n_ctx=config.n_ctx)
        self._context: llama_cpp.llama_context_p = context
        self._batch = Batch(capacity)
        self._is_free = False
        self.pooling = Pooling(llama_cpp.llama_pooling_type(context))
        if self.pooling is Pooling.NONE:
            self.free()
            raise ModelRejected("model.no_pooling", path=config.path)
        is_head = self.pooling is Pooling.RANK
        width_of = llama_cpp.llama_model_n_cls_out if is_head else llama_cpp.llama_model_n_embd_out
        self.width: int = width_of(self.model)

    def evaluate(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """One batch, shape (texts, width). Raises `ModelUnavailable`, also when it was freed meanwhile."""
        if self._is_free:
            raise ModelUnavailable("model.closed")
        memory = llama_cpp.llama_get_memory(self._context)
        if memory is not None:  # a model that could write as well: nothing of the batch before may be seen
            llama_cpp.llama_memory_clear(memory, False)
        self._batch.fill([Text(number, tokens) for number, tokens in enumerate(texts)])
        code = llama_cpp.llama_decode(self._context, self._batch.struct)
        if code:
            raise ModelUnavailable("model.decode_failed", code=code)
        llama_cpp.llama_synchronize(self._context)
        return np.stack([self._vector(number) for number in range(len(texts))])

    def _vector(self, number: int) -> NDArray[np.float32]:
        pointer = llama_cpp.llama_get_embeddings_seq(self._context, number)
        return np.ctypeslib.as_array(pointer, shape=(self.width,)).copy()

    def free(self) -> None:
        self._is_free = True
        llama_cpp.llama_free(self._context)
        llama_cpp.llama_model_free(self.model)


class Pooled:
    """An open model for callers on any thread.

    `n_ctx` is the room of a text in tokens, `width` the length of its vector (of `RANK`: the scores of the head).
    """

    def __init__(self, config: PooledConfig, owner: Owner, reader: Reader) -> None:
        self.config = config
        self.pooling = reader.pooling
        self.n_ctx = reader.n_ctx
        self.width = reader.width
        self.vocabulary = Vocabulary(reader.model)
        self.rerank_template = _template(reader.model)
        self._owner = owner
        self._reader = reader

    @property
    def name(self) -> str:
        return self.config.name or self.config.path.stem

    def vectors(self, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """One row for each text in their order, shape (texts, width); no text may be empty or longer than `n_ctx`.

        Blocks for one batch after the other, so that the owner can do something else between two of them. Raises
        `ModelUnavailable` on a fault of llama.cpp, and once the model is closed.
        """
        batches = packed(texts, self._reader.most_tokens)
        rows = (self._owner.do(partial(self._reader.evaluate, batch)).result() for batch in batches)
        return np.concatenate([np.empty((0, self.width), np.float32), *rows])


def _template(model: llama_cpp.llama_model_p) -> str | None:
    """How the file wants a question and a passage to be written, where it says so."""
    template = llama_cpp.llama_model_chat_template(model, b"rerank")
    return template.decode("utf-8", "replace") if template else None


def context_params(config: PooledConfig, capacity: int) -> llama_cpp.llama_context_params:
    """A context for `capacity` tokens in one pass: an encoder's attention needs a text whole, and all of the batch."""
    params: llama_cpp.llama_context_params = llama_cpp.llama_context_default_params()
    params.n_ctx = params.n_batch = params.n_ubatch = capacity
    params.n_seq_max = MOST_TEXTS
    params.kv_unified = True
    params.embeddings = True
    if config.pooling is not None:
        params.pooling_type = config.pooling
    params.n_threads = params.n_threads_batch = config.n_threads or usable_threads()
    params.no_perf = True
    return params


def packed(texts: Iterable[Sequence[int]], most_tokens: int) -> Iterator[list[Sequence[int]]]:
    """The texts in their order, as many together as have `most_tokens`; a longer one comes alone."""
    batch: list[Sequence[int]] = []
    for text in texts:
        if batch and (len(batch) == MOST_TEXTS or sum(map(len, batch)) + len(text) > most_tokens):
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch


@contextmanager
def open_pooled(config: PooledConfig, owner: Owner) -> Iterator[Pooled]:
    """The model, loaded on the owner's thread and freed there; blocks.

    The owner outlives the block. Raises `ModelMissing`, `ModelDamaged`, `ModelUnavailable` (not loadable, not enough
    memory) or `ModelRejected` (a model that gives no vectors of texts).
    """
    reader = owner.do(lambda: Reader(config)).result()
    pooled = Pooled(config, owner, reader)
    try:
        yield pooled
    finally:
        pooled.vocabulary.close()
        owner.do(reader.free).result()
