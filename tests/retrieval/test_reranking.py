"""The second look at what was found: order, depth, what is read, and a reranker that fails."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from core.documents import Label, Passage
from core.errors import ModelUnavailable
from core.ports import SearchResult, Typing
from retrieval.reranking import RerankingRetriever

SPACES = frozenset({"staff"})


def passage(name: str, score: float) -> Passage:
    return Passage(
        name, name, f"{name}.md", f"Title {name}", "Head", None, f"text {name}", "staff", Label.INTERNAL, score
    )


FOUND = tuple(passage(name, 1 - at / 10) for at, name in enumerate("abcdef"))


@dataclass(slots=True)
class Finding:
    """A retriever that finds `FOUND`, and remembers how many it was asked for."""

    passages: tuple[Passage, ...] = FOUND
    limits: list[int] = field(default_factory=list)

    async def search(self, query: str, spaces: frozenset[str], limit: int) -> SearchResult:
        assert spaces == SPACES
        self.limits.append(limit)
        return SearchResult(self.passages[:limit], f"{query}!", Typing.ACCENTED, 0.4, 0.6, degraded=True)


@dataclass(slots=True)
class Scoring:
    """A reranker that knows its scores by the end of what it reads."""

    scores: dict[str, float]
    asked: list[tuple[str, list[str]]] = field(default_factory=list)
    name: str = "scoring"

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        self.asked.append((query, list(passages)))
        if not self.scores:
            raise ModelUnavailable("model.decode_failed", code=-3)
        return [self.scores.get(text[-1], 0.0) for text in passages]


async def test_the_best_are_read_again_and_come_in_the_new_order() -> None:
    finding, scoring = Finding(), Scoring({"d": 0.9, "b": 0.8, "f": 1.0})
    found = await RerankingRetriever(finding, scoring, depth=4).search("phép", SPACES, 3)
    assert [(one.chunk_id, one.score) for one in found.passages] == [("d", 0.9), ("b", 0.8), ("a", 0.0)]
    assert finding.limits == [4]
    assert (found.query, found.nearness, found.coverage, found.degraded) == ("phép!", 0.4, 0.6, True)


async def test_the_question_as_searched_is_read_with_title_heading_and_text() -> None:
    scoring = Scoring({"a": 1.0})
    await RerankingRetriever(Finding(FOUND[:1]), scoring).search("phép", SPACES, 3)
    assert scoring.asked == [("phép!", ["Title a › Head\ntext a"])]


async def test_as_many_are_read_as_are_wanted() -> None:
    finding = Finding()
    found = await RerankingRetriever(finding, Scoring({"f": 1.0}), depth=2).search("phép", SPACES, 6)
    assert finding.limits == [6]
    assert [one.chunk_id for one in found.passages] == list("fabcde")


async def test_a_reranker_that_fails_leaves_the_order_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = await RerankingRetriever(Finding(), Scoring({})).search("phép", SPACES, 2)
    assert found.passages == FOUND[:2]
    assert "scoring" in caplog.text


async def test_nothing_found_is_nothing_read() -> None:
    scoring = Scoring({})
    assert (await RerankingRetriever(Finding(()), scoring).search("phép", SPACES, 2)).passages == ()
    assert scoring.asked == []
