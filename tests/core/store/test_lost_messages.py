"""Messages whose ids were never stored, where a search for one may come upon another's (`benchmarks.crash`)."""

from datetime import timedelta

import pytest

from core.intake import Claim, ClaimLost, InboxLimits, Notice, State, Verdict
from core.store.claims import KNOWN_MESSAGES, Claims
from core.store.database import Database
from core.store.intake import Intake
from tests.core.desk import QUESTION, SENT_AT, incoming

LIMITS = InboxLimits(queue=10**6, per_person=10**6, join_seconds=0.0)
NOTICE = Notice("inbox.broken")


def hands(database: Database, worker: str = "w1") -> Claims:
    return Claims(database, LIMITS, worker, ("recorded",), SENT_AT)


async def claimed(database: Database, place: str = "p") -> Claim:
    """A question of its own, in hand."""
    await Intake(database, LIMITS).accept(incoming(place=place), SENT_AT)
    claim = await hands(database).claim(SENT_AT, room=True)
    assert claim is not None
    return claim


async def test_a_message_belongs_to_the_question_that_stored_it_first(database: Database) -> None:
    first, second, elsewhere = await claimed(database), await claimed(database), await claimed(database, "other")
    claims = hands(database)
    assert await claims.posted(first, 0, "7")
    assert not await claims.posted(second, 0, "7")
    assert await claims.posted(second, 0, "8")
    assert await claims.posted(elsewhere, 0, "7")
    assert await claims.posted(first, 0, "7")


async def test_what_has_ended_is_shown_again_when_somebody_may_have_written_over_it(database: Database) -> None:
    first, second = await claimed(database), await claimed(database)
    claims = hands(database)
    await claims.posted(first, 0, "7")
    await claims.finish(await claims.fail(first, NOTICE), SENT_AT)
    assert await claims.claim(SENT_AT, room=True) is None
    await claims.posted(second, 0, "7")
    again = await claims.claim(SENT_AT, room=True)
    assert again is not None
    assert (again.question_id, again.state, again.ending, again.notice) == (
        first.question_id,
        State.DELIVERING,
        State.FAILED,
        NOTICE,
    )


async def test_what_is_being_shown_is_begun_anew_and_what_is_being_answered_goes_on(database: Database) -> None:
    shown, answered, seeking = await claimed(database), await claimed(database), await claimed(database)
    claims, other = hands(database), hands(database, "w2")
    for claim, message_id in ((shown, "7"), (answered, "8")):
        await claims.posted(claim, 0, message_id)
    shown = await claims.fail(shown, NOTICE)
    for message_id in ("7", "8"):
        assert not await claims.posted(seeking, 0, message_id)
    with pytest.raises(ClaimLost):
        await claims.finish(shown, SENT_AT)
    again = await other.claim(SENT_AT, room=True)
    assert again is not None
    assert again.question_id == shown.question_id
    await claims.fail(answered, NOTICE)


async def test_a_search_is_told_of_the_messages_nearest_to_it(database: Database) -> None:
    claims, old = hands(database), await claimed(database)
    await claims.posted(await claimed(database), 0, "beside")
    for number in range(KNOWN_MESSAGES):
        await claims.posted(await claimed(database), 0, f"later {number}")
    assert "beside" in await claims.known(old)


@pytest.mark.parametrize("join_seconds", [0.0, 1.0])
async def test_whole_questions_that_come_together_stay_apart(database: Database, join_seconds: float) -> None:
    """The second was looked at a moment before the first and accepted a moment after it."""
    intake = Intake(database, InboxLimits(join_seconds=join_seconds))
    moments = (SENT_AT, SENT_AT - timedelta(milliseconds=1))
    receipts = [await intake.accept(incoming(QUESTION, conversation="c"), now) for now in moments]
    assert [receipt.verdict for receipt in receipts] == [Verdict.ACCEPTED, Verdict.ACCEPTED]


async def test_where_nothing_is_joined_not_even_a_fragment_is(database: Database) -> None:
    intake = Intake(database, LIMITS)
    moments = (SENT_AT, SENT_AT - timedelta(milliseconds=1))
    receipts = [await intake.accept(incoming("xin hỏi", conversation="c"), now) for now in moments]
    assert [receipt.verdict for receipt in receipts] == [Verdict.ACCEPTED, Verdict.ACCEPTED]
