"""The sampler draws what llama.cpp's own chain would, faster; checked on random logits, no model needed."""

import ctypes
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import llama_cpp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.errors import ModelUnavailable
from models.llama.drawing import Sampler, Sampling, Scratch
from models.llama.grammar import Candidates

VOCAB = 3_000
DRAWS = 8_000
SETTINGS = [
    Sampling(temperature=0.7, seed=1),
    Sampling(temperature=0.2, top_k=40, top_p=0.9, seed=2),
    Sampling(temperature=1.3, top_k=12, top_p=1.0, seed=3),
    Sampling(temperature=1.0, top_k=0, top_p=0.8, seed=4),
    Sampling(temperature=1.0, top_k=0, top_p=1.0, min_p=0.05, seed=5),
    Sampling(temperature=0.9, top_k=2_000, top_p=0.95, seed=6),
    Sampling(temperature=0.8, repeat_penalty=1.3, penalty_last_n=16, seed=7),
]


def some_logits(seed: int, size: int = VOCAB) -> NDArray[np.float32]:
    """As a model's: wide, with a few good tokens on top of the rest."""
    random = np.random.default_rng(seed)
    logits = (random.standard_normal(size) * 4.6).astype(np.float32)
    top = random.choice(size, min(8, size), replace=False)
    logits[top] = logits.max() + random.uniform(0, 3, len(top))
    return logits


@contextmanager
def chain_of(sampling: Sampling, recent: Sequence[int]) -> Iterator["llama_cpp.llama_sampler_p"]:
    """llama.cpp's chain of the same stages in the same order, which has seen `recent`."""
    chain = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    stages = [
        llama_cpp.llama_sampler_init_penalties(VOCAB, sampling.penalty_last_n, sampling.repeat_penalty, 0.0, 0.0),
        llama_cpp.llama_sampler_init_top_k(sampling.top_k),
        llama_cpp.llama_sampler_init_top_p(sampling.top_p, 1),
        llama_cpp.llama_sampler_init_min_p(sampling.min_p, 1),
        llama_cpp.llama_sampler_init_temp(sampling.temperature),
        llama_cpp.llama_sampler_init_dist(1) if sampling.temperature else llama_cpp.llama_sampler_init_greedy(),
    ]
    for stage in stages:
        llama_cpp.llama_sampler_chain_add(chain, stage)
    for token in recent:
        llama_cpp.llama_sampler_accept(chain, token)
    yield chain
    llama_cpp.llama_sampler_free(chain)


def probabilities(sampling: Sampling, logits: NDArray[np.float32], recent: Sequence[int]) -> NDArray[np.float64]:
    """What llama.cpp would draw each token with."""
    candidates = Candidates(len(logits))
    candidates.rows["logit"] = logits
    with chain_of(sampling, recent) as chain:
        llama_cpp.llama_sampler_apply(chain, candidates.pointer)
    left = candidates.rows[: candidates.pointer.contents.size]
    result = np.zeros(len(logits), np.float64)
    result[left["id"]] = left["p"]
    return result / float(result.sum())


def chi_square(counts: NDArray[np.int64], expected: NDArray[np.float64]) -> tuple[float, float]:
    """The statistic over tokens expected five times or more, the others as one; and its bound, five deviations up."""
    often = expected * counts.sum() >= 5
    seen = np.append(counts[often], counts[~often].sum())
    due = np.append(expected[often], expected[~often].sum()) * counts.sum()
    seen, due = seen[due > 0], due[due > 0]
    freedom = max(1, len(seen) - 1)
    return float(((seen - due) ** 2 / due).sum()), freedom + 5 * math.sqrt(2 * freedom)


def counted(sampling: Sampling, logits: NDArray[np.float32], recent: Sequence[int]) -> NDArray[np.int64]:
    sampler = Sampler(sampling, Scratch(len(logits)))
    drawn = [sampler.choose(logits, recent) for _ in range(DRAWS)]
    return np.bincount([token for token in drawn if token is not None], minlength=len(logits))


