"""A second look at what was found: a reranker reads the best passages together with the question."""

import asyncio
import logging
from dataclasses import replace

from core.documents import Passage
from core.errors import ModelError
from core.ports import Reranker, Retriever, SearchResult

log = logging.getLogger(__name__)

DEPTH = 20
"""Passages that are read again; each costs the reranker as much as embedding it."""


class RerankingRetriever:
    """`core.ports.Retriever` over another one. The passages are the other's `depth` best in the reranker's order.

    Their scores are the reranker's. Where it fails, the other's order and scores stand, and the log says so.
    """

    def __init__(self, retriever: Retriever, reranker: Reranker, depth: int = DEPTH) -> None:
        self._retriever = retriever
        self._reranker = reranker
        self._depth = depth

    async def search(self, query: str, spaces: frozenset[str], limit: int) -> SearchResult:
        """Raises as the other retriever does."""
        found = await self._retriever.search(query, spaces, max(limit, self._depth))
        passages = await asyncio.to_thread(self._reranked, found.query, found.passages)
        return replace(found, passages=passages[:limit])

    def _reranked(self, query: str, passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
        if not passages:
            return passages
        try:
            scores = self._reranker.score(query, [readable(passage) for passage in passages])
        except ModelError as error:
            log.warning("%s: %s", self._reranker.name, error)
            return passages
        scored = [replace(passage, score=score) for passage, score in zip(passages, scores, strict=True)]
        return tuple(sorted(scored, key=lambda passage: -passage.score))


def readable(passage: Passage) -> str:
    """What is read: the text under its title and heading, as it is indexed."""
    line = " › ".join(part for part in (passage.title, passage.heading) if part)
    return f"{line}\n{passage.text}" if line else passage.text
