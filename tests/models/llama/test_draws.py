"""All rows of a step drawn at once: the tokens that the sampler would choose one by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.errors import ModelUnavailable
from models.llama.drawing import Sampler, Sampling, Scratch
from models.llama.draws import Draws
from tests.models.llama.test_drawing import some_logits

SIZES = [640, 1_031, 4_099, 16_385, 49_152, 49_279, 152_064, 152_191]
SETTINGS = [
    Sampling(),
    Sampling(top_k=1),
    Sampling(top_k=12, top_p=1.0),
    Sampling(top_p=0.5, min_p=0.05),
    Sampling(top_p=1.0, min_p=0.3),
    Sampling(top_k=40, top_p=0.0, min_p=1.0),
]
TEMPERATURES = (0.0, 0.2, 0.7, 1.0, 1.3, 3.0)


def due_of(samplers: list[Sampler]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Temperatures and numbers."""
    temperatures, numbers = np.array([sampler.due(1)[0] for sampler in samplers]).T
    return temperatures, numbers


def samplers_of(sampling: Sampling, size: int, rows: int, seed: int) -> list[Sampler]:
    """Of all temperatures in turn."""
    scratch = Scratch(size)
    return [
        Sampler(replace(sampling, temperature=TEMPERATURES[row % len(TEMPERATURES)], seed=seed + row), scratch)
        for row in range(rows)
    ]


def chosen(samplers: list[Sampler], logits: NDArray[np.float32]) -> list[int | None]:
    return [sampler.choose(row, []) for sampler, row in zip(samplers, logits, strict=True)]


@pytest.mark.parametrize("sampling", SETTINGS, ids=str)
@pytest.mark.parametrize("size", SIZES)
def test_the_tokens_are_those_that_the_sampler_chooses(size: int, sampling: Sampling) -> None:
    draws = Draws(size, sampling)
    for seed, rows in enumerate([12, 1, 30, 6]):
        logits = np.stack([some_logits(seed * 100 + row, size) for row in range(rows)])
        samplers = samplers_of(sampling, size, rows, seed)
        tokens, _ = draws.draw(logits, *due_of(samplers))
        assert tokens.tolist() == chosen(samplers, logits)


@settings(max_examples=150, deadline=None)
@given(
    size=st.integers(640, 5_000),
    sampling=st.sampled_from(SETTINGS),
    seed=st.integers(0, 2**32 - 1),
    masked=st.sampled_from([0.0, 0.5, 0.99, 0.9995]),
    coarse=st.booleans(),
)
def test_equals_and_tokens_that_are_ruled_out_make_no_difference(
    size: int, sampling: Sampling, seed: int, masked: float, coarse: bool
) -> None:
    random = np.random.default_rng(seed)
    logits = np.stack([some_logits(seed + row, size) for row in range(6)])
    logits += np.array([[-300], [-60], [-1], [0], [1], [300]], np.float32)
    if coarse:
        logits = np.round(logits / 4)  # many equals, zeros of both signs among them
    logits[random.random(logits.shape) < masked] = -np.inf
    samplers = samplers_of(sampling, size, 6, seed)
    tokens, _ = Draws(size, sampling).draw(logits, *due_of(samplers))
    assert [token if token >= 0 else None for token in tokens.tolist()] == chosen(samplers, logits)


def test_of_equals_the_lower_id_comes_first() -> None:
    logits = np.zeros((2, 4_099), np.float32)
    logits[1] = -1
    logits[1, [4_098, 300, 2_000]] = 5, 5, 5
    tokens, _ = Draws(4_099, Sampling()).draw(logits, np.zeros(2), np.full(2, 0.999))
    assert tokens.tolist() == [0, 300]
    tokens, _ = Draws(4_099, Sampling(top_k=3, top_p=1)).draw(logits, np.ones(2), np.full(2, 0.999))
    assert tokens.tolist() == [2, 4_098]


