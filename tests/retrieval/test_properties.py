"""What must hold for every text: of restoring, of fusing, and of the lexical index after any adding and removing."""

import shutil
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.counting import base_texts
from retrieval.index_entry import IndexedChunk
from retrieval.lexical import LexicalIndex
from retrieval.restoring import restore
from retrieval.search import fuse
from retrieval.vietnamese import fold, is_marked, normalise, words
from tests.retrieval.test_restoring import Counted

SYLLABLES = ("nghỉ", "phép", "năm", "nam", "ngày", "Lương", "trả", "wifi", "VOR/DME", "12", "đăng", "ký", "ở", "BH")
TYPED = st.lists(st.sampled_from([*SYLLABLES, *map(fold, SYLLABLES), ".", "?", "\n", "(", ",", "!"])).map(" ".join)
SCORES = st.lists(st.floats(min_value=0.01, max_value=1.0), min_size=1, max_size=12)
COUNTS = Counted(base_texts()[-200:])
STEPS = st.lists(
    st.tuples(st.integers(min_value=0, max_value=4), st.lists(st.sampled_from(SYLLABLES), max_size=6)), max_size=8
)


def hits(prefix: str, scores: list[float]) -> list[tuple[str, float]]:
    return [(f"{prefix}{n}", score) for n, score in enumerate(sorted(scores, reverse=True))]


@given(TYPED)
def test_restoring_adds_marks_and_changes_nothing_else(typed: str) -> None:
    assert fold(restore(typed, COUNTS)) == fold(typed)


@given(TYPED)
def test_restoring_twice_is_restoring_once_for_words_that_got_marks(typed: str) -> None:
    once = restore(typed, COUNTS)
    again = words(restore(once, COUNTS))
    assert all(after == before for before, after in zip(words(once), again, strict=True) if is_marked(before))


@given(TYPED)
def test_marks_that_were_typed_are_never_touched(typed: str) -> None:
    pairs = zip(words(typed), words(restore(typed, COUNTS)), strict=True)
    assert all(before == after for before, after in pairs if is_marked(before))


@given(st.text(max_size=60))
def test_any_text_at_all_keeps_its_letters_and_their_case_when_restored(text: str) -> None:
    text = normalise(text)
    assert fold(restore(text, COUNTS)) == fold(text)


@given(near=SCORES, worded=SCORES, weight=st.floats(min_value=0, max_value=1))
def test_fusing_keeps_every_chunk_once_between_0_and_1_best_first(
    near: list[float], worded: list[float], weight: float
) -> None:
    dense, lexical = hits("c", near), hits("c", worded)
    fused = fuse(dense, lexical, weight)
    scores = [score for _, score in fused]
    assert {name for name, _ in fused} == {name for name, _ in (*dense, *lexical)}
    assert len(fused) == len(dict(fused))
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 + 1e-9 for score in scores)


@given(near=SCORES, worded=SCORES, weight=st.floats(min_value=0, max_value=1))
def test_a_chunk_that_both_halves_put_before_another_comes_before_it(
    near: list[float], worded: list[float], weight: float
) -> None:
    size = min(len(near), len(worded))
    dense, lexical = hits("c", near)[:size], hits("c", worded)[:size]
    fused = dict(fuse(dense, lexical, weight))
    order = [fused[name] for name, _ in dense]
    assert all(one >= other - 1e-9 for one, other in pairwise(order))


@given(scores=SCORES)
def test_a_half_without_weight_decides_nothing(scores: list[float]) -> None:
    first, second = hits("a", scores), hits("b", scores)
    assert all(score == 0.0 for name, score in fuse(first, second, 0.0) if name.startswith("a"))
    assert all(score == 0.0 for name, score in fuse(first, second, 1.0) if name.startswith("b"))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new index, closed: counting the shipped texts once is enough."""
    path = tmp_path_factory.mktemp("fresh") / "lexical.db"
    LexicalIndex(path).close()
    return path


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything that searching reads, without the numbers of rows."""
    queries = {
        "chunk": "SELECT chunk_id, space, text FROM chunk ORDER BY chunk_id",
        "syllable": "SELECT form, folded, n FROM syllable ORDER BY form",
        "pair": "SELECT first, second, n FROM pair ORDER BY first, second",
        "vocabulary": "SELECT term, doc, cnt FROM vocabulary ORDER BY term",
    }
    with closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(query).fetchall() for name, query in queries.items()}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_adding_and_removing_an_index_equals_one_filled_at_once(
    fresh: Path, tmp_path: Path, steps: list[tuple[int, list[str]]]
) -> None:
    """An empty text stands for removing the chunk."""
    used, made = tmp_path / "used.db", tmp_path / "made.db"
    held: dict[int, IndexedChunk] = {}
    for path in (used, made):
        for old in tmp_path.glob(f"{path.name}?*"):
            old.unlink()
        shutil.copy(fresh, path)
    with LexicalIndex(used) as index:
        for number, syllables in steps:
            if syllables:
                held[number] = IndexedChunk(f"c{number}", "d", "hr", " ".join(syllables))
                index.add([held[number]])
            else:
                held.pop(number, None)
                index.remove([f"c{number}"])
    with LexicalIndex(made) as index:
        index.add(list(held.values()))
    assert contents(used) == contents(made)
