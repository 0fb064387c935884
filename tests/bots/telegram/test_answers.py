"""Whole answers, from the question to the last text, while Telegram does what it likes."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.store.database import Database, open_database
from tests.bots.telegram.deliveries import (
    FIRST,
    SECOND,
    TEXT,
    FastClock,
    Office,
    SteppedModel,
    an_office,
    serving,
)
from tests.telegram_server import Rates, TelegramServer


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(rates=Rates(on=False), clock=FastClock()) as server:
        yield server


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/office.sqlite") as opened:
        yield opened


@pytest.fixture
def model() -> SteppedModel:
    return SteppedModel()


@pytest.fixture
async def office(database: Database, telegram: TelegramServer, model: SteppedModel) -> AsyncIterator[Office]:
    async with an_office(database, telegram, model) as opened:
        yield opened


LINE = "lao động được nghỉ phép năm 14 ngày, hưởng nguyên lương [1]."
OPENINGS = itertools.islice(
    itertools.permutations(("người", "lao", "động", "hưởng", "nguyên", "lương", "nghỉ"), 3), 150
)
LONG = "\n\n".join(f"{' '.join(opening)} {LINE}" for opening in OPENINGS)
"""An answer that takes three messages and more, of lines that all differ: one that repeats itself is not shown."""


def is_whole(office: Office, chat: int, text: str = TEXT) -> bool:
    """One message stands there, the text once in it, nothing unfinished beside it."""
    (message,) = office.ours(chat)
    return message.text.count(text) == message.text.count(FIRST) == 1 and len(message.buttons) >= 3


async def test_in_private_the_status_stands_until_there_are_words(office: Office, model: SteppedModel) -> None:
    await office.ask(office.an)
    await office.telegram.until(lambda telegram: telegram.draft(office.an))
    await model.heard.wait()
    assert office.ours(office.an) == []
    model.step()
    await office.shown(office.an, FIRST)
    assert office.telegram.draft(office.an) is None
    model.step()
    await office.shown(office.an, SECOND)
    model.finish()
    await office.finished(office.an)
    assert is_whole(office, office.an)


async def test_in_a_group_a_message_stands_for_the_status(office: Office, model: SteppedModel) -> None:
    await office.ask(office.group)
    await office.telegram.until(lambda _telegram: office.ours(office.group))
    (message,) = office.ours(office.group)
    assert (message.text, len(message.buttons)) == ("Đang tìm trong tài liệu ...", 1)
    model.finish()
    await office.finished(office.group)
    assert is_whole(office, office.group)


FAULTS = [
    [("sendMessageDraft", "drop_after")],
    [("sendMessageDraft", "flood")],
    [("sendMessageDraft", "Bad Request: TEXTDRAFT_PEER_INVALID")],
    [("sendMessage", "drop_after")],
    [("sendMessage", "drop_before")],
    [("sendMessage", "hang")],
    [("sendMessage", "flood")],
    [("sendMessage", 502)],
    [("sendMessage", "Unauthorized")],
    [("sendMessage", "drop_after"), ("editMessageReplyMarkup", "drop_after")],
    [("sendMessage", "drop_after"), ("editMessageReplyMarkup", "flood")],
    [("sendMessage", "drop_before"), ("sendMessage", "drop_after"), ("editMessageReplyMarkup", 500)],
    [("editMessageText", "drop_after"), ("editMessageText", "drop_after")],
    [("editMessageText", "drop_before"), ("editMessageText", "flood")],
    [("editMessageText", "flood"), ("editMessageText", 500), ("editMessageText", 500)],
    [("editMessageText", "Bad Request: message to edit not found")],
    [("editMessageText", "Bad Request: message is not modified")],
]


@pytest.mark.parametrize("chat", ["an", "group"])
@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: "+".join(f"{method}:{what}" for method, what in faults))
async def test_the_last_text_stands_there_once_whatever_goes_wrong(
    office: Office, model: SteppedModel, chat: str, faults: list[tuple[str, str | int]]
) -> None:
    place: int = getattr(office, chat)
    for method, what in faults:
        office.telegram.fail(method, what)
    await office.ask(place)
    model.step()
    await office.telegram.until(lambda telegram: telegram.called("sendMessage"))
    model.step()
    await office.telegram.until(lambda telegram: telegram.called("editMessageText"))
    model.finish()
    await office.finished(place)
    assert is_whole(office, place)
    assert office.telegram.violations == []


FINAL_FAULTS = ["drop_after", "drop_before", "flood", 500, "Bad Request: can't parse entities: unclosed tag"]


@pytest.mark.parametrize("fault", FINAL_FAULTS)
async def test_the_last_edit_gets_through(office: Office, model: SteppedModel, fault: str | int) -> None:
    await office.ask(office.group)
    await office.telegram.until(lambda _telegram: office.ours(office.group))
    office.telegram.fail("editMessageText", fault)
    model.finish()
    await office.finished(office.group)
    assert is_whole(office, office.group)
    (message,) = office.ours(office.group)
    assert bool(message.entities) == (not str(fault).startswith("Bad Request"))
    assert office.telegram.violations == []


async def test_an_answer_whose_message_is_deleted_meanwhile_stands_there_all_the_same(
    office: Office, model: SteppedModel
) -> None:
    await office.ask(office.group)
    model.step()
    await office.shown(office.group, FIRST)
    (message,) = office.ours(office.group)
    del office.telegram.world.chat(office.group).messages[message.id]
    model.finish()
    await office.finished(office.group)
    assert is_whole(office, office.group)


@pytest.mark.parametrize("lost", [0, 1, 2])
async def test_a_long_answer_stands_there_whole_and_in_order(
    database: Database, telegram: TelegramServer, lost: int
) -> None:
    model = SteppedModel((LONG,))
    async with an_office(database, telegram, model) as office:
        telegram.fail("sendMessage", None, times=lost)
        telegram.fail("sendMessage", "drop_after")
        await office.ask(office.group)
        model.finish()
        await office.finished(office.group, LINE)
        messages = office.ours(office.group)
        said = [line for message in messages for line in message.text.splitlines() if line.endswith("[1].")]
        assert len(messages) >= 3
        assert said == LONG.split("\n\n")
        assert [len(message.buttons) > 0 for message in messages] == [False] * (len(messages) - 1) + [True]


async def test_who_has_blocked_the_bot_keeps_no_other_waiting(office: Office, model: SteppedModel) -> None:
    office.telegram.fail("sendMessageDraft", "Forbidden: bot was blocked by the user", times=9)
    office.telegram.fail("sendMessage", "Forbidden: bot was blocked by the user")
    await office.ask(office.an)
    model.finish()
    await office.telegram.until(lambda telegram: telegram.called("sendMessage"))
    await office.ask(office.group)
    model.finish()
    await office.finished(office.group)
    assert office.ours(office.an) == []


async def test_an_answer_that_a_dead_process_began_is_completed_not_doubled(
    database: Database, telegram: TelegramServer
) -> None:
    begun = asyncio.Event()
    where: list[int] = []
    async with asyncio.TaskGroup() as group:
        first = group.create_task(_hang(database, telegram, begun, where))
        await begun.wait()
        first.cancel()
    model = SteppedModel()
    model.finish()
    async with serving(database, telegram, model) as inbox:
        office = Office(telegram, inbox, where[0], where[1])
        await office.finished(office.group)
        assert is_whole(office, office.group)


async def _hang(database: Database, telegram: TelegramServer, begun: asyncio.Event, where: list[int]) -> None:
    model = SteppedModel()
    async with an_office(database, telegram, model) as office:
        where += [office.an, office.group]
        await office.ask(office.group)
        model.step()
        await office.shown(office.group, FIRST)
        begun.set()
        await asyncio.Event().wait()


async def test_telegrams_limits_are_kept_over_the_wire_too(database: Database) -> None:
    async with TelegramServer(clock=FastClock()) as telegram:
        model = SteppedModel((LONG,))
        async with an_office(database, telegram, model) as office:
            for chat in (office.an, office.group):
                await office.ask(chat)
            for _ in range(2):
                model.finish()
            for chat in (office.an, office.group):
                await office.finished(chat, LINE)
    assert (dict(telegram.limited), telegram.violations) == ({}, [])
