"""Telegram's limits are kept, and the last text of an answer does not wait for the previews of others."""

import itertools

from core.surfaces import Action
from tests.bots.telegram.traffic import Traffic
from tests.telegram_server import Rates

PRIVATE = range(7001, 7021)
GROUPS = (-1001, -1002, -1003)
TEN_MINUTES = 600.0


async def test_ten_busy_minutes_meet_no_limit_and_delay_no_last_text() -> None:
    traffic = Traffic()
    await traffic.run([*PRIVATE, *GROUPS], TEN_MINUTES)
    assert (dict(traffic.limits.limited), traffic.limits.too_early) == ({}, [])
    assert len(traffic.delays) > 500
    assert max(delay for _, delay in traffic.delays) <= 5.0


async def test_previews_come_at_their_pace() -> None:
    traffic = Traffic()
    await traffic.run([*PRIVATE[:3], *GROUPS], 120.0)
    for chat in (PRIVATE[0], GROUPS[0]):
        at = [at for at, where, action in traffic.surface.calls if where == chat and action is Action.EDIT]
        gaps = [later - earlier for earlier, later in itertools.pairwise(at)]
        assert len(gaps) > 5
        assert min(gaps) >= (3.8 if chat < 0 else 1.0)


async def test_several_who_ask_in_one_group_meet_no_limit_either() -> None:
    traffic = Traffic()
    await traffic.run([GROUPS[0]] * 3, TEN_MINUTES)
    assert (dict(traffic.limits.limited), traffic.limits.too_early) == ({}, [])
    assert traffic.delays


async def test_long_answers_to_many_at_once_meet_no_limit() -> None:
    traffic = Traffic(parts=3)
    await traffic.run([*PRIVATE, *GROUPS], 120.0)
    assert (dict(traffic.limits.limited), traffic.limits.too_early) == ({}, [])


async def test_everybody_at_once_is_not_too_much_for_one_bot() -> None:
    traffic = Traffic()
    await traffic.run(range(7001, 7151), 60.0)
    assert (dict(traffic.limits.limited), traffic.limits.too_early) == ({}, [])
    assert len(traffic.delays) > 150
    assert max(delay for _, delay in traffic.delays) <= 5.0


async def test_who_is_asked_to_wait_all_the_same_waits() -> None:
    traffic = Traffic(limits=Rates(scale=0.5))
    await traffic.run([*PRIVATE[:5], GROUPS[0]], 120.0)
    assert traffic.limits.limited
    assert traffic.delays
