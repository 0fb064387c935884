"""Who reads along, and who is one of us: what Slack vouches for, and that doubt always counts as no."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bots.slack.audience import EVERYBODY, FRESH_SECONDS, Audience, Remembered, is_full_member, known_of
from bots.slack.ids import Spot, person_of
from core.store.database import Database
from tests.bots.slack.office import MANIFEST
from tests.bots.slack.outbox import TEAM, Outbox, an_outbox
from tests.manual_clock import ManualClock
from tests.slack_server import SlackServer
from tests.slack_server.rates import Rates
from tests.slack_server.workspace import Settings

STAFF = frozenset({"staff"})
NOBODY: frozenset[str] = frozenset()


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(dict(MANIFEST), clock=ManualClock(), rates=Rates(on=False)) as server:
        yield server


@pytest.fixture
async def outbox(slack: SlackServer, database: Database) -> AsyncIterator[Outbox]:
    async with an_outbox(slack, database) as opened:
        yield opened


async def readers(outbox: Outbox, channel: str) -> set[str] | None:
    """The ids of those who read there; `*` stands for every full member."""
    found = await outbox.surface.readers(Spot(TEAM, channel).place)
    return None if found is None else {person.partition(":")[2] for person in found}


def privately(outbox: Outbox, *members: str, **kind: bool) -> str:
    return outbox.slack.people.add_channel("kín", [outbox.an, *members], is_private=True, **kind)


async def test_in_a_direct_message_nobody_reads_along(outbox: Outbox) -> None:
    assert await readers(outbox, outbox.slack.people.im(outbox.an)) == set()
    assert outbox.called() == []


async def test_a_public_channel_is_read_by_every_full_member_and_by_who_is_in_it(outbox: Outbox) -> None:
    guest = outbox.slack.people.add_user("Khách", is_restricted=True)
    outbox.slack.people.join(guest, outbox.channel)
    assert await readers(outbox, outbox.channel) == {outbox.an, guest, "*"}
    assert await outbox.surface.groups(EVERYBODY) == STAFF
    assert await outbox.surface.groups(person_of(guest)) == NOBODY


async def test_a_private_channel_is_read_by_its_members_without_the_bots(outbox: Outbox) -> None:
    binh, robot = outbox.slack.people.add_user("Bình"), outbox.slack.people.add_user("Máy", is_bot=True)
    outbox.slack.people.add_user("Chi")
    assert await readers(outbox, privately(outbox, binh, robot)) == {outbox.an, binh}


async def test_a_group_of_direct_messages_is_read_by_its_members(outbox: Outbox) -> None:
    binh = outbox.slack.people.add_user("Bình")
    assert await readers(outbox, outbox.slack.people.add_group_dm([outbox.an, binh])) == {outbox.an, binh}


async def test_a_channel_shared_with_outsiders_has_readers_that_nobody_knows(outbox: Outbox) -> None:
    assert await readers(outbox, privately(outbox, is_ext_shared=True)) is None


@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted", "is_stranger", "deleted", "is_bot"])
async def test_who_is_no_full_member_is_in_no_group(outbox: Outbox, flag: str) -> None:
    other = outbox.slack.people.add_user("Khác")
    setattr(outbox.slack.workspace.users[other], flag, True)
    assert await outbox.surface.groups(person_of(other)) == NOBODY
    assert await outbox.surface.groups(person_of(outbox.an)) == STAFF


async def test_who_belongs_to_another_workspace_is_in_no_group(outbox: Outbox) -> None:
    partner = outbox.slack.people.add_user("Đối tác", team="T2")
    assert await outbox.surface.groups(person_of(partner)) == NOBODY


async def test_nobody_is_in_a_group_before_we_know_our_own_workspace(outbox: Outbox) -> None:
    outbox.surface.identity.team = ""
    assert await outbox.surface.groups(person_of(outbox.an)) == NOBODY


@pytest.mark.parametrize("person", ["slack:U0NOBODY", "telegram:1", "lan", ""])
async def test_who_is_not_known_is_in_no_group(outbox: Outbox, person: str) -> None:
    assert await outbox.surface.groups(person) == NOBODY


async def test_without_a_group_for_members_there_is_none(slack: SlackServer, database: Database) -> None:
    async with an_outbox(slack, database, members_group=None) as outbox:
        for person in (person_of(outbox.an), EVERYBODY):
            assert await outbox.surface.groups(person) == NOBODY


def test_of_a_large_organisation_those_of_our_workspace_are_members() -> None:
    told = {"id": "W1", "team_id": "E1", "enterprise_user": {"teams": ["T1", "T5"]}, "profile": {"email": "a@b.vn"}}
    assert is_full_member(known_of(told), "T1")
    assert not is_full_member(known_of(told), "T2")
    assert "profile" not in known_of(told)
    assert not is_full_member(known_of({"enterprise_user": {"teams": None}}), "T1")


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.info"])
@pytest.mark.parametrize("what", ["ratelimited", 500, "fatal_error", "missing_scope"])
async def test_an_error_means_unknown_readers_and_is_not_remembered(
    outbox: Outbox, method: str, what: str | int
) -> None:
    channel = privately(outbox)
    outbox.slack.fail(method, what)
    assert await readers(outbox, channel) is None
    assert await readers(outbox, channel) == {outbox.an}


async def test_an_error_means_an_unknown_person_and_is_not_remembered(outbox: Outbox) -> None:
    outbox.slack.fail("users.info", "ratelimited")
    assert await outbox.surface.groups(person_of(outbox.an)) == NOBODY
    assert await outbox.surface.groups(person_of(outbox.an)) == STAFF


async def test_where_we_are_not_let_in_the_readers_are_unknown(outbox: Outbox) -> None:
    foreign = outbox.slack.people.add_channel("lạ", [outbox.an], with_app=False, is_private=True)
    assert await readers(outbox, foreign) is None


async def test_what_is_known_is_asked_again_after_a_minute(outbox: Outbox) -> None:
    channel, guest = privately(outbox), outbox.slack.people.add_user("Khách", is_restricted=True)
    assert await readers(outbox, channel) == {outbox.an}
    outbox.slack.workspace.channels[channel].members.append(guest)  # no event tells of it
    assert await readers(outbox, channel) == {outbox.an}
    asked = len(outbox.slack.calls)
    outbox.clock.advance(FRESH_SECONDS)
    assert await readers(outbox, channel) == {outbox.an, guest}
    assert len(outbox.slack.calls) > asked


async def test_who_loses_rights_loses_them_within_a_minute(outbox: Outbox) -> None:
    assert await outbox.surface.groups(person_of(outbox.an)) == STAFF
    outbox.slack.workspace.users[outbox.an].deleted = True
    outbox.clock.advance(FRESH_SECONDS)
    assert await outbox.surface.groups(person_of(outbox.an)) == NOBODY


async def test_a_failure_forgets_what_was_known(outbox: Outbox) -> None:
    channel = privately(outbox)
    assert await readers(outbox, channel) == {outbox.an}
    outbox.clock.advance(FRESH_SECONDS)
    outbox.slack.fail("conversations.info", 500)
    assert await readers(outbox, channel) is None


async def test_who_comes_is_seen_at_once_where_an_event_tells_of_it(outbox: Outbox) -> None:
    channel, guest = privately(outbox), outbox.slack.people.add_user("Khách", is_restricted=True)
    assert await readers(outbox, channel) == {outbox.an}
    outbox.slack.people.join(guest, channel)
    outbox.surface.audience.changed(channel)
    assert await readers(outbox, channel) == {outbox.an, guest}
    outbox.slack.workspace.channels[channel].is_ext_shared = True
    outbox.surface.audience.changed(channel)
    assert await readers(outbox, channel) is None


async def test_an_answer_from_before_a_change_is_not_kept() -> None:
    known, gate, asked = Remembered[str](ManualClock()), asyncio.Event(), asyncio.Event()

    async def slowly() -> str:
        asked.set()
        await gate.wait()
        return "trước"

    async def now() -> str:
        return "sau"

    async with asyncio.TaskGroup() as group:
        old = group.create_task(known.get("C1", slowly))
        await asked.wait()
        known.forget("C1")
        gate.set()
    assert (old.result(), await known.get("C1", now)) == ("trước", "sau")


async def test_memory_holds_so_many_and_lets_the_oldest_go() -> None:
    known, asked = Remembered[str](ManualClock(), most=3), []

    async def ask() -> str:
        asked.append(1)
        return "x"

    for key in "abcd":
        await known.get(key, ask)
    known.put("d", "y", 0.0)
    assert [known.lacks(key) for key in "abcd"] == [True, False, False, False]
    assert len(asked) == 4


async def test_three_hundred_people_are_listed_not_asked_for_one_by_one(outbox: Outbox) -> None:
    people = [outbox.slack.people.add_user(f"Người {n}", is_restricted=n == 299) for n in range(300)]
    elsewhere = outbox.slack.people.add_user("Ngoài kênh")
    channel = privately(outbox, *people)
    found = await readers(outbox, channel)
    assert found == {outbox.an, *people}
    groups = [await outbox.surface.groups(person_of(person)) for person in people]
    assert groups == [STAFF] * 299 + [NOBODY]
    called = outbox.called()
    assert (called.count("users.info"), called.count("users.list"), called.count("conversations.members")) == (0, 4, 4)
    assert await outbox.surface.groups(person_of(elsewhere)) == STAFF
    assert outbox.called().count("users.info") == 1


async def test_a_large_public_channel_is_read_within_slacks_rates(database: Database) -> None:
    async with SlackServer(dict(MANIFEST), clock=ManualClock()) as slack, an_outbox(slack, database) as outbox:
        people = [slack.people.add_user(f"Người {n}") for n in range(1_000)]
        channel = slack.people.add_channel("tất cả", people)
        for _ in range(5):
            assert await readers(outbox, channel) == {*people, "*"}
        assert slack.limited.total() == 0


async def test_a_workspace_of_five_thousand_is_listed_within_slacks_rates(database: Database) -> None:
    settings = Settings(page_size=1_000)
    async with (
        SlackServer(dict(MANIFEST), settings=settings, clock=ManualClock()) as slack,
        an_outbox(slack, database) as outbox,
    ):
        people = [slack.people.add_user(f"Người {n}") for n in range(5_000)]
        assert await readers(outbox, slack.people.add_channel("tất cả", people[:30])) == {*people[:30], "*"}
        assert slack.limited.total() == 0


async def test_few_unknown_people_are_asked_for_one_by_one(outbox: Outbox) -> None:
    people = [outbox.slack.people.add_user(f"Người {n}") for n in range(18)]
    assert await readers(outbox, privately(outbox, *people)) == {outbox.an, *people}
    assert outbox.called().count("users.list") == 0


async def test_programs_are_told_from_people(outbox: Outbox) -> None:
    audience: Audience = outbox.surface.audience
    robot = outbox.slack.people.add_user("Máy", is_bot=True)
    assert [await audience.is_bot(user) for user in (robot, outbox.an, "U0NOBODY")] == [True, False, False]
