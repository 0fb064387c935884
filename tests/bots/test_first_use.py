"""With their first question people are told what is kept of them: once, afterwards, and nobody waits for that."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bots.first_use import FirstUse, Kept
from core.intake import Incoming, Receipt, Verdict
from core.people import People
from core.store.database import Database
from tests.bots.slack.office import MANIFEST, Plan, open_office
from tests.bots.telegram.office import Plan as TelegramPlan
from tests.bots.telegram.office import a_place
from tests.bots.telegram.office import open_office as open_telegram
from tests.core.desk import QUESTION, incoming
from tests.core.store.databases import fresh_database
from tests.slack_server import SlackServer

KEPT = Kept(30, 365)


@dataclass
class Inbox:
    """Takes everything for what it is told to."""

    verdict: Verdict = Verdict.ACCEPTED
    stopped: int = 0

    async def accept(self, message: Incoming) -> Receipt:
        del message
        return Receipt(self.verdict, "q1")

    async def stop_newest(self, conversations: Sequence[str], person: str, event: str) -> Receipt | None:
        del conversations, person, event
        self.stopped += 1
        return None


@dataclass
class Teller:
    """Tells people, where the platform takes it."""

    takes: bool = True
    told: list[str] = field(default_factory=list)

    async def tell(self, message: Incoming) -> bool:
        self.told.append(message.person)
        return self.takes


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh_database("sqlite", tmp_path) as opened:
        yield opened


@asynccontextmanager
async def at_work(database: Database, teller: Teller, inbox: Inbox | None = None) -> AsyncIterator[FirstUse]:
    first_use, stopping = FirstUse(inbox or Inbox(), People(database), lambda m: m.person, teller.tell), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(first_use.run(stopping))
        yield first_use
        stopping.set()


def asked_by(person: str) -> Incoming:
    return replace(incoming(), person=person)


async def test_everybody_is_told_once(database: Database) -> None:
    teller = Teller()
    async with at_work(database, teller) as first_use:
        for person in ("an", "an", "bình", "an", "chi"):
            assert await first_use.accept(asked_by(person)) == Receipt(Verdict.ACCEPTED, "q1")
        await first_use.waiting()
    async with at_work(database, teller) as first_use:
        for person in ("an", "dung"):
            await first_use.accept(asked_by(person))
        await first_use.waiting()
    assert teller.told == ["an", "bình", "chi", "dung"]
    assert (await People(database).preference("an")).told


async def test_who_could_not_be_told_is_told_with_the_next_question(database: Database) -> None:
    teller = Teller(takes=False)
    async with at_work(database, teller) as first_use:
        await first_use.accept(asked_by("an"))
        await first_use.waiting()
        teller.takes = True
        await first_use.accept(asked_by("an"))
        await first_use.waiting()
    assert (await People(database).preference("an")).told


@pytest.mark.parametrize("verdict", [each for each in Verdict if each is not Verdict.ACCEPTED])
async def test_only_a_new_question_is_a_first_use(database: Database, verdict: Verdict) -> None:
    teller, inbox = Teller(), Inbox(verdict)
    async with at_work(database, teller, inbox) as first_use:
        await first_use.accept(asked_by("an"))
        inbox.verdict = Verdict.ACCEPTED
        await first_use.accept(asked_by("bình"))
        await first_use.waiting()
        assert await first_use.stop_newest([], "an", "e") is None
    assert (teller.told, inbox.stopped) == (["bình"], 1)


async def test_without_anything_to_say_nobody_is_told(database: Database) -> None:
    first_use = FirstUse(Inbox(), People(database), lambda message: message.person, None)
    await first_use.accept(asked_by("an"))
    await first_use.run(asyncio.Event())
    assert not (await People(database).preference("an")).told


async def test_a_database_that_fails_is_no_end(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    teller = Teller()
    async with database.writing() as connection:
        await connection.exec_driver_sql("ALTER TABLE person_preference RENAME TO gone")
    async with at_work(database, teller) as first_use:
        for person in ("an", "bình"):
            await first_use.accept(asked_by(person))
        await first_use.waiting()
        async with database.writing() as connection:
            await connection.exec_driver_sql("ALTER TABLE gone RENAME TO person_preference")
        await first_use.accept(asked_by("an"))
        await first_use.waiting()
    assert teller.told == ["an"]
    assert caplog.text.count("with their next question") == 2


async def test_on_slack_the_asker_alone_reads_it(database: Database) -> None:
    plan = Plan(config={"kept": KEPT})
    async with SlackServer(dict(MANIFEST)) as slack, open_office(database, slack, plan) as office:
        await office.answered(office.channel, await office.ask())
        await slack.until(lambda slack: slack.ephemerals(office.an))
        await office.answered(office.channel, await office.ask())
        await office.ask(user=office.binh)
        await slack.until(lambda slack: slack.ephemerals(office.binh))
        [told] = slack.ephemerals(office.an)
        assert "30 ngày" in told.seen()
        assert "365 ngày" in told.seen()
        assert (told.channel, told.thread_ts) == (office.channel, None)
        assert (await office.memory.people.preference(f"slack:{office.an}")).told


async def test_on_slack_it_is_said_in_the_thread_of_the_question(database: Database) -> None:
    plan = Plan(config={"kept": KEPT})
    async with SlackServer(dict(MANIFEST)) as slack, open_office(database, slack, plan) as office:
        root = slack.people.say(office.binh, office.channel, "Chào mọi người")
        await office.ask(thread_ts=root)
        await slack.until(lambda slack: slack.ephemerals(office.an))
        [told] = slack.ephemerals(office.an)
        assert told.thread_ts == root


async def test_on_telegram_each_reads_it_in_private(tmp_path: Path) -> None:
    async with (
        a_place(tmp_path) as (database, telegram),
        open_telegram(database, telegram, TelegramPlan(config={"kept": KEPT})) as office,
    ):
        an = office.crew.an
        await office.answer(an, telegram.people.say(an, an, QUESTION))
        told = await office.said(an, "30 ngày")
        await office.answer(an, telegram.people.say(an, an, QUESTION))
        assert "/xoadulieu" in told.text
        assert sum("30 ngày" in said.text for said in telegram.said(an)) == 1


async def test_on_telegram_a_group_reads_it_once(tmp_path: Path) -> None:
    async with (
        a_place(tmp_path) as (database, telegram),
        open_telegram(database, telegram, TelegramPlan(config={"kept": KEPT})) as office,
    ):
        crew, people = office.crew, telegram.people
        for user in (crew.an, crew.binh):
            await office.answer(crew.group, people.say(user, crew.group, f"/hoi {QUESTION}"))
            await office.said(crew.group, "30 ngày")
        assert sum("30 ngày" in said.text for said in telegram.said(crew.group)) == 1
        assert not (await office.memory.people.preference(f"telegram:{crew.an}")).told
