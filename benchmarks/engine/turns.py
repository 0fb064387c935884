"""Who asks what: scripts of questions, made before anybody is asked, so that every peer gets the same ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.int32]
"""The ids of a vocabulary's ordinary tokens."""
PREFIX_SEED = 99


@dataclass(frozen=True, slots=True)
class Sizes:
    """Lengths in tokens: what all prompts begin with, what is a prompt's own (at least, less than), the answer.

    The defaults are what answering from documents looks like. `context` is the room of one conversation.
    """

    prefix: int = 300
    own: tuple[int, int] = (1200, 2200)
    out: int = 200
    context: int = 4096


@dataclass(frozen=True, slots=True)
class Turn:
    """One question: `text` alone, or behind the prompt and the answer of the same asker's turn number `follows`."""

    text: tuple[int, ...]
    follows: int | None = None
    script: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The turns of each asker, in order; the first `warm` of each are asked before anything is measured."""

    scripts: Sequence[Sequence[Turn]]
    warm: int = 0

    def measured(self) -> Iterator[Turn]:
        for script in self.scripts:
            yield from script[self.warm :]


def drawn(chance: np.random.Generator, words: Words, count: int) -> tuple[int, ...]:
    """So many tokens at random."""
    return tuple(chance.choice(words, count).tolist())


def system_prefix(words: Words, sizes: Sizes) -> tuple[int, ...]:
    """What every prompt begins with, the same in all runs."""
    return drawn(np.random.default_rng(PREFIX_SEED), words, sizes.prefix)


def independent(words: Words, sizes: Sizes, askers: int, rounds: int, seed: int) -> Plan:
    """Questions that share the prefix and nothing else, `rounds` of each asker."""
    chance, prefix = np.random.default_rng(seed), system_prefix(words, sizes)
    lengths = chance.integers(*sizes.own, (askers, rounds))
    return Plan([[Turn((*prefix, *drawn(chance, words, int(own)))) for own in row] for row in lengths])


def rounds_for(askers: int, requests: int, least: int) -> int:
    """How often each asks: `least` times, and more where that would be fewer than `requests` in all."""
    return max(least, -(-requests // askers))
