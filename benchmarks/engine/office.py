"""The load that an office makes: passages that many are shown, and people who ask on in what they began."""

from dataclasses import dataclass, field

import numpy as np

from benchmarks.engine.turns import Plan, Sizes, Turn, Words, drawn, system_prefix

PASSAGES, ZIPF = 200, 1.0
"""The passages that are shown at all, and the exponent of the law by which the n-th is drawn 1 / n**ZIPF as often."""
FOLLOW_UPS = 0.3
PASSAGES_SEED = 98
SHARES = (0.125, 0.25)
"""A passage's length as a share of what is a prompt's own, on average: so five or six of them fill it."""
QUESTION = 0.025
SPARE = 8
"""Tokens of a context that stay free: llama-server ends an answer just before the last one."""
RECENT = 3
"""A follow-up goes on in one of so many conversations that its asker had last: others have asked since."""


class Shelf:
    """The passages, the same in all runs, the most wanted first."""

    def __init__(self, words: Words, sizes: Sizes) -> None:
        chance, own = np.random.default_rng(PASSAGES_SEED), sum(sizes.own) / 2
        lengths = chance.integers(int(own * SHARES[0]), int(own * SHARES[1]) + 1, PASSAGES)
        self.passages = [drawn(chance, words, int(length)) for length in lengths]
        self.weights = np.arange(1, PASSAGES + 1) ** -ZIPF
        self.weights /= self.weights.sum()

    def order(self, chance: np.random.Generator) -> list[int]:
        """All passages in the order in which a search finds them for somebody."""
        return [int(number) for number in chance.choice(PASSAGES, PASSAGES, replace=False, p=self.weights)]

    def filled(self, chance: np.random.Generator, room: int) -> tuple[int, ...]:
        """The passages that one search found, the last one cut where `room` tokens are full."""
        text: list[int] = []
        for number in self.order(chance):
            text += self.passages[number]
            if len(text) >= room:
                break
        return tuple(text[:room])


@dataclass
class Seat:
    """One asker's script in the making. `ends`: the last turn of each conversation; `lengths`: with the answers."""

    turns: list[Turn] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def add(self, turn: Turn, out: int) -> None:
        before = 0 if turn.follows is None else self.lengths[turn.follows]
        if turn.follows is not None:
            self.ends.remove(turn.follows)
        self.ends.append(len(self.turns))
        self.turns.append(turn)
        self.lengths.append(before + len(turn.text) + out)

    def open_ends(self, room: int) -> list[int]:
        """The last turns of recent conversations that are no longer than `room`."""
        return [turn for turn in self.ends[-RECENT:] if self.lengths[turn] <= room]


@dataclass(frozen=True, slots=True)
class Office:
    """Writes the scripts. A follow-up brings one more passage and its question."""

    words: Words
    sizes: Sizes
    prefix: tuple[int, ...]
    shelf: Shelf
    chance: np.random.Generator

    def question(self) -> tuple[int, ...]:
        return drawn(self.chance, self.words, max(1, int(sum(self.sizes.own) / 2 * QUESTION)))

    def opening(self) -> Turn:
        question, own = self.question(), int(self.chance.integers(*self.sizes.own))
        passages = self.shelf.filled(self.chance, own - len(question))
        return Turn((*self.prefix, *passages, *question))

    def follow_up(self, seat: Seat) -> Turn | None:
        """None where no conversation of this asker has room for it."""
        text = (*self.shelf.passages[self.shelf.order(self.chance)[0]], *self.question())
        ends = seat.open_ends(self.sizes.context - SPARE - len(text) - self.sizes.out)
        return Turn(text, int(self.chance.choice(ends))) if ends else None

    def next(self, seat: Seat, *, follows_up: bool) -> Turn:
        return (self.follow_up(seat) if follows_up else None) or self.opening()


def office(words: Words, sizes: Sizes, askers: int, rounds: int, seed: int) -> Plan:
    """One warm turn of each, then `rounds`; 30 % of them go on in a conversation, where one has room for it."""
    chance = np.random.default_rng(seed)
    writer = Office(words, sizes, system_prefix(words, sizes), Shelf(words, sizes), chance)
    flags = np.arange(askers * rounds) < round(FOLLOW_UPS * askers * rounds)
    seats = [Seat() for _ in range(askers)]
    for seat, own in zip(seats, chance.permutation(flags).reshape(askers, rounds), strict=True):
        for follows_up in (False, *own):
            seat.add(writer.next(seat, follows_up=bool(follows_up)), sizes.out)
    return Plan([seat.turns for seat in seats], warm=1)


def follow_ups(plan: Plan) -> float:
    """The share of the measured questions that go on in a conversation."""
    turns = list(plan.measured())
    return sum(turn.follows is not None for turn in turns) / len(turns)
