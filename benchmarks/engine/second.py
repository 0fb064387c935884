"""How soon a second question in a long conversation is answered, against the first."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.engine.askers import Asker, Record, measure
from benchmarks.engine.contest import turned, warm_up
from benchmarks.engine.peer import Contestant, Kind, Peer
from benchmarks.engine.turns import Plan, Sizes, Turn, Words, drawn, independent
from benchmarks.figures import Figure, percentile

MOST_PERCENT = 25.0


@dataclass(frozen=True, slots=True)
class Conversation:
    """Lengths in tokens. `between`: so many others ask something of their own before the second question comes."""

    first: int = 3000
    second: int = 40
    between: int = 0

    def script(self, words: Words, seed: int) -> list[Turn]:
        chance = np.random.default_rng(seed)
        return [Turn(drawn(chance, words, self.first)), Turn(drawn(chance, words, self.second), follows=0)]


@dataclass
class Waits:
    """Seconds to the first token, of the first questions and of the second ones."""

    first: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SecondQuestion:
    """Every contestant in turns, each time with a new conversation."""

    contestants: Sequence[Contestant]
    words: Words
    sizes: Sizes
    conversation: Conversation
    runs: int

    async def figures(self) -> list[Figure]:
        waits = {contestant.name: Waits() for contestant in self.contestants}
        for run in range(self.runs):
            for contestant in turned(self.contestants, run):
                async with contestant.open() as peer:
                    await self._converse(peer, run, waits[contestant.name])
        return [figure for one in self.contestants for figure in told(one, waits[one.name])]

    async def _converse(self, peer: Peer, run: int, waits: Waits) -> None:
        """The last runs' conversations are known to nobody any more: the peer is a new one."""
        await warm_up(peer, independent(self.words, self.sizes, 1, 1, 10**6 + run))
        asker = Asker(self.conversation.script(self.words, run), self.sizes.out)
        waits.first += seconds(await asker.go_on(peer, 1))
        if self.conversation.between:
            others: Plan = independent(self.words, self.sizes, self.conversation.between, 1, 2 * 10**6 + run)
            await measure(peer, others, self.sizes.out)
        waits.second += seconds(await asker.go_on(peer, 1))


def seconds(records: Sequence[Record]) -> list[float]:
    return [record.first_seconds for record in records]


def told(contestant: Contestant, waits: Waits) -> list[Figure]:
    """Only of ours it is asked that it remembers."""
    first, second = percentile(waits.first, 0.5), percentile(waits.second, 0.5)
    most = MOST_PERCENT if contestant.kind is Kind.OURS else None
    return [
        Figure(f"{contestant.name}: first question, p50", first * 1000, "ms"),
        Figure(f"{contestant.name}: second question, p50", second * 1000, "ms"),
        Figure(f"{contestant.name}: second of the first", second / first * 100, "%", most),
    ]
