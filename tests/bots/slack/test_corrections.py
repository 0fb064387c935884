"""The window that asks why, and the administrators' decisions on what was written into it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from slack_bolt.async_app import AsyncApp

from bots.slack import controls, views
from bots.slack.corrections import Cards, Decisions, Explanations
from bots.slack.ids import message_id, person_of
from bots.slack.votes import Place
from core.corrections import Correction, CorrectionState
from core.feedback import Feedback
from tests.bots.slack.bench import Bench, Shown, a_bench
from tests.bots.slack.reception import Counter
from tests.slack_server.hands import Outcome as Pressed


@dataclass
class Desk:
    """The bench with everything about corrections at work; `woken` counts what the administrators' task is told."""

    bench: Bench

    def __post_init__(self) -> None:
        bench = self.bench
        self.woken = Counter()
        self.explanations = Explanations(
            bench.feedback, bench.corrections, bench.telling, bench.clock, lambda: self.woken("proposed")
        )
        self.cards = Cards(bench.threads, bench.journal, "vi", ZoneInfo("Asia/Ho_Chi_Minh"), bench.identity)
        self.decisions = Decisions(
            bench.corrections,
            self.cards,
            bench.telling,
            bench.api,
            bench.clock,
            bench.is_administrator,
            lambda: self.woken("decided"),
        )

    def register(self, app: AsyncApp) -> None:
        self.bench.on_view(app, views.REASON_VIEW, self.explanations.keep, self.explanations.after)
        for action_id in (controls.ACCEPT, controls.REJECT):
            self.bench.on_action(app, action_id, self.decisions.keep, self.decisions.after)

    async def fill_in(self, shown: Shown, reason: str = "", correction: str = "", language: str = "vi") -> Pressed:
        """Lan sends the window about the answer."""
        lan, slack = self.bench.lan, self.bench.slack
        place = str(Place(shown.channel, shown.asked_ts, language))
        modal = views.reason_modal("vi", shown.answer.id, place)
        await self.bench.telling.open(slack.workspace.new_trigger(lan), modal)
        chosen: dict[str, object] = {"type": "radio_buttons", "selected_option": {"value": reason} if reason else None}
        written: dict[str, object] = {"type": "plain_text_input", "value": correction or None}
        return await self.bench.submit(lan, {views.REASON: chosen, views.CORRECTION: written})

    async def proposed(self, text: str = "14 ngày") -> Correction:
        shown = await self.bench.answered()
        return await self.bench.corrections.propose(
            shown.answer.id, person_of(self.bench.an), text, self.bench.clock.now()
        )

    async def card(self, correction: Correction) -> str:
        """The ts of the correction's card in the administrators' channel."""
        card = await self.cards.card(correction)
        reply = await self.bench.api.call(
            "chat.postMessage", channel=self.bench.office, text=card.text, blocks=card.blocks
        )
        await self.bench.corrections.announced(correction.id, message_id(self.bench.office, reply["ts"]))
        return str(reply["ts"])

    async def state(self, correction: Correction) -> CorrectionState:
        found = await self.bench.corrections.get(correction.id)
        assert found is not None
        return found.state


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_bench(tmp_path) as bench:
        desk = Desk(bench)
        async with bench.listening(desk.register):
            yield desk


async def test_reason_and_correction_are_kept_with_a_vote(desk: Desk) -> None:
    shown = await desk.bench.answered()
    assert (await desk.fill_in(shown, "wrong", " 14 ngày\n")).acknowledged
    lan = person_of(desk.bench.lan)
    assert await desk.bench.given(shown, desk.bench.lan) == Feedback(shown.answer.id, lan, -1, "wrong", "14 ngày")
    (waiting,) = await desk.bench.corrections.unannounced()
    assert (waiting.text, waiting.person) == ("14 ngày", lan)
    assert not desk.bench.slack.views(desk.bench.lan)
    told = await desk.bench.told(desk.bench.lan)
    assert (told.channel, told.thread_ts) == (shown.channel, shown.asked_ts)
    assert "quản trị viên" in told.text
    assert desk.woken.calls == [("proposed",)]


