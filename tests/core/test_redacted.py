"""A model outside reads placeholders; the asker reads the data; nothing is sent when that cannot be."""

import logging
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from core.deadline import Deadline
from core.errors import ModelUnavailable
from core.ports import Completion, CompletionRequest, Delta, Message
from core.privacy import Clearance, Reach
from core.redacted import RedactedModel
from tests.fakes import HangingModel, ScriptedModel

ASKED = (Message("system", "Trả lời ngắn."), Message("user", "Gọi anh Nam 0912 345 678, thư nam.tran@gmail.com?"))


def request(messages: tuple[Message, ...] = ASKED) -> CompletionRequest:
    return CompletionRequest(messages, Clearance(Reach.OUTSIDE), Deadline.after(20))


async def items_of(model: RedactedModel, asked: CompletionRequest) -> list[Delta | Completion]:
    async with aclosing(model.stream(asked)) as items:
        return [item async for item in items]


async def test_the_model_reads_placeholders_and_the_asker_the_data() -> None:
    inner = ScriptedModel(["Số là ⟦PHO", "NE_1⟧, thư ⟦EMAIL_1", "⟧", " [1]."])
    items = await items_of(RedactedModel(inner), request())
    sent = [message.content for message in inner.requests[0].messages]
    assert sent == ["Trả lời ngắn.", "Gọi anh Nam ⟦PHONE_1⟧, thư ⟦EMAIL_1⟧?"]
    *deltas, last = items
    assert isinstance(last, Completion)
    assert last.text == "Số là 0912 345 678, thư nam.tran@gmail.com [1]."
    assert last.redacted == "1 EMAIL, 1 PHONE"
    assert "".join(delta.text for delta in deltas if isinstance(delta, Delta)) == last.text
    assert all(isinstance(delta, Delta) and "⟦" not in delta.text and delta.text for delta in deltas)


async def test_a_placeholder_that_is_cut_off_comes_before_the_end() -> None:
    items = await items_of(RedactedModel(ScriptedModel(["Số ⟦PHONE_1"])), request())
    assert [item.text for item in items] == ["Số ", "⟦PHONE_1", "Số ⟦PHONE_1"]


async def test_all_else_of_request_and_completion_is_passed_on() -> None:
    inner = ScriptedModel(["Được."])
    asked = request((Message("user", "Nghỉ mấy ngày?"),))
    *_, last = await items_of(RedactedModel(inner), asked)
    assert inner.requests == [asked]
    assert isinstance(last, Completion)
    assert (last.model, last.mean_logprob, RedactedModel(inner).name) == ("scripted", -0.1, "scripted")
    assert not last.redacted
    assert RedactedModel(inner).model is inner


async def test_errors_of_the_model_are_its_own() -> None:
    model = RedactedModel(ScriptedModel(["Số ⟦PHONE_1⟧", ModelUnavailable("model.paused", seconds=1)]))
    async with aclosing(model.stream(request())) as items:
        assert (await anext(items)).text == "Số 0912 345 678"
        with pytest.raises(ModelUnavailable) as raised:
            await anext(items)
    assert raised.value.message_id == "model.paused"


async def test_what_one_message_shows_to_be_private_is_private_in_the_others() -> None:
    inner = ScriptedModel(["?"])
    asked = (Message("user", "Số 19034567890123?"), Message("user", "Đó là stk của em: 19034567890123"))
    await items_of(RedactedModel(inner), request(asked))
    assert [m.content for m in inner.requests[0].messages] == ["Số ⟦BANK_1⟧?", "Đó là stk của em: ⟦BANK_1⟧"]


async def test_who_stops_reading_stops_the_model() -> None:
    inner = HangingModel()
    async with aclosing(RedactedModel(inner).stream(request())) as items:
        assert isinstance(await anext(items), Delta)
    assert inner.stopped.is_set()


@dataclass
class Told:
    """A meter that counts how often it was told that a call begins."""

    begun: int = 0
    attempts: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.begun += 1

    async def sent(self) -> None:
        self.attempts.append("sent")

    def unsent(self) -> None:
        self.attempts.pop()

    def refused(self) -> None:
        self.attempts.pop()

    async def named(self, generation_id: str) -> None:
        self.attempts.append(generation_id)

    def completed(self, completion: Completion) -> None:
        self.attempts.append(completion.text)


async def test_nothing_is_sent_when_the_redaction_fails(caplog: pytest.LogCaptureFixture) -> None:
    inner, told = ScriptedModel(["?"]), Told()
    broken = CompletionRequest(
        (Message("user", None),),  # type: ignore[arg-type]
        Clearance(Reach.OUTSIDE),
        Deadline.after(20),
        meter=told,
    )
    with caplog.at_level(logging.CRITICAL), pytest.raises(ModelUnavailable) as raised:
        await items_of(RedactedModel(inner), broken)
    assert raised.value.message_id == "model.not_redacted"
    assert (inner.requests, told.begun, told.attempts) == ([], 1, [])


async def test_the_log_says_how_much_was_replaced_and_not_what(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "core.redacted"):
        await items_of(RedactedModel(ScriptedModel(["?"])), request())
    assert [record.getMessage() for record in caplog.records] == ["redacted: 1 EMAIL, 1 PHONE"]
