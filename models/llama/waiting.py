"""The requests that wait for admission, and whose turn is next: short ones first, but old ones too, and all persons."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable

from models.llama.sequences import Sequence

PERSON = 4_096
"""Tokens by which each running request of a person puts off the next one of theirs: a long prompt and its answer."""

AGEING = 2_000
"""Tokens to go that a second of waiting makes up for: shorter prompts overtake a long one for some seconds only."""


class Waiting:
    """The waiting requests. Who has no name is a person of their own.

    Among what one person asked, age counts from arrival; among persons it counts from the last admission of one of
    theirs where that is later, so that fifty requests do not grow old together and push in before another's one.
    """

    def __init__(self) -> None:
        self.sequences: list[Sequence] = []
        self._turns: dict[str, float] = {}

    def take(
        self, now: float, running: Iterable[Sequence], busy: Collection[str], known: Callable[[Sequence], int]
    ) -> Sequence | None:
        """Who is to be admitted, no longer waiting then; nobody of a `busy` adapter. `known` tokens count as done."""
        to_go = {one: len(one.tokens) - known(one) for one in self.sequences if one.adapter not in busy}
        if not to_go:
            return None
        charges = Counter(sequence.person for sequence in running if sequence.person)

        def rank(head: Sequence) -> tuple[float, int]:
            since = max(head.arrived, self._turns.get(head.person, head.arrived))
            return to_go[head] + PERSON * charges[head.person] + AGEING * since, head.number

        chosen = min(_heads(to_go), key=rank)
        self.sequences.remove(chosen)
        self._remember(chosen.person, now)
        return chosen

    def _remember(self, person: str, now: float) -> None:
        self._turns[person] = now
        waiting = {sequence.person for sequence in self.sequences if sequence.person}
        self._turns = {name: turn for name, turn in self._turns.items() if name in waiting}


def _heads(to_go: dict[Sequence, int]) -> Collection[Sequence]:
    """The next request of each person."""
    heads: dict[Hashable, Sequence] = {}

    def rank(sequence: Sequence) -> tuple[float, int]:
        return to_go[sequence] + AGEING * sequence.arrived, sequence.number

    for sequence in to_go:
        who = sequence.person or sequence.number
        heads[who] = min(heads.get(who, sequence), sequence, key=rank)
    return heads.values()
