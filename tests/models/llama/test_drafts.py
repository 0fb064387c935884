"""Prompt lookup: what is guessed, and how long drafts pay, in simulated time."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.llama.drafts import H100_STEP_SECONDS, Drafting, NoDrafts, PromptLookup, StepTimes, between

SYMBOLS = 6  # so few that every three of them stood in the prompt before: something is always guessed
CURVE = sorted(H100_STEP_SECONDS.items())


@dataclass(eq=False)
class Written:
    prompt: list[int]
    tokens: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tokens = self.tokens or list(self.prompt)


def naive_place(tokens: list[int]) -> int | None:
    """The place behind the latest earlier occurrence of the last three tokens, or else two, or else one."""
    for size in (3, 2, 1):
        if len(tokens) >= size:
            for place in range(len(tokens) - 1, size - 1, -1):
                if tokens[place - size : place] == tokens[-size:]:
                    return place
    return None


def naive_draft(text: Written, length: int) -> tuple[int, ...]:
    """Followed from the end of the prompt, token by token."""
    at = naive_place(text.prompt)
    for end in range(len(text.prompt), len(text.tokens)):
        right = at is not None and text.tokens[at] == text.tokens[end]
        at = at + 1 if at is not None and right else naive_place(text.tokens[: end + 1])
    drafted = list(text.tokens)
    start = len(drafted) - 1 if at is None else at
    for offset in range(length):
        drafted.append(drafted[start + offset])
    return tuple(drafted[len(text.tokens) :])


@settings(max_examples=300, deadline=None)
@given(
    prompt=st.lists(st.integers(0, 3), min_size=1, max_size=40),
    drawn=st.lists(st.lists(st.integers(0, 3), max_size=6), max_size=12),
    length=st.integers(0, 20),
    asked=st.booleans(),
)
def test_drafts_are_those_of_a_naive_search(
    prompt: list[int], drawn: list[list[int]], length: int, asked: bool
) -> None:
    lookup, text = PromptLookup(), Written(prompt)
    for tokens in drawn:
        if asked:
            lookup.length([text])
        assert lookup.draft(text, length) == naive_draft(text, length)
        text.tokens.extend(tokens)
    assert len(lookup.draft(text, length)) == length


@settings(max_examples=100, deadline=None)
@given(
    texts=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=30), max_size=70),
    outputs=st.integers(1, 64),
)
def test_a_step_keeps_to_its_outputs(texts: list[list[int]], outputs: int) -> None:
    lookup = PromptLookup(outputs)
    length = lookup.length([Written(tokens) for tokens in texts])
    assert length == 0 or len(texts) * (1 + length) <= outputs


def test_a_passage_is_copied_on_and_a_repetition_repeated() -> None:
    text = Written([1, 2, 3, 4, 5, 6, 7, 8, 2, 3])
    assert PromptLookup().draft(text, 4) == (4, 5, 6, 7)
    turning = Written([1, 2, 3, 1, 2, 3])
    assert PromptLookup().draft(turning, 7) == (1, 2, 3, 1, 2, 3, 1)
    assert PromptLookup().draft(Written([5]), 3) == (5, 5, 5)


def test_three_tokens_go_before_two_and_the_later_place_before_the_earlier() -> None:
    assert PromptLookup().draft(Written([1, 2, 3, 9, 0, 2, 3, 8, 1, 2, 3]), 1) == (9,)
    assert PromptLookup().draft(Written([2, 3, 9, 0, 2, 3, 8, 5, 2, 3]), 1) == (8,)


def test_no_drafts_is_prompt_lookup_switched_off() -> None:
    off: Drafting = NoDrafts()
    text = Written([1, 2])
    off.learn(1, 0, 0.1)
    off.accepted(text, 0, 0)
    off.forget(text)
    assert off.length([text]) == 0
    assert off.draft(text, 0) == ()
    assert off.draft(text, 2) == (2, 2)


def test_a_text_that_ended_is_forgotten() -> None:
    lookup, text = PromptLookup(), Written([1, 2, 3])
    lookup.length([text])
    lookup.forget(text)
    lookup.forget(text)
    assert not lookup._guesses


def test_drafted_tokens_are_counted() -> None:
    lookup, text = PromptLookup(), Written([1, 2, 3])
    lookup.accepted(text, 15, 4)
    lookup.accepted(text, 2, 2)
    assert (lookup.proposed_tokens, lookup.accepted_tokens) == (17, 6)


class World:
    """`rows` answers in which each guessed token comes true with a given probability, in simulated time."""

    def __init__(self, rows: int, step_seconds: Callable[[int], float], seed: int = 1) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a simulation
        self.texts = [Written([self.random.randrange(SYMBOLS) for _ in range(1_500)]) for _ in range(rows)]
        self.lookup = PromptLookup()
        self.step_seconds = step_seconds
        self.lengths: list[int] = []

    def run(self, steps: int, probability: float) -> float:
        """Tokens a second over `steps`."""
        drawn, seconds = 0, 0.0
        for _ in range(steps):
            length = self.lookup.length(self.texts)
            drawn += sum(self._draw(text, length, probability) for text in self.texts)
            took = self.step_seconds(len(self.texts) * (1 + length))
            self.lookup.learn(len(self.texts), length, took)
            seconds += took
            self.lengths.append(length)
        return drawn / seconds

    def _draw(self, text: Written, length: int, probability: float) -> int:
        guessed = self.lookup.draft(text, length + 1)
        before = len(text.tokens)
        for token in guessed:
            true = self.random.random() < probability
            text.tokens.append(token if true else (token + self.random.randrange(1, SYMBOLS)) % SYMBOLS)
            if not true:
                break
        return len(text.tokens) - before

    def best_fixed(self, probability: float) -> float:
        """Tokens a second of the best length that is always the same, by arithmetic."""
        rows = len(self.texts)
        return max(
            rows * sum(probability**place for place in range(length + 1)) / self.step_seconds(rows * (1 + length))
            for length in range(64 // rows)
        )


def h100(tokens: int) -> float:
    return between(CURVE, tokens)


def cpu(tokens: int) -> float:
    """Where every token of a step costs the same: there is nothing to win."""
    return 0.03 * tokens + 0.002


@pytest.mark.parametrize("rows", [1, 2, 4, 8, 16, 32])
@pytest.mark.parametrize(("probability", "share"), [(0.0, 0.98), (0.3, 0.93), (0.5, 0.9), (0.8, 0.9), (0.95, 0.9)])
def test_the_length_is_near_the_best_for_load_and_acceptance(rows: int, probability: float, share: float) -> None:
    world = World(rows, h100)
    speed, never, best = world.run(600, probability), rows / h100(rows), world.best_fixed(probability)
    print(f"rows {rows} p {probability}: {speed / never:.2f} of never drafting, best fixed {best / never:.2f}")  # noqa: T201
    assert speed >= 0.98 * never
    assert speed >= share * best


@pytest.mark.parametrize("rows", [1, 4, 16, 32])
def test_acceptance_that_falls_ends_drafts_and_that_rises_again_brings_them_back(rows: int) -> None:
    world = World(rows, h100)
    world.run(300, 0.9)
    assert min(world.lengths[-50:]) > 0
    world.run(300, 0.0)
    assert max(world.lengths[-50:]) == 0
    world.run(300, 0.9)
    assert min(world.lengths[-50:]) > 0


@pytest.mark.parametrize("rows", [1, 4])
def test_a_machine_on_which_drafts_do_not_pay_is_found_out(rows: int) -> None:
    world = World(rows, cpu)
    world.run(300, 0.7)
    assert max(world.lengths[-100:]) == 0
    assert sum(length > 0 for length in world.lengths) < 30


def test_texts_in_which_nothing_is_found_are_not_drafted_for() -> None:
    lookup = PromptLookup()
    texts = [Written(list(range(number * 1_000, number * 1_000 + 500))) for number in range(4)]
    for step in range(50):
        assert lookup.length(texts) == 0
        lookup.learn(4, 0, h100(4))
        for text in texts:
            text.tokens.append(100_000 + 1_000 * step + text.prompt[0])


def test_eight_tokens_are_filled_up_to_sixteen_which_take_less_time() -> None:
    world = World(8, h100)
    assert world.run(100, 0.0) > 8 / h100(8)
    assert world.lengths[-1] == 1


def test_what_a_step_takes_is_measured_anew_in_time() -> None:
    times = StepTimes(H100_STEP_SECONDS)
    for _ in range(7):
        times.learn(16, 5.0)
    assert times.knows(16)
    for _ in range(StepTimes.REVIEW):
        times.learn(1, 0.1)
    assert not times.knows(16)
    assert times.seconds(16) == pytest.approx(0.1 * H100_STEP_SECONDS[16] / H100_STEP_SECONDS[1])


def test_step_times_are_the_median_of_the_last_and_scale_what_was_not_measured() -> None:
    times = StepTimes(H100_STEP_SECONDS)
    assert times.seconds(1) == H100_STEP_SECONDS[1]
    for seconds in (0.1, 0.1):
        times.learn(1, seconds)
    assert times.seconds(1) == H100_STEP_SECONDS[1]
    times.learn(1, 9.0)
    assert times.seconds(1) == pytest.approx(0.1)
    assert times.seconds(16) == pytest.approx(0.1 * H100_STEP_SECONDS[16] / H100_STEP_SECONDS[1])
    for _ in range(7):
        times.learn(1, 0.2)
        times.learn(16, 0.3)
    assert times.seconds(1) == pytest.approx(0.2)
    assert times.seconds(16) == pytest.approx(0.3)
    assert times.seconds(32) == pytest.approx(0.3 * H100_STEP_SECONDS[32] / H100_STEP_SECONDS[16])
