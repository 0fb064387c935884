"""What choosing a token costs: ours and llama.cpp's own chain, on rows like a model's."""

import ctypes
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from benchmarks.engine.ours import Drawing, SamplerSettings, our_samplers

SPREAD = 4.6
"""The standard deviation of the logits: about 2 nats of entropy at 150,000 tokens, near a real model's."""
RECENT = 2000
PENALTY_LAST = 64
TOKEN_DATA = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
SETTINGS = {
    "greedy": SamplerSettings(temperature=0.0),
    "as in the loads": SamplerSettings(),
    "and a repeat penalty": SamplerSettings(penalty=1.1),
    "no top-k": SamplerSettings(temperature=0.8, top_k=0, top_p=0.95),
}


@dataclass(frozen=True, slots=True)
class Timing:
    """Microseconds for each row of a step with so many rows."""

    setting: str
    rows: int
    ours: float
    chain: float


def median_us(step: Callable[[], None], repeats: int) -> float:
    """Microseconds of one call, the first one left out."""
    step()
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        step()
        times.append((time.perf_counter() - begun) * 1e6)
    return median(times)


@contextmanager
def chain(settings: SamplerSettings, vocabulary: int, recent: Sequence[int]) -> Iterator[Drawing]:
    """llama.cpp's stages in the same order, over records of the whole vocabulary that it has to be given."""
    sampler = llama_cpp.llama_sampler_chain_init(llama_cpp.llama_sampler_chain_default_params())
    last = PENALTY_LAST if settings.penalty != 1 else 0
    if last:
        penalties = llama_cpp.llama_sampler_init_penalties(vocabulary, last, settings.penalty, 0.0, 0.0)
        llama_cpp.llama_sampler_chain_add(sampler, penalties)
    for stage in stages(settings):
        llama_cpp.llama_sampler_chain_add(sampler, stage)
    for token in recent[-last:] if last else ():
        llama_cpp.llama_sampler_accept(sampler, token)
    records = np.zeros(vocabulary, TOKEN_DATA)
    ids = np.arange(vocabulary, dtype=np.int32)

    def draw(logits: NDArray[np.float32], recent: Sequence[int]) -> int:  # noqa: ARG001 (the chain remembers)
        records["id"], records["logit"] = ids, logits
        data = ctypes.cast(records.ctypes.data, llama_cpp.llama_token_data_p)
        array = llama_cpp.llama_token_data_array(data, vocabulary, -1, False)
        llama_cpp.llama_sampler_apply(sampler, ctypes.byref(array))
        return int(array.data[array.selected].id)

    yield draw
    llama_cpp.llama_sampler_free(sampler)


def stages(settings: SamplerSettings) -> "list[llama_cpp.llama_sampler_p]":
    if settings.temperature <= 0:
        return [llama_cpp.llama_sampler_init_greedy()]
    return [
        llama_cpp.llama_sampler_init_top_k(settings.top_k),
        llama_cpp.llama_sampler_init_top_p(settings.top_p, 1),
        llama_cpp.llama_sampler_init_temp(settings.temperature),
        llama_cpp.llama_sampler_init_dist(1),
    ]


def timed(name: str, rows: int, vocabulary: int, repeats: int) -> Timing:
    """Both on the same rows."""
    chance, settings = np.random.default_rng(rows), SETTINGS[name]
    logits = (chance.standard_normal((rows, vocabulary), np.float32) * np.float32(SPREAD)).astype(np.float32)
    recent = chance.integers(vocabulary, size=RECENT).tolist()
    ours = our_samplers(settings, rows, vocabulary)

    def step(draws: Sequence[Drawing]) -> None:
        for draw, row in zip(draws, logits, strict=True):
            draw(row, recent)

    with chain(settings, vocabulary, recent) as theirs:
        return Timing(
            name,
            rows,
            median_us(lambda: step(ours), repeats) / rows,
            median_us(lambda: step([theirs] * rows), repeats) / rows,
        )


def timings(rows: Sequence[int], vocabulary: int, repeats: int) -> list[Timing]:
    return [timed(name, count, vocabulary, repeats) for name in SETTINGS for count in rows]


def timings_table(found: Sequence[Timing]) -> str:
    lines = [f"{'setting':<24}{'rows':>6}{'ours us/row':>14}{'chain us/row':>14}{'faster':>9}"]
    lines += [
        f"{one.setting:<24}{one.rows:>6}{one.ours:>14.1f}{one.chain:>14.1f}{one.chain / one.ours:>8.1f}x"
        for one in found
    ]
    return "\n".join(lines)
