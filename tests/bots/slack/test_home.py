"""The home tab: who sees what in it, what is chosen there, and the right to be forgotten."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncApp

from bots.slack import controls
from bots.slack.home import HomePages, midnight
from bots.slack.ids import SURFACE, Spot, message_id, person_of
from core.access import Directory
from core.conversation import Outcome, Person
from core.documents import Space
from core.people import Preference, Unfinished
from core.store.figures import Figures
from core.store.spaces import SpaceRepository
from tests.bots.keeping import found_in
from tests.bots.slack.bench import TEAM, Bench, a_bench
from tests.core.desk import QUESTION
from tests.core.store.samples import OPEN, PAY, STAFF, a_document, stored, with_spaces
from tests.slack_server.messages import texts_of


@dataclass
class Desk:
    bench: Bench

    def __post_init__(self) -> None:
        bench = self.bench
        self.examined = 0
        self.listed = asyncio.Event()
        self.directory = Directory(
            {
                "nhan-vien": frozenset({person_of(bench.an), person_of(bench.lan)}),
                "ke-toan": frozenset({person_of(bench.lan)}),
            }
        )
        self.pages = HomePages(
            telling=bench.telling,
            figures=Figures(bench.database),
            clock=bench.clock,
            timezone="Asia/Ho_Chi_Minh",
            person=self._person,
            spaces=self._spaces,
            is_administrator=bench.is_administrator,
            health=self._health,
        )

    async def _person(self, person: str) -> Person:
        return self.directory.person(person)

    async def _spaces(self) -> Iterable[Space]:
        self.listed.set()
        return (await SpaceRepository(self.bench.database).all()).values()

    async def _health(self) -> Sequence[tuple[str, bool, str]]:
        self.examined += 1
        return [("Mô hình", True, "qwen"), ("Chỉ mục", False, "đang dựng lại")]

    def register(self, app: AsyncApp) -> None:
        app.event("app_home_opened")(self._opened)
        app.event("message")(self._nothing)
        app.event("app_mention")(self._nothing)
        for action_id in (controls.LANGUAGE, controls.CONSENT, controls.FORGET):
            self.bench.on_action(app, action_id, self.pages.keep, self.pages.after)

    async def _opened(self, event: dict[str, object]) -> None:
        await self.pages.opened(event)

    @staticmethod
    async def _nothing() -> None:
        pass

    async def open(self, user: str) -> str:
        """The texts of the person's tab, once it has been published anew."""
        count = self.published
        self.bench.slack.people.open_home(user)
        await self.again(count)
        return self.seen(user)

    @property
    def published(self) -> int:
        return len(self.bench.slack.called("views.publish"))

    async def again(self, count: int) -> None:
        """Waits until more than `count` tabs have been published."""
        await self.bench.slack.until(lambda _: self.published > count)

    def seen(self, user: str) -> str:
        view = self.bench.slack.home(user)
        assert view is not None
        return "\n".join(texts_of(view.json["blocks"]))

    async def click(self, user: str, action_id: str, value: str | None = None) -> bool:
        """Whether a click in the person's own tab was acknowledged."""
        view, count = self.bench.slack.home(user), self.published
        assert view is not None
        pressed = await self.bench.slack.hands.click(user, view.id, action_id, value)
        if pressed.acknowledged:
            await self.again(count)
        return pressed.acknowledged

    async def preference(self, user: str) -> Preference:
        return await self.bench.people.preference(person_of(user))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_bench(tmp_path) as bench:
        desk = Desk(bench)
        async with bench.listening(desk.register):
            yield desk


async def test_people_see_the_spaces_that_they_may_search(desk: Desk) -> None:
    await with_spaces(desk.bench.database)
    await stored(desk.bench.database, a_document())
    stranger = desk.bench.slack.people.add_user("Khách")
    for user, spaces in ((desk.bench.an, {STAFF, OPEN}), (desk.bench.lan, {STAFF, OPEN, PAY}), (stranger, {OPEN})):
        seen = await desk.open(user)
        assert {space for space in (STAFF, OPEN, PAY) if space.name in seen} == spaces
    assert "1 tài liệu" in desk.seen(desk.bench.an)


