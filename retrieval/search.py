"""The query side: how was it typed, tone marks restored, dense and lexical candidates fused, checked against SQL."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from core.documents import Passage
from core.ports import Embedder, SearchResult, Typing
from retrieval.damage import IndexDamaged
from retrieval.restoring import expand
from retrieval.vietnamese import normalise, typing_of

MAX_QUERY = 2000
"""Characters of a query that are read; no question needs more."""
CANDIDATES = 100
"""Hits that each half may bring."""
DENSE_WEIGHT: Mapping[Typing, float] = {Typing.ACCENTED: 0.5, Typing.UNACCENTED: 0.5, Typing.ENGLISH: 0.85}
"""The dense half's part of a score, the rest is lexical. `python -m benchmarks.retrieval` prints what they reach."""

Hits = Sequence[tuple[str, float]]
NO_HITS: Hits = ()
NOTHING: tuple[Hits, float] = ((), 0.0)

_T = TypeVar("_T")


class DenseIndex(Protocol):
    """Raises `IndexDamaged` while it cannot be searched."""

    def search(self, vector: Sequence[float], spaces: frozenset[str], limit: int) -> Hits: ...


class LexicalIndex(Protocol):
    """Likewise."""

    def search(self, query: str, spaces: frozenset[str], limit: int, typing: Typing) -> Hits: ...

    def restored(self, query: str) -> str: ...

    def coverage(self, query: str, chunk_id: str, typing: Typing) -> float: ...


class Recheck(Protocol):
    async def __call__(self, chunk_ids: Sequence[str], spaces: frozenset[str]) -> Mapping[str, Passage]:
        """Those of the chunks that the database still holds in one of `spaces`, by id."""
        ...


@dataclass(frozen=True, slots=True)
class Query:
    """A query made ready: `text` as typed without abbreviations, `restored` with its tone marks."""

    text: str
    restored: str
    typing: Typing


class Attempt:
    """One half of the index during one search; `lost` once it was found damaged."""

    def __init__(self) -> None:
        self.lost: IndexDamaged | None = None

    def get(self, part: Callable[[], _T], instead: _T) -> _T:
        """What `part` finds, or `instead` where the half is lost."""
        if self.lost is None:
            try:
                return part()
            except IndexDamaged as damage:
                self.lost = damage
        return instead


@dataclass(frozen=True, slots=True)
class Candidates:
    """What both halves found, and the weight that the dense one has in it."""

    query: Query
    near: Hits = ()
    worded: Hits = ()
    coverage: float = 0.0
    dense_weight: float = 0.0
    degraded: bool = False
    embedding: tuple[float, ...] = ()


class HybridRetriever:
    """`core.ports.Retriever` over a dense and a lexical index; `recheck` has the last word on every passage."""

    def __init__(
        self,
        embedder: Embedder,
        dense: DenseIndex,
        lexical: LexicalIndex,
        recheck: Recheck,
        candidates: int = CANDIDATES,
    ) -> None:
        self._candidate_count = candidates
        self._embedder = embedder
        self._dense = dense
        self._lexical = lexical
        self._recheck = recheck

    async def search(self, query: str, spaces: frozenset[str], limit: int) -> SearchResult:
        """At most `limit` passages out of `spaces`, best first. Raises `IndexUnavailable` and `StoreError`.

        While one half of the index is damaged the other answers alone, and the result says that it is degraded.
        """
        found = await asyncio.to_thread(self._candidates, query, spaces)
        ranked = fuse(found.near, found.worded, found.dense_weight)
        return SearchResult(
            passages=tuple(await self._checked(ranked, spaces, limit)),
            query=found.query.restored,
            typing=found.query.typing,
            nearness=found.near[0][1] if found.near else 0.0,
            coverage=found.coverage,
            degraded=found.degraded,
            embedding=found.embedding,
            weighed=len(ranked),
        )

    def _candidates(self, query: str, spaces: frozenset[str]) -> Candidates:
        """What both halves find.

        One after the other in one thread: the embedder keeps two cores busy, and a lexical search beside it slows both
        (p95 of the whole search on two cores 36 to 41 ms at once, 34 to 36 ms in turn).
        """
        words, vectors = Attempt(), Attempt()
        asked = understood(query, lambda line: words.get(lambda: self._lexical.restored(line), line))
        if not asked.text or not spaces:
            return Candidates(asked)
        worded, coverage = words.get(lambda: self._worded(asked, spaces), NOTHING)
        vector = self._embedder.embed_query(asked.restored)
        near = vectors.get(lambda: self._dense.search(vector, spaces, self._candidate_count), NO_HITS)
        if words.lost and vectors.lost:
            raise words.lost
        weight = 0.0 if vectors.lost else 1.0 if words.lost else DENSE_WEIGHT[asked.typing]
        degraded = bool(words.lost or vectors.lost)
        return Candidates(asked, near, worded, coverage, weight, degraded, tuple(vector))

    def _worded(self, asked: Query, spaces: frozenset[str]) -> tuple[Hits, float]:
        """Lexical hits, and the coverage of the best one."""
        hits = self._lexical.search(asked.text, spaces, self._candidate_count, asked.typing)
        return hits, self._lexical.coverage(asked.text, hits[0][0], asked.typing) if hits else 0.0

    async def _checked(self, ranked: Hits, spaces: frozenset[str], limit: int) -> list[Passage]:
        """The first `limit` of `ranked` that the database confirms; what an index remembers wrongly is passed over."""
        passages: list[Passage] = []
        start = 0
        while len(passages) < limit and start < len(ranked):
            part = ranked[start : start + limit]
            start += limit
            confirmed = await self._recheck([chunk_id for chunk_id, _ in part], spaces)
            passages += [
                replace(passage, score=score)
                for chunk_id, score in part
                if (passage := confirmed.get(chunk_id)) and passage.space in spaces
            ]
        return passages[:limit]


def understood(query: str, restored: Callable[[str], str]) -> Query:
    """The query as it is searched; `restored` puts the marks on a line that was typed without them.

    A follow-up may be typed in another way than the question that it stands under.
    """
    text = normalise(query[: 2 * MAX_QUERY])[:MAX_QUERY]
    typing = typing_of(text)
    if typing is Typing.ENGLISH:
        return Query(text, text, typing)
    typed = text.splitlines()
    lines = [expand(line) for line in typed]
    pairs = zip(typed, lines, strict=True)
    marked = "\n".join(restored(line) if typing_of(one) is Typing.UNACCENTED else line for one, line in pairs)
    return Query("\n".join(lines) if typing is Typing.UNACCENTED else marked, marked, typing)


def fuse(near: Hits, worded: Hits, dense_weight: float) -> Hits:
    """Both lists as one, best first, scores in 0..1; a chunk that one list lacks gets nothing from it.

    Cosines lie close together, so they are stretched from the last candidate's to the best one's; BM25 scores start
    at 0 by nature and are divided by the best.
    """
    lowest = near[-1][1] if len(near) > 1 else -1.0
    scores = {chunk_id: dense_weight * share for chunk_id, share in _shares(near, lowest)}
    for chunk_id, share in _shares(worded, 0.0):
        scores[chunk_id] = scores.get(chunk_id, 0.0) + (1 - dense_weight) * share
    return sorted(scores.items(), key=lambda scored: scored[1], reverse=True)


def _shares(hits: Hits, lowest: float) -> Hits:
    """Each score's place (0..1) between `lowest` and the best."""
    width = hits[0][1] - lowest if hits else 0.0
    return [(chunk_id, min(1.0, max(0.0, (score - lowest) / width)) if width > 0 else 1.0) for chunk_id, score in hits]