async def test_a_reason_alone_leaves_the_administrators_in_peace(desk: Desk) -> None:
    shown = await desk.bench.answered()
    await desk.fill_in(shown, "outdated")
    assert (await desk.bench.told(desk.bench.lan)).text == "Cảm ơn bạn đã cho biết lý do."
    assert await desk.bench.corrections.unannounced() == []
    assert desk.woken.calls == []


async def test_what_is_said_afterwards_is_in_the_language_of_the_window(desk: Desk) -> None:
    await desk.fill_in(await desk.bench.answered(), "outdated", language="en")
    assert (await desk.bench.told(desk.bench.lan)).text == "Thank you for telling why."


async def test_who_had_voted_up_votes_down_by_saying_what_is_wrong(desk: Desk) -> None:
    shown = await desk.bench.answered()
    await desk.bench.feedback.vote(shown.answer.id, person_of(desk.bench.lan), 1, desk.bench.clock.now())
    await desk.fill_in(shown, correction="14 ngày")
    given = await desk.bench.given(shown, desk.bench.lan)
    assert given is not None
    assert given.vote == -1


@pytest.mark.parametrize(
    ("reason", "correction", "block", "said"),
    [
        ("", "", views.REASON, "Xin chọn một lý do hoặc viết câu trả lời đúng."),
        ("boring", " \n", views.REASON, "Xin chọn một lý do hoặc viết câu trả lời đúng."),
        ("wrong", "x" * 3_001, views.CORRECTION, "Nội dung này quá dài. Xin viết trong 3000 ký tự."),
    ],
)
async def test_what_cannot_be_kept_is_said_in_the_window(
    desk: Desk, reason: str, correction: str, block: str, said: str
) -> None:
    shown = await desk.bench.answered()
    pressed = await desk.fill_in(shown, reason, correction)
    assert pressed.payload == {"response_action": "errors", "errors": {block: said}}
    assert desk.bench.slack.views(desk.bench.lan)
    assert not desk.bench.slack.user_errors
    assert await desk.bench.given(shown, desk.bench.lan) is None


async def test_an_answer_that_has_gone_is_said_in_the_window(desk: Desk) -> None:
    shown = await desk.bench.answered()
    await desk.bench.people.forget(person_of(desk.bench.an))
    pressed = await desk.fill_in(shown, "wrong")
    assert set(pressed.payload["errors"]) == {views.REASON}


async def test_a_window_that_cannot_be_stored_is_not_acknowledged(desk: Desk) -> None:
    shown = await desk.bench.answered()
    await desk.bench.close_store()
    assert not (await desk.fill_in(shown, "wrong", "14 ngày")).acknowledged
    await desk.bench.open_store()
    assert await desk.bench.given(shown, desk.bench.lan) is None
    assert not desk.bench.slack.ephemerals(desk.bench.lan)


@pytest.mark.parametrize("metadata", ["", "{}", "[1]", '{"answer_id": 7}', "nonsense"])
async def test_a_window_of_others_is_passed_over(desk: Desk, metadata: str) -> None:
    body = {"user": {"id": desk.bench.lan}, "view": {"private_metadata": metadata}}
    assert await desk.explanations.keep(body) is None
    await desk.explanations.after(body, None)


@pytest.mark.parametrize(
    ("action_id", "state", "word"),
    [
        (controls.ACCEPT, CorrectionState.ACCEPTED, "đã chấp nhận"),
        (controls.REJECT, CorrectionState.REJECTED, "không dùng"),
    ],
)
async def test_an_administrator_decides_and_the_card_says_so(
    desk: Desk, action_id: str, state: CorrectionState, word: str
) -> None:
    correction = await desk.proposed()
    ts = await desk.card(correction)
    assert (await desk.bench.slack.hands.click(desk.bench.lan, ts, action_id)).acknowledged
    assert await desk.state(correction) is state
    await desk.bench.slack.until(lambda slack: slack.called("chat.update"))
    shown = desk.bench.slack.message(ts)
    assert word in shown.seen()
    assert f"<@{desk.bench.lan}>" in shown.seen()
    assert "actions" not in [block["type"] for block in shown.blocks]
    assert desk.woken.calls == [("decided",)]
    assert not desk.bench.slack.ephemerals(desk.bench.lan)


