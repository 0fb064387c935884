"""The whole adapter over real sockets: questions come in, answers stand in their threads."""

import asyncio
from dataclasses import replace

import aiohttp

from bots.memory import Memory
from bots.service import working
from bots.slack.adapter import SlackConfig, Surroundings, open_client, slack_adapter, slack_surface
from bots.slack.http import HttpMode
from core.access import Directory
from core.alarms import Alarms
from core.clock import SteadyClock
from core.store.database import Database
from core.store.spaces import SpaceRepository
from tests.bots.slack.office import (
    ANSWER,
    QUESTION,
    STAFF,
    Office,
    Plan,
    Shelf,
    a_link,
    all_is_well,
    inbox_over,
    slack_config,
)
from tests.bots.slack.reception import Counter
from tests.core.desk import pipeline_over
from tests.fakes import ScriptedModel
from tests.slack_server import SlackServer


async def test_a_mention_is_answered_in_its_thread(office: Office) -> None:
    ts = await office.ask()
    answer = office.slack.message(await office.answered(office.channel, ts))
    assert ANSWER in answer.seen()
    assert answer.thread_ts == ts
    assert [message.user for message in office.slack.thread(office.channel, ts)] == [office.an, "U0BOT"]
    assert (office.slack.pings, office.slack.violations, office.slack.lost) == ([], [], [])


async def test_a_direct_message_is_answered(office: Office) -> None:
    place = office.slack.people.im(office.an)
    ts = office.slack.people.say(office.an, place, QUESTION)
    await office.answered(place, ts)


async def test_a_follow_up_needs_no_mention(office: Office) -> None:
    ts = await office.ask()
    await office.answered(office.channel, ts)
    office.slack.people.say(office.binh, office.channel, QUESTION, thread_ts=ts)
    await office.answered(office.channel, ts, count=2)


async def test_who_is_to_stop_stops_also_while_slack_is_away(database: Database, slack: SlackServer) -> None:
    slack.fail("auth.test", "internal_error", times=100)
    plan, clock, stopping = Plan(), SteadyClock(), asyncio.Event()
    config = replace(slack_config(slack, "", plan), admin_channel=None)
    memory = Memory.of(database, Directory({}), Alarms(clock))
    async with open_client(config) as client:
        surface = slack_surface(config, client, memory.threads, a_link, clock)
        inbox = inbox_over(database, surface, pipeline_over(database, ScriptedModel(())), memory, plan)
        around = Surroundings(Shelf(), lambda _space, _path: None, all_is_well)
        adapter = slack_adapter(config, surface, inbox, memory, around)
        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(adapter.run(stopping))
            await slack.until(lambda slack: slack.called("auth.test"))
            stopping.set()
    assert not surface.identity.is_known
    assert slack.called("apps.connections.open") == []


async def test_who_belongs_to_another_workspace_gets_nothing_from_inside(office: Office) -> None:
    partner = office.slack.people.add_user("Đối tác", team="T2")
    place = office.slack.people.im(partner)
    ts = office.slack.people.say(partner, place, QUESTION)
    await office.slack.until(lambda slack: any(message.metadata for message in slack.thread(place, ts)))
    assert all(ANSWER not in message.seen() for message in office.slack.thread(place, ts))


async def test_over_http_a_question_is_answered_and_a_stranger_turned_away(
    database: Database, slack: SlackServer
) -> None:
    an, plan, clock, stopping = slack.people.add_user("An"), Plan(), SteadyClock(), asyncio.Event()
    config = SlackConfig(slack.bot_token, None, slack.signing_secret, slack.api_url, port=0, members_group=STAFF)
    await SpaceRepository(database).sync([(space, ()) for space in plan.spaces])
    memory = Memory.of(database, Directory({}), Alarms(clock))
    async with open_client(config) as client:
        surface = slack_surface(config, client, memory.threads, a_link, clock)
        inbox = inbox_over(database, surface, pipeline_over(database, plan.model), memory, plan)
        around = Surroundings(Shelf(), lambda _space, _path: None, all_is_well)
        adapter = slack_adapter(config, surface, inbox, memory, around)
        transport, connected = adapter.transport, Counter()
        assert isinstance(transport, HttpMode)
        transport.connected = connected
        async with asyncio.TaskGroup() as group, working(inbox):
            group.create_task(adapter.run(stopping))
            await connected.until(1)
            url = f"http://127.0.0.1:{transport.bound_port}{config.path}"
            await slack.deliver_to(url)
            place = slack.people.im(an)
            ts = slack.people.say(an, place, QUESTION)
            await slack.until(lambda slack: any(ANSWER in message.seen() for message in slack.thread(place, ts)))
            async with aiohttp.ClientSession() as session, session.post(url, json={"type": "event_callback"}) as reply:
                assert reply.status == 401
            stopping.set()
    assert slack.unacknowledged == []


async def test_who_joins_a_channel_is_reckoned_with_at_the_next_question(office: Office) -> None:
    first = await office.ask()
    await office.answered(office.channel, first)
    guest = office.slack.people.add_user("Khách", is_restricted=True)
    office.slack.people.join(guest, office.channel)
    await office.slack.settled()
    second = await office.ask()
    await office.slack.until(lambda slack: any(m.metadata for m in slack.thread(office.channel, second)))
    await office.slack.settled()
    assert all(ANSWER not in message.seen() for message in office.slack.thread(office.channel, second))
