"""Which votes count: those for answers, and of two the later one, in whatever order they are delivered."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bots.telegram.addressing import message_of
from bots.telegram.presses import moment, written_at
from bots.telegram.votes import GOOD
from core.conversation import Outcome
from tests.bots.telegram.bench import ALLOWED_UPDATES, Bench, a_bench
from tests.bots.telegram.lobby import SENT, US, at, private
from tests.bots.telegram.test_corrections import RIGHT, asked_why


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as bench:
        yield bench


@pytest.mark.parametrize("outcome", [Outcome.DENIED, Outcome.FAILED])
@pytest.mark.parametrize("thumb", ["👍", "👎"])
async def test_a_reaction_to_what_is_no_answer_is_no_vote(bench: Bench, outcome: Outcome, thumb: str) -> None:
    shown = await bench.answered(outcome)
    assert await bench.react(bench.an, shown, thumb) == []
    assert await bench.vote(shown, bench.an) is None


async def test_a_reply_takes_back_no_vote_that_was_given_after_it(bench: Bench) -> None:
    """Whichever of the two is delivered first."""
    shown, asking = await asked_why(bench)
    bench.telegram.people.tell(bench.an, RIGHT, reply_to=asking.id)
    bench.telegram.moves.react(bench.an, shown.chat, shown.message, "👍")
    for update in reversed(await bench.api.bot.get_updates(bench.offset, allowed_updates=ALLOWED_UPDATES)):
        await bench.events.take(update.to_dict())
    assert await bench.vote(shown, bench.an) == GOOD
    [correction] = await bench.corrections.unannounced("telegram")
    assert correction.text == RIGHT


def test_what_is_written_is_of_its_time_and_an_edit_of_its_own() -> None:
    told = private("Là 16 ngày.", edit_date=SENT + 9)
    first, second = message_of(told, 500_002, US), message_of(told, 500_003, US, is_edit=True)
    assert first
    assert second
    assert written_at(first) == at(0) + timedelta(microseconds=500_002)
    assert written_at(second) == at(9) + timedelta(microseconds=500_003)
    assert moment(SENT, 500_001) < written_at(first) < moment(SENT, 500_003)
