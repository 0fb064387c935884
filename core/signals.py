"""What the search told about a question, beside the passages: it costs nothing more and the router reads it."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.conversation import ATTACHED
from core.documents import Passage
from core.ports import SearchResult

NEAR, COVERED = 0.05, 0.4
"""Below both, the search found nothing near: so for 78 % of 90 questions about the world, and for 2 of the 46 that the
example handbook answers, which means no more than that those two stay in the office."""

FEWEST = 20
"""Chunks; among fewer nothing is said to be far."""


@dataclass(frozen=True, slots=True)
class Signals:
    """`nearness`, `coverage` and `embedding` as in `SearchResult`; `spaces` are those that a prompt would draw on."""

    nearness: float = 1.0
    coverage: float = 1.0
    embedding: tuple[float, ...] = ()
    spaces: frozenset[str] = frozenset()

    @property
    def is_near(self) -> bool:
        """Whether anything found may be about the question; a file that came along always is."""
        return self.nearness >= NEAR or self.coverage >= COVERED or ATTACHED in self.spaces


def signals_of(found: SearchResult, drawn_on: Iterable[Passage]) -> Signals:
    """The signals of a search whose prompt would be made of `drawn_on`.

    Half an index does not tell what is near, nor do a handful of chunks: both are measured against all the others.
    """
    spaces = frozenset(passage.space for passage in drawn_on)
    if found.degraded or found.weighed < FEWEST:
        return Signals(embedding=found.embedding, spaces=spaces)
    return Signals(found.nearness, found.coverage, found.embedding, spaces)
