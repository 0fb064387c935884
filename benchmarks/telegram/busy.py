"""Ten busy minutes on a clock that hurries, with Telegram's limits on: no flood, and no last text that waits long."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.figures import Figure, percentile
from tests.bots.telegram.traffic import Traffic
from tests.telegram_server.refusals import Refused

PRIVATE, GROUPS = 20, 3
FIRST_PRIVATE, FIRST_GROUP = 7001, -1001
SECONDS = 600.0
MOST_DELAY = 5.0
LONG = 3
"""Messages of a long answer."""
BESIDE = 0.25
"""The share of answers after which a sentence is said that is none, as to a vote or a command: once, and unpaced."""


@dataclass
class Talk(Traffic):
    """`tests.bots.telegram.traffic.Traffic` with sentences `beside` a share of the answers."""

    beside: float = 0.0
    unsaid: int = 0

    async def _ask(self, chat: int, question_id: str, chance: random.Random) -> None:
        await super()._ask(chat, question_id, chance)
        if chance.random() < self.beside:
            self._say(chat)

    def _say(self, chat: int) -> None:
        try:
            self.limits.take("sentence", chat, self.clock.monotonic(), is_group=chat < 0)
        except Refused:
            self.unsaid += 1


async def busy(seconds: float = SECONDS, private: int = PRIVATE, groups: int = GROUPS) -> list[Figure]:
    """One who asks in each chat; the same with long answers, with sentences beside; and three who ask in each group."""
    rooms = [FIRST_GROUP - n for n in range(groups)]
    chats = [FIRST_PRIVATE + n for n in range(private)] + rooms
    return [
        *await measured("busy", Talk(), chats, seconds, delay=MOST_DELAY),
        *await measured(f"answers of {LONG} messages", Talk(parts=LONG), chats, seconds),
        *await measured("sentences beside", Talk(beside=BESIDE), chats, seconds, delay=MOST_DELAY),
        *await measured("three in each group", Talk(), rooms * 3, seconds),
        *await measured("three in each group, sentences beside", Talk(beside=BESIDE), rooms * 3, seconds, floods=None),
    ]


async def measured(
    name: str, talk: Talk, chats: Sequence[int], seconds: float, *, floods: float | None = 0, delay: float | None = None
) -> list[Figure]:
    """`delay` seconds may a last text wait, where people do not ask for more than a group bears."""
    await talk.run(chats, seconds)
    delays = [waited for _, waited in talk.delays]
    print(f"{name}: calls {dict(Counter(action.value for _, _, action in talk.surface.calls))}")
    return [
        Figure(f"{name}: answers", len(delays), "answers"),
        Figure(f"{name}: refused as too many", talk.limits.limited.total(), "calls", floods),
        Figure(f"{name}: sent while asked to wait", len(talk.limits.too_early), "calls", floods),
        Figure(f"{name}: sentences unsaid", talk.unsaid, "sentences", floods),
        Figure(f"{name}: the last text waits, median", percentile(delays, 0.5), "s"),
        Figure(f"{name}: the last text waits, p95", percentile(delays, 0.95), "s"),
        Figure(f"{name}: the last text waits, max", max(delays, default=0.0), "s", delay),
    ]