@pytest.mark.parametrize("sampling", SETTINGS, ids=str)
def test_tokens_come_as_often_as_llama_cpp_would_draw_them(sampling: Sampling) -> None:
    logits = some_logits(11)
    recent = [int(token) for token in np.argsort(-logits)[:30:2]]
    expected = probabilities(sampling, logits, recent)
    counts = counted(sampling, logits, recent)
    assert counts.sum() == DRAWS
    assert not counts[expected == 0].any()
    statistic, bound = chi_square(counts, expected)
    assert statistic < bound


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SETTINGS[0], temperature=0.9),
        replace(SETTINGS[0], top_p=0.8),
        replace(SETTINGS[0], repeat_penalty=1.05),
        replace(SETTINGS[0], min_p=0.3),
    ],
    ids=str,
)
def test_the_comparison_tells_settings_apart(wrong: Sampling) -> None:
    logits = some_logits(11)
    recent = [int(token) for token in np.argsort(-logits)[:8:2]]
    statistic, bound = chi_square(counted(wrong, logits, recent), probabilities(SETTINGS[0], logits, recent) + 1e-9)
    assert statistic > bound


@pytest.mark.parametrize("penalty", [1.0, 1.1, 1.8])
@pytest.mark.parametrize("seed", range(20))
def test_at_temperature_0_the_token_is_llama_cpps(seed: int, penalty: float) -> None:
    logits = some_logits(seed)
    logits[seed::7] = logits[seed]  # equals, sometimes on top
    if seed % 2:
        logits -= np.float32(60)  # penalties on negative logits
    recent = [int(token) for token in np.argsort(-logits)[:100]]
    sampling = Sampling(temperature=0, top_k=0, top_p=1, repeat_penalty=penalty, penalty_last_n=64)
    candidates = Candidates(VOCAB)
    candidates.rows["logit"] = logits
    penalties = llama_cpp.llama_sampler_init_penalties(VOCAB, 64, penalty, 0.0, 0.0)
    greedy = llama_cpp.llama_sampler_init_greedy()
    for token in recent:
        llama_cpp.llama_sampler_accept(penalties, token)
    for stage in (penalties, greedy):
        llama_cpp.llama_sampler_apply(stage, candidates.pointer)
        llama_cpp.llama_sampler_free(stage)
    expected = int(candidates.rows["id"][candidates.pointer.contents.selected])
    assert Sampler(sampling, Scratch(VOCAB)).choose(logits, recent) == expected


@pytest.mark.parametrize("last", [0, 1, 5, 64])
def test_penalised_logits_are_llama_cpps(last: int) -> None:
    logits = some_logits(3)
    recent = [5, 7, 5, 9, 2_999, 0, 5, 11, 11, 12]
    candidates = Candidates(VOCAB)
    candidates.rows["logit"] = logits
    stage = llama_cpp.llama_sampler_init_penalties(VOCAB, last, 1.3, 0.0, 0.0)
    for token in recent:
        llama_cpp.llama_sampler_accept(stage, token)
    llama_cpp.llama_sampler_apply(stage, candidates.pointer)
    llama_cpp.llama_sampler_free(stage)
    untouched = logits.copy()
    sampler = Sampler(Sampling(repeat_penalty=1.3, penalty_last_n=last), Scratch(VOCAB))
    np.testing.assert_array_equal(sampler._penalised(logits, recent), candidates.rows["logit"])
    np.testing.assert_array_equal(logits, untouched)


@settings(max_examples=150, deadline=None)
@given(
    size=st.integers(1, 5_000),
    count=st.integers(0, 200),
    seed=st.integers(0, 2**32 - 1),
    masked=st.sampled_from([0.0, 0.5, 0.999]),
    coarse=st.booleans(),
)
def test_the_largest_are_all_found(size: int, count: int, seed: int, masked: float, coarse: bool) -> None:
    random = np.random.default_rng(seed)
    logits = some_logits(seed, size)
    if coarse:
        logits = np.round(logits)  # many equals
    logits[random.random(size) < masked] = -np.inf
    ids = Scratch(size).largest(logits, count)
    finite = int(np.isfinite(logits).sum())
    assert (np.diff(ids) > 0).all()
    assert np.isfinite(logits[ids]).all()
    if count == 0:
        assert set(ids) == set(np.flatnonzero(logits >= logits.max() - np.float32(20))) - set(
            np.flatnonzero(np.isneginf(logits))
        )
    elif count <= min(size, 1024):
        assert len(ids) >= min(count, finite)
        least = logits[ids].min(initial=np.inf)
        assert set(np.flatnonzero(logits > least)) <= set(ids)


