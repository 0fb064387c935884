"""From Telegram into a real store: what is confirmed is there, and conversations go on as people mean them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from bots.telegram.ids import Spot
from bots.telegram.polling import Polling
from bots.telegram.updates import UpdateQueue
from core.store import tables
from tests.bots.telegram.bench import Bench, a_bench
from tests.bots.telegram.pollers import Heard
from tests.manual_clock import ImpatientClock


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as bench:
        yield bench


@asynccontextmanager
async def polled(bench: Bench) -> AsyncIterator[None]:
    polling = Polling(bench.api.bot, bench.account, UpdateQueue(bench.events), Heard(), ImpatientClock())
    stopping = asyncio.Event()
    async with asyncio.timeout(15), asyncio.TaskGroup() as group:
        group.create_task(polling.run(stopping))
        try:
            yield
        finally:
            stopping.set()


async def conversation(bench: Bench, chat: int, message: int) -> str | None:
    return await bench.threads.conversation_with(Spot(bench.account.id, chat, message).name)


def named(bench: Bench, chat: int, message: int) -> str:
    return Spot(bench.account.id, chat, message).name


async def test_while_the_store_is_away_nothing_is_confirmed_and_then_all_is_there(bench: Bench) -> None:
    telegram = bench.telegram
    await bench.close_store()
    asked = [telegram.people.tell(bench.an, text) for text in ("nghỉ phép mấy ngày?", "nghỉ ốm mấy ngày?")]
    async with polled(bench):
        await telegram.until(lambda t: len(t.called("getUpdates")) >= 3)
        assert len(telegram.unconfirmed) == 2
        await bench.open_store()
        await telegram.until(lambda t: not t.unconfirmed)
    first = named(bench, bench.an, asked[0])
    assert await bench.threads.questions(first) == {named(bench, bench.an, message) for message in asked}


async def test_a_private_conversation_goes_on_and_begins_anew(bench: Bench) -> None:
    people = bench.telegram.people
    asked = [people.tell(bench.an, text) for text in ("nghỉ phép mấy ngày?", "còn nghỉ ốm?")]
    people.tell(bench.an, "/moi")
    anew = people.tell(bench.an, "đi công tác được bao nhiêu?")
    back = people.tell(bench.an, "còn thai sản?", reply_to=asked[0])
    await bench.heed(again=True)
    assert [await conversation(bench, bench.an, message) for message in (*asked, anew, back)] == [
        named(bench, bench.an, message) for message in (asked[0], asked[0], anew, asked[0])
    ]


async def test_in_a_group_replies_follow_their_chain_and_edits_their_question(bench: Bench) -> None:
    people, group = bench.telegram.people, bench.group
    first = people.ask(bench.an, group, "nghỉ phép mấy ngày?")
    other = people.ask(bench.lan, group, "nghỉ ốm mấy ngày?")
    under = people.ask(bench.lan, group, "còn tôi?", reply_to=first)
    people.edit(bench.an, group, first, f"{people.mention} nghỉ thai sản?")
    await bench.heed()
    found = [await conversation(bench, group, message) for message in (first, other, under)]
    assert found == [named(bench, group, message) for message in (first, other, first)]
    claim = await bench.lobby.claims(surfaces=("telegram",)).claim(bench.lobby.now, room=True)
    assert claim
    assert claim.text == "nghỉ thai sản?"


async def notices(bench: Bench) -> list[str | None]:
    """What is to be said instead of an answer, by question."""
    async with bench.database.reading() as connection:
        return list(await connection.scalars(select(tables.inbox.c.notice).order_by(tables.inbox.c.number)))


@pytest.mark.parametrize("is_private", [True, False])
@pytest.mark.parametrize("word", ["/huy", "dừng"])
async def test_a_word_to_stop_that_comes_twice_stops_one_question(bench: Bench, word: str, *, is_private: bool) -> None:
    chat = bench.an if is_private else bench.group
    for _ in range(2):
        await bench.asked(bench.an, chat)
    say = bench.telegram.people.say if word.startswith("/") or is_private else bench.telegram.people.ask
    say(bench.an, chat, word)
    word_to_stop = bench.telegram.unconfirmed[-1].to_json()
    await bench.heed()
    claims = bench.lobby.claims(surfaces=("telegram",))
    stopped = await claims.claim(bench.lobby.now, room=False)
    assert stopped is not None
    await claims.finish(stopped, bench.lobby.now)
    await bench.asked(bench.an, chat)
    await bench.heed()
    assert await bench.events.take(word_to_stop) is None
    assert await notices(bench) == [None, "inbox.stopped", None]


async def test_strangers_leave_nothing_in_the_store(bench: Bench) -> None:
    asked = bench.telegram.people.tell(bench.guest, "lương của sếp?")
    await bench.heed()
    assert await conversation(bench, bench.guest, asked) is None
