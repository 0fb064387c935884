"""Who asks the engine's benchmark what: lengths, shares, follow-ups, scripts."""

import numpy as np
import pytest

from benchmarks.engine.copying import COPIED, copying
from benchmarks.engine.office import FOLLOW_UPS, PASSAGES, Shelf, follow_ups, office
from benchmarks.engine.turns import Plan, Sizes, independent, rounds_for

WORDS = np.arange(1000, 3000, dtype=np.int32)
USUAL, TINY = Sizes(), Sizes(8, (8, 16), 4, 256)


def lengths(plan: Plan) -> list[int]:
    return [len(turn.text) for turn in plan.measured()]


def test_independent_questions_share_their_beginning_and_nothing_else() -> None:
    plan = independent(WORDS, USUAL, askers=8, rounds=5, seed=1)
    texts = [turn.text for turn in plan.measured()]
    assert len(texts) == 40
    assert len({text[:300] for text in texts}) == 1
    assert len({text[300:310] for text in texts}) == 40
    assert all(1500 <= length < 2500 for length in lengths(plan))
    assert 1900 < np.mean(lengths(plan)) < 2100


def test_the_same_seed_asks_the_same_and_another_does_not() -> None:
    assert independent(WORDS, TINY, 2, 2, 5) == independent(WORDS, TINY, 2, 2, 5)
    assert independent(WORDS, TINY, 2, 2, 5) != independent(WORDS, TINY, 2, 2, 6)
    assert office(WORDS, USUAL, 2, 2, 5) == office(WORDS, USUAL, 2, 2, 5)


@pytest.mark.parametrize(("askers", "rounds"), [(1, 6), (4, 2), (32, 2)])
def test_few_askers_ask_more_often(askers: int, rounds: int) -> None:
    assert rounds_for(askers, requests=6, least=2) == rounds


def test_three_of_ten_questions_of_the_office_go_on_in_a_conversation() -> None:
    plan = office(WORDS, USUAL, askers=32, rounds=5, seed=3)
    assert plan.warm == 1
    assert all(script[0].follows is None and len(script) == 6 for script in plan.scripts)
    assert follow_ups(plan) == pytest.approx(FOLLOW_UPS, abs=0.01)


def test_an_answer_always_fits_behind_its_conversation_and_none_is_continued_twice() -> None:
    plan = office(WORDS, USUAL, askers=16, rounds=12, seed=4)
    for script in plan.scripts:
        said: list[int] = []
        for turn in script:
            before = 0 if turn.follows is None else said[turn.follows]
            said.append(before + len(turn.text) + USUAL.out)
            assert before or 1500 <= len(turn.text) < 2500
        followed = [turn.follows for turn in script if turn.follows is not None]
        assert max(said) <= USUAL.context
        assert len(set(followed)) == len(followed)


def test_passages_are_drawn_by_zipfs_law() -> None:
    shelf, chance = Shelf(WORDS, USUAL), np.random.default_rng(1)
    first = [shelf.order(chance)[0] for _ in range(4000)]
    expected = 1 / sum(1 / n for n in range(1, PASSAGES + 1))
    assert first.count(0) / 4000 == pytest.approx(expected, rel=0.15)
    assert first.count(0) / first.count(3) == pytest.approx(4, rel=0.4)
    assert len(shelf.filled(chance, 1234)) == 1234


def test_scripted_answers_copy_four_tokens_of_five() -> None:
    plan = copying(np.arange(100_000, dtype=np.int32), USUAL, askers=4, rounds=5, seed=1)
    shares = []
    for turn in plan.measured():
        pairs = set(zip(turn.text[300:], turn.text[301:], strict=False))
        copied = [pair in pairs for pair in zip(turn.script, turn.script[1:], strict=False)]
        inside = [any(copied[max(0, at - 1) : at + 1]) for at in range(len(turn.script))]
        shares.append(sum(inside) / len(turn.script))
    assert np.mean(shares) == pytest.approx(COPIED, abs=0.03)
    assert {len(turn.script) for turn in plan.measured()} == {200}