async def test_people_see_their_own_questions_only(desk: Desk) -> None:
    await desk.bench.answered()
    assert QUESTION in await desk.open(desk.bench.an)
    assert QUESTION not in await desk.open(desk.bench.lan)


async def test_the_state_of_the_service_is_for_administrators(desk: Desk) -> None:
    shown = await desk.bench.answered()
    await desk.bench.answered(Outcome.NOT_FOUND)
    await desk.bench.feedback.vote(shown.answer.id, person_of(desk.bench.an), -1, desk.bench.clock.now())
    await desk.bench.lobby.ask(QUESTION)
    seen = await desk.open(desk.bench.lan)
    for said in ("Hôm nay: 3 câu hỏi, 1", "0 tốt, 1 chưa tốt", "1 câu hỏi đang chờ", "Chỉ mục", "đang dựng lại"):
        assert said in seen
    assert "Chỉ mục" not in await desk.open(desk.bench.an)
    assert desk.examined == 1


async def test_the_messages_tab_is_not_built(desk: Desk) -> None:
    desk.bench.slack.people.open_home(desk.bench.an, "messages")
    await desk.bench.slack.settled()
    await desk.pages.opened({"user": desk.bench.an, "tab": "messages"})
    await desk.pages.opened({"tab": "home"})
    assert desk.published == 0


@pytest.mark.parametrize(("chosen", "kept", "said"), [("en", "en", "Delete my data"), ("auto", None, "Xóa")])
async def test_the_language_is_kept_and_seen_at_once(desk: Desk, chosen: str, kept: str | None, said: str) -> None:
    await desk.open(desk.bench.an)
    assert await desk.click(desk.bench.an, controls.LANGUAGE, chosen)
    assert (await desk.preference(desk.bench.an)).language == kept
    assert said in desk.seen(desk.bench.an)
    assert (await desk.preference(desk.bench.lan)).language is None


async def test_a_language_that_we_do_not_speak_is_not_kept(desk: Desk) -> None:
    click = {"action_id": controls.LANGUAGE, "selected_option": {"value": "fr"}}
    assert await desk.pages.keep({"user": {"id": desk.bench.an}, "actions": [click]}) is None
    assert (await desk.preference(desk.bench.an)).language is None


async def test_the_consent_is_kept_either_way(desk: Desk) -> None:
    await desk.open(desk.bench.an)
    view = desk.bench.slack.home(desk.bench.an)
    assert view is not None
    payload = desk.bench.slack.hands._payload("block_actions", desk.bench.an) | {"container": {"type": "view"}}
    for ticked in ([], [{"value": "consents"}]):
        click = {"type": "checkboxes", "action_id": controls.CONSENT, "selected_options": ticked}
        count = desk.published
        await desk.bench.slack.hands._interact(desk.bench.an, "tick", payload | {"actions": [click]})
        await desk.again(count)
        assert (await desk.preference(desk.bench.an)).training is bool(ticked)


async def test_a_choice_that_cannot_be_stored_is_not_acknowledged(desk: Desk) -> None:
    await desk.open(desk.bench.an)
    await desk.bench.close_store()
    assert not await desk.click(desk.bench.an, controls.LANGUAGE, "en")
    await desk.bench.open_store()
    assert (await desk.preference(desk.bench.an)).language is None


async def test_who_is_forgotten_reads_what_was_deleted(desk: Desk) -> None:
    shown = await desk.bench.answered()
    await desk.bench.feedback.vote(shown.answer.id, person_of(desk.bench.an), 1)
    await desk.open(desk.bench.an)
    assert await desk.click(desk.bench.an, controls.FORGET)
    said = "\n".join(texts_of((await desk.bench.modal(desk.bench.an))["blocks"]))
    assert "1 câu hỏi, 1 câu trả lời, 1 đánh giá và 0 nội dung sửa" in said
    assert await desk.bench.people.recent_questions(person_of(desk.bench.an), 5) == []
    assert QUESTION not in desk.seen(desk.bench.an)


