"""An embedding model in a GGUF file behind the embedder's port."""

import hashlib
import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import IndexUnavailable, ModelError, ModelRejected
from models.llama.pooled import Pooled, Pooling

log = logging.getLogger(__name__)

SAMPLE = 1024 * 1024
"""Bytes at either end of a file that tell it from others: its metadata and some of its weights."""


@dataclass(frozen=True, slots=True)
class Prefixes:
    """What a model was taught to see before a question and before a passage; bge-m3 nothing."""

    query: str = ""
    passage: str = ""


class LlamaEmbedder:
    """`core.ports.Embedder` over an open model: float32 vectors of unit length. Text is put into NFC first.

    `name` tells the file, its pooling, where texts are cut and the prefixes, since vectors differ by all of them.
    Texts longer than the model's room lose their end, and the log says so. Raises `IndexUnavailable` on a fault.
    """

    def __init__(self, pooled: Pooled, prefixes: Prefixes | None = None) -> None:
        """Raises `ModelRejected` for a reranker, whose outputs are no vectors."""
        if pooled.pooling is Pooling.RANK:
            raise ModelRejected("model.no_pooling", path=pooled.config.path)
        self._pooled = pooled
        self._prefixes = prefixes or Prefixes()
        self.name = f"{pooled.name}-{identity(pooled, self._prefixes)}"

    @property
    def dimension(self) -> int:
        return self._pooled.width

    def embed_query(self, text: str) -> list[float]:
        vector: list[float] = self.vectors([self._prefixes.query + text])[0].tolist()
        return vector

    def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = self.vectors([self._prefixes.passage + text for text in texts]).tolist()
        return vectors

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (texts, dimension), without prefixes."""
        try:
            vectors = self._pooled.vectors(self._tokens(texts))
        except ModelError as error:
            raise IndexUnavailable("index.embedding_failed", name=self._pooled.name, reason=error) from error
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        units: NDArray[np.float32] = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
        return units

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        pooled = self._pooled
        read = [pooled.vocabulary.text(unicodedata.normalize("NFC", text), pooled.n_ctx) for text in texts]
        if cut := sum(is_cut for _, is_cut in read):
            log.warning("%s: the ends of %d of %d texts were not read", pooled.name, cut, len(texts))
        return [tokens for tokens, _ in read]


def identity(pooled: Pooled, prefixes: Prefixes) -> str:
    """Twelve hexadecimal digits for everything that the vectors depend on."""
    digest = hashlib.sha256(ends_of(pooled.config.path))
    digest.update(repr((pooled.pooling.name, pooled.n_ctx, prefixes.query, prefixes.passage)).encode())
    return digest.hexdigest()[:12]


def ends_of(path: Path) -> bytes:
    """The size of a file and the bytes at both of its ends: hashing all of it would cost a second per gigabyte."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(SAMPLE)
        file.seek(max(0, size - SAMPLE))
        return size.to_bytes(8, "little") + head + file.read()