@pytest.mark.parametrize("size", [1, 2, 130, 1_024, 4_099, 49_152, 152_064])
@pytest.mark.parametrize("shift", [0.0, 200.0, -200.0])
def test_the_logprob_is_the_models_own(size: int, shift: float) -> None:
    logits = some_logits(5, size) + np.float32(shift)
    drawn = Sampler(Sampling(temperature=0.5, repeat_penalty=1.5, seed=3), Scratch(size)).draw(logits, [0])
    assert drawn is not None
    exact = logits.astype(np.float64)
    assert drawn.logprob == pytest.approx(exact[drawn.token] - np.logaddexp.reduce(exact), abs=0.05)


def test_the_logprob_of_a_peaked_row_is_nearer() -> None:
    peaked = some_logits(6, 152_064) / np.float32(2)
    peaked[[11, 70_000, 151_000]] = 19.0, 18.0, 16.5
    drawn = Sampler(Sampling(temperature=0), Scratch(152_064)).draw(peaked, [])
    assert drawn is not None
    exact = peaked.astype(np.float64)
    assert drawn.logprob == pytest.approx(19.0 - np.logaddexp.reduce(exact), abs=0.005)


def test_a_flat_row_over_the_whole_vocabulary_has_its_logprob() -> None:
    logits = np.zeros(152_064, np.float32)
    drawn = Sampler(Sampling(temperature=0), Scratch(152_064)).draw(logits, [])
    assert drawn is not None
    assert drawn.token == 0
    assert drawn.logprob == pytest.approx(-math.log(152_064), abs=1e-5)


def test_equal_seeds_draw_equal_tokens_and_no_seed_fresh_ones() -> None:
    rows = [some_logits(seed) for seed in range(60)]

    def text(seed: int | None) -> list[int | None]:
        sampler = Sampler(Sampling(temperature=1.5, top_p=1.0, seed=seed), Scratch(VOCAB))
        return [sampler.choose(row, []) for row in rows]

    assert text(7) == text(7)
    assert text(7) != text(8)
    assert text(None) != text(None)


@pytest.mark.parametrize("sampling", [*SETTINGS, Sampling(temperature=0)], ids=str)
def test_every_token_takes_one_number_however_clear_the_choice_is(sampling: Sampling) -> None:
    sampling = replace(sampling, seed=9)
    clear = np.full(VOCAB, -50, np.float32)
    clear[17] = 50
    sampler = Sampler(sampling, Scratch(VOCAB))
    assert sampler.choose(clear, []) == 17
    sampler.choose(some_logits(1), [])
    numbers = np.random.Generator(np.random.Philox(9))
    numbers.random(2)
    assert sampler._random.random() == numbers.random()


@pytest.mark.parametrize("place", [0, 1_500, VOCAB - 1])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_logits_that_are_no_numbers_are_said_to_be_so(place: int, value: float) -> None:
    logits = some_logits(1)
    logits[place] = value
    with pytest.raises(ModelUnavailable):
        Sampler(Sampling(), Scratch(VOCAB)).draw(logits, [])


def test_logits_may_lie_in_memory_that_must_not_be_written() -> None:
    memory = (ctypes.c_float * VOCAB).from_buffer_copy(some_logits(4).tobytes())
    logits = np.ctypeslib.as_array(memory)
    logits.flags.writeable = False
    assert Sampler(Sampling(repeat_penalty=1.2, seed=1), Scratch(VOCAB)).draw(logits, [1, 2, 3]) is not None
