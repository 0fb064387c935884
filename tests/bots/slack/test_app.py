"""Deliveries at the door: kept, then acknowledged, and followed up only after that."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from slack_bolt.async_app import AsyncApp

from bots.reading import Payload
from bots.slack.adapter import SlackConfig, open_client
from bots.slack.app import HANDLED_EVENTS, bolt_app, listen_for_events, on_action, on_view
from bots.slack.events import Confirmation
from bots.slack.identity import Identity
from bots.slack.socket import SocketMode
from core.clock import SteadyClock
from core.errors import StoreError
from tests.bots.slack.absence import StoredInbox
from tests.bots.slack.lobby import Lobby
from tests.bots.slack.office import ANSWER, MANIFEST, QUESTION, Office
from tests.bots.slack.reception import Counter, running
from tests.slack_server import SlackServer
from tests.slack_server.workspace import Settings

SECRET = "Lương của Bình là bao nhiêu?"


@dataclass
class Door:
    """The application over a socket, with an inbox in memory behind it; what it says and opens is `told`."""

    slack: SlackServer
    inbox: StoredInbox = field(default_factory=StoredInbox)
    told: list[object] = field(default_factory=list)
    follow_up: Callable[[object], Awaitable[None]] | None = None

    def __post_init__(self) -> None:
        self.lobby = Lobby(self.inbox)
        self.an = self.slack.people.add_user("An")
        self.channel = self.slack.people.add_channel("chung", [self.an])

    async def tell(self, what: object) -> None:
        self.told.append(what)
        if self.follow_up:
            await self.follow_up(what)

    def ask(self, text: str = QUESTION) -> str:
        return self.slack.people.ask(self.an, self.channel, text)

    @asynccontextmanager
    async def open(self, identity: Identity | None = None) -> AsyncIterator[AsyncApp]:
        async with open_client(SlackConfig(self.slack.bot_token, api_url=self.slack.api_url)) as client:
            app, connected = bolt_app(client, None, identity), Counter()
            listen_for_events(app, self.lobby.events, self.tell, self.tell)
            mode = SocketMode(app, self.slack.app_token, connected, Counter(), SteadyClock())
            async with running(mode.run):
                await connected.until(1)
                yield app


def known() -> Identity:
    identity = Identity("U0BOT", "T1", "B0BOT")
    identity._is_known.set()
    return identity


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    settings = Settings(ack_seconds=1.0, retries=(0.0, 0.0, 0.0))
    async with SlackServer(dict(MANIFEST), settings=settings) as slack:
        yield Door(slack)


async def test_what_could_not_be_stored_is_delivered_again(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    door.inbox.failures = 2
    async with door.open(known()):
        ts = door.ask(SECRET)
        await door.slack.settled()
    assert {asked.key for asked in door.inbox.accepted} == {f"slack:T1:{door.channel}:{ts}"}
    assert len(door.slack.unacknowledged) == 2
    assert door.slack.lost == []
    assert [record.levelname for record in caplog.records if record.name == "bots.slack.app"] == ["WARNING"] * 2
    assert SECRET not in caplog.text


async def test_every_event_is_acknowledged_also_one_that_nobody_has_heard_of(door: Door) -> None:
    async with door.open(known()):
        for kind in sorted(HANDLED_EVENTS | {"team_join", "unheard_of"}):
            door.slack.people.deliver({"type": kind}, "app_mention")
        await door.slack.settled()
    assert door.slack.unacknowledged == []
    assert {type(told) for told in door.told} == {dict}


async def test_every_subscription_of_the_manifest_is_acknowledged(door: Door) -> None:
    subscribed = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    async with door.open(known()):
        for name in subscribed:
            door.slack.people.deliver({"type": name.partition(".")[0]}, name)
        await door.slack.settled()
    assert len(door.slack.deliveries.all) == len(subscribed)
    assert door.slack.unacknowledged == []


@pytest.mark.parametrize("what", ["hang", "internal_error", "ratelimited", "drop_before", 500])
async def test_a_slack_that_is_not_well_loses_no_question(door: Door, what: str | int) -> None:
    """Left to itself, Bolt asks `auth.test` at the first delivery; if that fails it acknowledges, and passes over."""
    door.slack.fail("auth.test", what, times=9)
    async with door.open(known()):
        door.ask()
        await door.slack.settled()
        assert len({asked.key for asked in door.inbox.accepted}) == 1
    assert door.slack.unacknowledged == []
    assert door.slack.called("auth.test") == []


async def test_nothing_is_acknowledged_before_we_know_who_we_are(door: Door) -> None:
    identity = Identity()
    async with door.open(identity):
        door.slack.settings.retries = (0.0,)
        door.ask()
        await door.slack.settled()
    assert door.inbox.accepted == []
    assert len(door.slack.lost) == len(door.slack.deliveries.all) == 2


async def test_our_own_messages_are_passed_over(door: Door) -> None:
    async with door.open(known()) as app:
        await app.client.chat_postMessage(
            token=door.slack.bot_token, channel=door.channel, text=f"{door.slack.people.mention} {QUESTION}"
        )
        await door.slack.settled()
    assert door.inbox.accepted == []
    assert door.slack.unacknowledged == []


async def test_a_follow_up_that_takes_its_time_holds_up_no_acknowledgement(door: Door) -> None:
    gate, begun = asyncio.Event(), asyncio.Event()

    async def slowly(_what: object) -> None:
        begun.set()
        await gate.wait()

    door.follow_up = slowly
    async with door.open(known()):
        door.slack.people.open_home(door.an)
        await begun.wait()
        await door.slack.settled()
        assert door.slack.unacknowledged == []
        gate.set()


async def test_a_follow_up_that_fails_is_logged_once_without_what_was_said(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_what: object) -> None:
        raise RuntimeError("the modal")

    door.follow_up = fail
    caplog.set_level(logging.INFO)
    async with door.open(known()):
        door.slack.people.ask(door.an, door.channel, "im lặng")
        door.slack.people.say(door.an, door.channel, SECRET)
        door.slack.people.open_home(door.an)
        await door.slack.settled()
        await door.slack.until(lambda _slack: door.told)
    failures = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(failures) == len(door.told)
    assert all("the modal" in record.getMessage() for record in failures)
    assert SECRET not in caplog.text
    assert door.slack.unacknowledged == []


async def test_the_causes_of_a_failing_store_are_not_logged(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_what: object) -> None:
        raise StoreError("store.locked", place="test") from RuntimeError(f"INSERT [parameters: {SECRET}]")

    door.follow_up = fail
    async with door.open(known()):
        door.slack.people.open_home(door.an)
        await door.slack.until(lambda _slack: door.told)
        await door.slack.settled()
    assert "a delivery could not be handled" in caplog.text
    assert SECRET not in caplog.text


async def test_an_error_of_ours_before_the_acknowledgement_is_delivered_again(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    calls = []

    async def react(event: Payload, _team: str) -> Confirmation | None:
        calls.append(event)
        if len(calls) == 1:
            raise KeyError("item")
        return None

    door.lobby.events = replace(door.lobby.events, react=react)
    async with door.open(known()):
        door.slack.people.react(door.an, door.ask(), "+1")
        await door.slack.settled()
    assert len(calls) == 2
    assert len(door.slack.unacknowledged) == 1
    assert "KeyError" in caplog.text


async def test_a_click_that_could_not_be_kept_is_not_acknowledged(door: Door) -> None:
    kept: list[Payload] = []

    async def keep(body: Payload) -> str:
        if not kept:
            kept.append(body)
            raise StoreError("store.locked", place="test")
        return "kept"

    async def after(_body: Payload, what: object) -> None:
        door.told.append(what)

    async with door.open(known()) as app:
        on_action(app, "go", keep, after)
        button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Đi"}, "value": "1"}
        said = await app.client.chat_postMessage(
            token=door.slack.bot_token,
            channel=door.channel,
            text="Đi",
            blocks=[{"type": "actions", "elements": [button]}],
        )
        assert not (await door.slack.hands.click(door.an, said["ts"], "go")).acknowledged
        assert (await door.slack.hands.click(door.an, said["ts"], "go")).acknowledged
        await door.slack.until(lambda _slack: door.told)
    assert door.told == ["kept"]


async def test_a_form_with_mistakes_stays_open_and_is_not_followed_up(door: Door) -> None:
    answers: list[object] = [{"errors": {"why": "Xin ghi rõ."}}, "kept"]

    async def keep(_body: Payload) -> object:
        return answers.pop(0)

    async def after(_body: Payload, what: object) -> None:
        door.told.append(what)

    async with door.open(known()) as app:
        on_view(app, "form", keep, after)
        entry = {"type": "plain_text_input", "action_id": "why", "max_length": 100}
        label = {"type": "plain_text", "text": "Vì sao"}
        view = {
            "type": "modal",
            "callback_id": "form",
            "title": label,
            "submit": label,
            "blocks": [{"type": "input", "block_id": "why", "label": label, "element": entry}],
        }
        trigger = door.slack.workspace.new_trigger(door.an)
        await app.client.views_open(token=door.slack.bot_token, trigger_id=trigger, view=view)
        (opened,) = door.slack.views(door.an)
        for _ in range(2):
            await door.slack.hands.submit(door.an, opened.id, {"why": "Vì thế"})
        await door.slack.until(lambda _slack: door.told)
    assert (door.told, door.slack.views(door.an), door.slack.user_errors) == (["kept"], [], [])


async def test_the_same_delivery_any_number_of_times_is_one_answer(office: Office) -> None:
    ts = await office.ask()
    await office.answered(office.channel, ts)
    await office.slack.settled()
    for delivery in list(office.slack.deliveries.all):
        office.slack.deliveries.send(delivery.payload)
    other = await office.ask()
    await office.answered(office.channel, other)
    await office.slack.settled()
    assert [len(office.slack.thread(office.channel, each)) for each in (ts, other)] == [2, 2]


async def test_a_delivery_whose_acknowledgement_was_lost_is_one_answer(office: Office) -> None:
    office.slack.settings.retries = (0.0, 0.1, 0.1)
    ts = await office.ask()
    office.slack.sockets.drop()
    await office.answered(office.channel, ts)
    await office.slack.settled()
    other = await office.ask()
    await office.answered(office.channel, other)
    assert len(office.slack.thread(office.channel, ts)) == 2


async def test_the_log_holds_neither_tokens_nor_what_people_say(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    slack = office.slack
    for method, what in (
        ("chat.startStream", "drop_after"),
        ("chat.stopStream", "drop_after"),
        ("assistant.threads.setStatus", "thread_not_found"),
        ("users.info", 500),
        ("conversations.replies", "ratelimited"),
        ("files.download", 500),
    ):
        slack.fail(method, what)
    first = slack.people.upload(office.an, office.channel, "a.txt", b"x", text=f"{slack.people.mention} {QUESTION}")
    await slack.until(lambda _slack: len(slack.thread(office.channel, first)) > 1)
    second = await office.ask()
    await office.answered(office.channel, second)
    slack.people.say(office.an, office.channel, QUESTION, thread_ts=second)
    await office.answered(office.channel, second, count=2)
    await slack.hands.command(office.an, office.channel, "/hoi", QUESTION)
    place = slack.people.add_channel("khác", [office.an], with_app=False)
    await slack.hands.command(office.an, place, "/hoi", QUESTION)
    await slack.until(lambda _slack: slack.messages(slack.people.im(office.an)))
    await slack.settled()
    assert caplog.records
    for said in (slack.bot_token, slack.app_token, "xoxb", "xapp", QUESTION, ANSWER, "nghỉ phép"):
        assert said not in caplog.text
