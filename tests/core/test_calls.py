"""The row that a call to a model leaves in the journal, on a real database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.calls import model_call
from core.conversation import Route
from core.errors import ModelTimeout
from core.ports import Completion, Finish
from core.store.database import open_database
from core.store.journal import Journal
from tests.core.makers import question

LONG_AGO = datetime.now(UTC) - timedelta(seconds=3)
DONE = Completion("Văn bản", "qwen", Finish.LENGTH, 812, 40, -0.4, -2.0, 0.0012, 250.0)


def test_a_finished_call_keeps_tokens_cost_and_why_it_ended() -> None:
    call = model_call("q1", Route.API, "qwen", LONG_AGO, DONE)
    assert (call.prompt_tokens, call.completion_tokens, call.cost_usd) == (812, 40, 0.0012)
    assert (call.first_token_ms, call.mean_logprob, call.finish) == (250.0, -0.4, Finish.LENGTH)
    assert call.error is None


def test_a_failed_call_keeps_the_id_of_its_text_and_claims_no_tokens() -> None:
    call = model_call("q1", Route.LOCAL, "qwen", LONG_AGO, ModelTimeout("answer.too_late"))
    assert call.error == "answer.too_late"
    assert (call.finish, call.prompt_tokens, call.completion_tokens, call.cost_usd) == (None, None, None, None)


def test_the_total_is_the_time_since_the_call_began_in_milliseconds() -> None:
    call = model_call("q1", Route.LOCAL, "qwen", LONG_AGO, DONE)
    assert call.started_at == LONG_AGO
    assert call.total_ms is not None
    assert 3_000 <= call.total_ms < 3_600_000


def test_two_calls_of_one_question_are_two_rows() -> None:
    calls = [model_call("q1", Route.LOCAL, "qwen", LONG_AGO, DONE) for _ in range(2)]
    assert calls[0].id != calls[1].id
    assert {call.question_id for call in calls} == {"q1"}


async def test_both_kinds_of_call_fit_the_journal_and_count_for_their_route(tmp_path: Path) -> None:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/sotay.db") as database:
        journal = Journal(database)
        await journal.record_question(question("nghỉ?"), "nghỉ?")
        await journal.record_call(model_call("q1", Route.API, "qwen", LONG_AGO, DONE))
        await journal.record_call(model_call("q1", Route.API, "qwen", LONG_AGO, ModelTimeout("answer.too_late")))
        assert await journal.calls_since(Route.API, LONG_AGO) == 2
        assert await journal.calls_since(Route.API, datetime.now(UTC)) == 0
        assert await journal.calls_since(Route.LOCAL, LONG_AGO) == 0