@pytest.mark.parametrize("spread", [0.2, 1.0, 2.5, 4.6])
@pytest.mark.parametrize("size", [4_099, 49_152, 152_064])
def test_the_logprob_is_the_models_own(size: int, spread: float) -> None:
    logits = np.random.default_rng(3).standard_normal((20, size), np.float32) * np.float32(spread)
    logits[:, 17] = logits.max(axis=1) + np.linspace(0, 3, 20, dtype=np.float32)
    logits += np.linspace(-200, 200, 20, dtype=np.float32)[:, None]
    tokens, logprobs = Draws(size, Sampling()).draw(logits, np.full(20, 0.8), np.linspace(0, 0.999, 20))
    exact = logits.astype(np.float64)
    exact -= np.logaddexp.reduce(exact, axis=1)[:, None]
    np.testing.assert_allclose(logprobs, exact[np.arange(20), tokens], atol=0.05, rtol=0)


def test_the_logprob_of_a_peaked_row_is_nearer() -> None:
    logits = np.stack([some_logits(seed, 152_064) for seed in range(8)]) / np.float32(2)
    logits[:, [11, 70_000, 151_000]] = 19.0, 18.0, 16.5
    tokens, logprobs = Draws(152_064, Sampling()).draw(logits, np.zeros(8), np.zeros(8))
    assert tokens.tolist() == [11] * 8
    exact = 19.0 - np.logaddexp.reduce(logits.astype(np.float64), axis=1)
    np.testing.assert_allclose(logprobs, exact, atol=0.005, rtol=0)


def test_a_row_that_allows_nothing_is_left_to_its_sampler() -> None:
    logits = np.stack([some_logits(1, 4_099)] * 3)
    logits[1] = -np.inf
    ahead = Draws(4_099, Sampling()).ahead(logits, [(0.0, 0.5), (0.7, 0.5), (0.7, 0.5)])
    assert [drawn is None for drawn in ahead] == [False, True, False]


@pytest.mark.parametrize("place", [0, 4_098])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_logits_that_are_no_numbers_are_said_to_be_so(place: int, value: float) -> None:
    logits = np.stack([some_logits(1, 4_099)] * 3)
    logits[1, place] = value
    with pytest.raises(ModelUnavailable):
        Draws(4_099, Sampling()).draw(logits, np.ones(3), np.zeros(3))


@pytest.mark.parametrize("sampling", [Sampling(repeat_penalty=1.1), Sampling(top_k=0), Sampling(top_k=3_000)], ids=str)
def test_settings_that_no_rows_can_share_are_left_to_the_samplers(sampling: Sampling) -> None:
    logits = np.stack([some_logits(seed, 4_099) for seed in range(3)])
    assert Draws(4_099, sampling).ahead(logits, [(0.7, 0.5)] * 3) == [None] * 3
    assert None not in Draws(4_099, Sampling()).ahead(logits, [(0.7, 0.5)] * 3)


def test_numbers_seen_ahead_are_drawn_with_later() -> None:
    logits = np.stack([some_logits(seed, 4_099) for seed in range(40)])
    sampling = Sampling(temperature=1.5, top_p=1.0, seed=5)
    plain, ahead = Sampler(sampling, Scratch(4_099)), Sampler(sampling, Scratch(4_099))
    expected = chosen([plain] * 40, logits)
    draws, found = Draws(4_099, sampling), list[int]()
    for begin, taken in [(0, 4), (4, 1), (5, 7), (12, 2)]:  # of eight drawn ahead so many are used
        for row, drawn in enumerate(draws.ahead(logits[begin : begin + 8], ahead.due(8))[:taken], begin):
            assert drawn is not None
            assert ahead.draw(logits[row], [], drawn) is drawn
            found.append(drawn.token)
    found += [token for token in chosen([ahead] * 26, logits[14:]) if token is not None]
    assert found == expected