async def test_nobody_else_decides(desk: Desk) -> None:
    correction = await desk.proposed()
    desk.bench.slack.people.join(desk.bench.an, desk.bench.office)
    ts = await desk.card(correction)
    assert (await desk.bench.slack.hands.click(desk.bench.an, ts, controls.ACCEPT)).acknowledged
    assert "quản trị viên" in (await desk.bench.told(desk.bench.an)).text
    assert await desk.state(correction) is CorrectionState.PROPOSED
    assert not desk.bench.slack.called("chat.update")
    assert desk.woken.calls == []


async def test_who_comes_too_late_hears_who_decided_and_the_card_is_put_right(desk: Desk) -> None:
    correction = await desk.proposed()
    ts = await desk.card(correction)
    other = desk.bench.slack.people.add_user("Hoa")
    now = desk.bench.clock.now()
    await desk.bench.corrections.decide(correction.id, person_of(other), accept=False, now=now)
    await desk.bench.slack.hands.click(desk.bench.lan, ts, controls.ACCEPT)
    assert (await desk.bench.told(desk.bench.lan)).text.startswith(f"<@{other}> đã quyết định không dùng")
    assert await desk.state(correction) is CorrectionState.REJECTED
    await desk.bench.slack.until(lambda slack: "actions" not in [b["type"] for b in slack.message(ts).blocks])
    assert desk.woken.calls == []


async def test_a_correction_that_was_replaced_is_not_decided(desk: Desk) -> None:
    correction = await desk.proposed()
    ts = await desk.card(correction)
    person, now = correction.person, desk.bench.clock.now()
    await desk.bench.corrections.propose(correction.answer_id, person, "15 ngày", now)
    await desk.bench.slack.hands.click(desk.bench.lan, ts, controls.ACCEPT)
    assert "thay" in (await desk.bench.told(desk.bench.lan)).text
    assert await desk.state(correction) is CorrectionState.WITHDRAWN


async def test_a_correction_that_has_gone_is_said_to_have(desk: Desk) -> None:
    correction = await desk.proposed()
    ts = await desk.card(correction)
    await desk.bench.people.forget(correction.person)
    await desk.bench.slack.hands.click(desk.bench.lan, ts, controls.ACCEPT)
    assert "không còn" in (await desk.bench.told(desk.bench.lan)).text


async def test_who_decided_may_be_forgotten(desk: Desk) -> None:
    correction = await desk.proposed()
    ts = await desk.card(correction)
    now = desk.bench.clock.now()
    await desk.bench.corrections.decide(correction.id, person_of(desk.bench.an), accept=True, now=now)
    decided = await desk.bench.corrections.get(correction.id)
    assert decided is not None
    assert desk.cards.decider(decided) == desk.bench.an
    stranger = Correction("c", "a", "telegram:1", "x", CorrectionState.ACCEPTED, now, decided_by=None, decided_at=now)
    assert desk.cards.decider(stranger) == desk.bench.identity.user
    await desk.bench.slack.hands.click(desk.bench.lan, ts, controls.REJECT)
    await desk.bench.told(desk.bench.lan)


async def test_a_decision_that_cannot_be_stored_is_not_acknowledged(desk: Desk) -> None:
    correction = await desk.proposed()
    ts = await desk.card(correction)
    await desk.bench.close_store()
    assert not (await desk.bench.slack.hands.click(desk.bench.lan, ts, controls.ACCEPT)).acknowledged
    await desk.bench.open_store()
    assert await desk.state(correction) is CorrectionState.PROPOSED


async def test_a_card_that_slack_does_not_change_stands_and_the_decision_too(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    correction = await desk.proposed()
    ts = await desk.card(correction)
    desk.bench.slack.fail("chat.update", "internal_error")
    await desk.bench.slack.hands.click(desk.bench.lan, ts, controls.ACCEPT)
    await desk.bench.slack.until(lambda slack: slack.called("chat.update"))
    assert await desk.state(correction) is CorrectionState.ACCEPTED
    await desk.bench.slack.hands.click(desk.bench.lan, ts, controls.ACCEPT)
    await desk.bench.slack.until(lambda slack: "actions" not in [b["type"] for b in slack.message(ts).blocks])
    assert correction.id in caplog.text


async def test_other_clicks_decide_nothing(desk: Desk) -> None:
    click = {"action_id": controls.VOTE, "value": "c1"}
    assert await desk.decisions.keep({"user": {"id": desk.bench.lan}, "actions": [click]}) is None
    await desk.decisions.after({}, None)
