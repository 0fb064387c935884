"""Sentences beside the answers: they share the budget of their chat, and are said again after a wait."""

from dataclasses import dataclass, field

import pytest

from bots.telegram.ids import Spot
from bots.telegram.paced import PATIENCE, Paced
from bots.telegram.presses import Where
from bots.telegram.surface import IN_GROUPS, IN_PRIVATE, RATES
from bots.telegram.telling import Keyboard
from core.pacing import Pacer
from core.surfaces import Action, SurfaceBusy, Undeliverable
from tests.manual_clock import ImpatientClock, ManualClock

BOT, AN, GROUP = 900, 7001, -1001


@dataclass
class Calls:
    """`bots.telegram.telling.Calls` that refuse what a test says; `went` are the times at which calls came."""

    clock: ManualClock
    refusals: list[Exception] = field(default_factory=list)
    went: list[float] = field(default_factory=list)

    async def say(self, where: Where, text: str, *, is_html: bool = False, keyboard: Keyboard = ()) -> int:
        del where, text, is_html, keyboard
        self._come()
        return len(self.went)

    async def rewrite(
        self, chat: int, message: int, text: str, *, is_html: bool = False, keyboard: Keyboard = ()
    ) -> None:
        del chat, message, text, is_html, keyboard
        self._come()

    async def take_away(self, chat: int, message: int) -> None:
        del chat, message
        self._come()

    async def answer_press(self, press_id: str, text: str, *, is_alert: bool = False) -> None:
        del press_id, text, is_alert
        self._come()

    def _come(self) -> None:
        self.went.append(self.clock.monotonic())
        if self.refusals:
            raise self.refusals.pop(0)


def cost(action: Action, place: str) -> float:
    return (IN_GROUPS if Spot.of(place).chat < 0 else IN_PRIVATE).get(action, 1.0)


def paced(*refusals: Exception) -> tuple[Paced, Calls, Pacer]:
    clock = ImpatientClock()
    calls, pacer = Calls(clock, list(refusals)), Pacer(RATES, clock)
    return Paced(calls, pacer, cost, clock, BOT), calls, pacer


@pytest.mark.parametrize(("chat", "most"), [(AN, 64.0), (GROUP, 20.0)])
async def test_no_chat_is_told_more_than_it_bears(chat: int, most: float) -> None:
    telling, calls, _ = paced()
    for number in range(60):
        await telling.say(Where(chat), f"Câu {number}")
        await telling.rewrite(chat, number, "khác")
        await telling.take_away(chat, number)
    assert len(calls.went) == 180
    assert all(len([at for at in calls.went if begin <= at < begin + 60.0]) <= most for begin in calls.went)


async def test_sentences_and_answers_have_one_budget() -> None:
    telling, calls, pacer = paced()
    while not pacer.preview(Spot(BOT, GROUP).place, 4.0):
        pass
    await telling.say(Where(GROUP), "Chào")
    assert calls.went[0] > 3.0
    assert pacer.preview(Spot(BOT, AN).place, 1.0) == 0.0


async def test_who_is_asked_to_wait_says_it_again_then() -> None:
    telling, calls, pacer = paced(SurfaceBusy(5.0), SurfaceBusy(2.0))
    assert await telling.say(Where(AN), "Chào") == 3
    assert calls.went == pytest.approx([0.0, 5.0, 7.0])
    assert pacer.pause(Spot(BOT, AN).place) == 0.0


async def test_a_wait_for_one_chat_is_none_for_others() -> None:
    telling, calls, pacer = paced(SurfaceBusy(5.0))
    await telling.rewrite(AN, 1, "Chào")
    assert calls.went == pytest.approx([0.0, 5.0])
    telling, calls, pacer = paced(SurfaceBusy(5.0))
    pacer.back_off(Spot(BOT, GROUP).place, 40.0)
    await telling.take_away(AN, 1)
    assert calls.went == pytest.approx([0.0, 5.0])


async def test_a_long_wait_is_said_to_who_must_know() -> None:
    telling, calls, pacer = paced(SurfaceBusy(PATIENCE + 1))
    with pytest.raises(SurfaceBusy):
        await telling.say(Where(AN), "Chào")
    assert len(calls.went) == 1
    assert pacer.pause(Spot(BOT, AN).place) == PATIENCE + 1


async def test_other_refusals_are_not_tried_again() -> None:
    telling, calls, _ = paced(Undeliverable("blocked"))
    with pytest.raises(Undeliverable):
        await telling.say(Where(AN), "Chào")
    assert len(calls.went) == 1


async def test_a_button_rests_at_once() -> None:
    telling, calls, _ = paced()
    for _ in range(20):
        await telling.answer_press("p1", "")
    assert calls.went == [0.0] * 20