async def test_what_is_forgotten_is_in_no_file_afterwards(desk: Desk) -> None:
    await desk.bench.answered()
    await desk.open(desk.bench.an)
    folder = Path(desk.bench.database.place).parent
    assert found_in(folder, [desk.bench.an])
    await desk.click(desk.bench.an, controls.FORGET)
    assert not found_in(folder, [desk.bench.an])


async def test_who_cannot_be_shown_a_window_is_written_to(desk: Desk) -> None:
    await desk.bench.answered()
    await desk.open(desk.bench.an)
    desk.bench.slack.fail("views.open", "expired_trigger_id")
    await desk.click(desk.bench.an, controls.FORGET)
    (told,) = await desk.bench.written(desk.bench.an)
    assert "1 câu hỏi" in told.text


@pytest.mark.parametrize("streaming", [False, True])
async def test_what_nobody_will_finish_is_taken_away(desk: Desk, *, streaming: bool) -> None:
    bench = desk.bench
    asked_ts = bench.slack.people.ask(bench.an, bench.channel, QUESTION)
    spot = Spot(TEAM, bench.channel, asked_ts)
    where = {"key": spot.name, "event": spot.name, "conversation": spot.name, "place": spot.place}
    await bench.lobby.ask(QUESTION, surface=SURFACE, person=person_of(bench.an), **where)
    claims = bench.lobby.claims(surfaces=(SURFACE,))
    claim = await claims.claim(bench.lobby.now, room=True)
    assert claim is not None
    method = "chat.startStream" if streaming else "chat.postMessage"
    to = {"recipient_user_id": bench.an, "recipient_team_id": TEAM} if streaming else {"text": "Đang tìm"}
    sent = await bench.api.call(method, channel=bench.channel, thread_ts=asked_ts, **to)  # type: ignore[arg-type]
    await claims.posted(claim, 0, message_id(bench.channel, sent["ts"]))
    await desk.open(bench.an)
    await desk.click(bench.an, controls.FORGET)
    assert [message.ts for message in bench.slack.messages(bench.channel)] == [asked_ts]


async def test_a_message_that_cannot_be_taken_away_stays(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await desk.open(desk.bench.an)
    asked_ts = desk.bench.slack.people.ask(desk.bench.lan, desk.bench.channel, QUESTION)
    forgotten = (await desk.bench.people.forget(person_of(desk.bench.an))).unfinished
    assert forgotten == ()
    for surface in ("telegram", SURFACE):
        unfinished = [Unfinished(surface, "p", message_id(desk.bench.channel, asked_ts))]
        await desk.pages._take_away(unfinished)
    assert len(desk.bench.slack.called("chat.delete")) == 1
    assert "stays" in caplog.text


async def test_a_tab_that_slack_does_not_take_is_no_failure(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.bench.slack.fail("views.publish", "internal_error")
    await desk.pages.publish(desk.bench.an)
    assert "not up to date" in caplog.text


async def test_of_changes_at_once_the_last_is_shown(desk: Desk) -> None:
    desk.bench.slack.fail("views.publish", None, delay=0.3)
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.pages.publish(desk.bench.an))
        await desk.listed.wait()
        await desk.bench.people.choose_language(person_of(desk.bench.an), "en")
        group.create_task(desk.pages.publish(desk.bench.an))
    assert "Delete my data" in desk.seen(desk.bench.an)


async def test_other_clicks_change_nothing(desk: Desk) -> None:
    assert await desk.pages.keep({}) is None
    click = {"action_id": controls.VOTE, "value": "up:a1"}
    assert await desk.pages.keep({"user": {"id": desk.bench.an}, "actions": [click]}) is None
    await desk.pages.after({}, None)
    assert desk.published == 0


def test_a_day_begins_at_midnight_in_the_office() -> None:
    evening = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)
    assert midnight(evening, "Asia/Ho_Chi_Minh") == datetime(2026, 11, 23, 17, tzinfo=UTC)
