"""Ten busy minutes on a clock that hurries, with Telegram's limits on: no flood, and no last text that waits long."""

from collections import Counter
from collections.abc import Sequence

from benchmarks.figures import Figure, percentile
from tests.bots.telegram.traffic import Traffic
from tests.telegram_server import Rates

PRIVATE, GROUPS = 20, 3
FIRST_PRIVATE, FIRST_GROUP = 7001, -1001
SECONDS = 600.0
MOST_DELAY = 5.0
LONG = 3
"""Messages of a long answer."""


async def busy(seconds: float = SECONDS, private: int = PRIVATE, groups: int = GROUPS) -> list[Figure]:
    """One who asks in each chat; the same with long answers; and three who ask in each group."""
    chats = [FIRST_PRIVATE + n for n in range(private)]
    rooms = [FIRST_GROUP - n for n in range(groups)]
    return [
        *await measured("busy", [*chats, *rooms], seconds, most=MOST_DELAY),
        *await measured(f"answers of {LONG} messages", [*chats, *rooms], seconds, parts=LONG),
        *await measured("three ask in each group", rooms * 3, seconds),
    ]


async def measured(
    name: str,
    chats: Sequence[int],
    seconds: float,
    *,
    parts: int = 1,
    most: float | None = None,
    limits: Rates | None = None,
) -> list[Figure]:
    """`most` seconds may a last text wait; where more is asked than a group bears, people have to."""
    traffic = Traffic(parts, limits or Rates())
    await traffic.run(chats, seconds)
    delays = [delay for _, delay in traffic.delays]
    calls = Counter(action.value for _, _, action in traffic.surface.calls)
    print(f"{name}: calls {dict(calls)}")
    return [
        Figure(f"{name}: answers", len(delays), "answers"),
        Figure(f"{name}: refused as too many", traffic.limits.limited.total(), "calls", 0),
        Figure(f"{name}: sent while asked to wait", len(traffic.limits.too_early), "calls", 0),
        Figure(f"{name}: the last text waits, median", percentile(delays, 0.5), "s"),
        Figure(f"{name}: the last text waits, p95", percentile(delays, 0.95), "s"),
        Figure(f"{name}: the last text waits, max", max(delays, default=0.0), "s", most),
    ]
