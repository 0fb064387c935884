"""`sotay ask`, `chat` and `route` beside a service at work, all real processes: the service answers for them."""

import asyncio
import re
import signal
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bots.bootstrap import vectors_of
from bots.door_socket import LONGEST_PATH, NAME
from retrieval.chroma import owned
from tests.bots.building import ANSWER, PATIENCE, QUESTION, Console, building, indexed, running
from tests.bots.keeping import data_of, settings_of
from tests.bots.office import Finished, Office
from tests.models.openrouter_server import Exchange, OpenRouterServer, answer, chunk, stall_after

GOOD = answer(f"{ANSWER} ", "[1].")
SHOWN = "hưởng nguyên lương"
BEGUN = f"Bạn được nghỉ phép năm và {SHOWN} theo đúng quy định của công ty "
UNFINISHED = stall_after(BEGUN)
SALARY, RAISE = "Ky su bac 5 huong muc luong bao nhieu mot thang?", answer("Kỹ sư bậc 5 hưởng 25.000.000 đồng [1].")
READY = "Ctrl-C"
"""The end of the sentence with which a service begins."""
SECONDS = re.compile(r"\d+\.\d giây")
FORMS: Sequence[Sequence[str]] = ((), ("--json",))


def states(office: Office) -> list[str]:
    """How each question stands, oldest first."""
    with closing(sqlite3.connect(f"file:{data_of(office) / 'sotay.sqlite'}?mode=ro", uri=True)) as connection:
        return [state for (state,) in connection.execute("SELECT state FROM inbox ORDER BY number")]


def without_times(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: value for key, value in told.items() if key != "timings"}


async def ended(process: asyncio.subprocess.Process) -> Finished:
    async with asyncio.timeout(PATIENCE):
        out, notes = await process.communicate()
    return Finished(process.returncode or 0, out.decode(), notes.decode())


async def asking(office: Office, *arguments: str) -> asyncio.subprocess.Process:
    """`sotay ask`, once its answer is under way."""
    process = await office.start("ask", QUESTION, *arguments)
    await Console(process).shows(SHOWN)
    return process


async def test_it_prints_what_it_prints_alone_and_two_may_ask_at_once(tmp_path: Path) -> None:
    both = asyncio.Barrier(2)

    async def meeting(exchange: Exchange) -> None:
        await both.wait()
        await GOOD(exchange)

    async with OpenRouterServer(GOOD, GOOD, meeting, meeting, GOOD) as model:
        office = await indexed(tmp_path, model)
        alone = await office.sotay("ask", QUESTION)
        alone_json = (await office.sotay("ask", QUESTION, "--json")).json
        async with running(office) as service:
            await service.notes(READY)
            first, second = await asyncio.gather(office.sotay("ask", QUESTION), office.sotay("ask", QUESTION))
            told = await office.sotay("ask", QUESTION, "--json")
            await service.asked()
    for beside in (first, second):
        assert (beside.status, beside.notes) == (0, "")
        assert SECONDS.sub("", beside.out) == SECONDS.sub("", alone.out)
    assert (told.status, told.notes) == (0, "")
    assert without_times(told.json) == without_times(alone_json)
    assert told.json["timings"].keys() == alone_json["timings"].keys()


async def test_who_asks_has_their_own_rights(tmp_path: Path) -> None:
    async with OpenRouterServer(RAISE) as model, running(await indexed(tmp_path, model)) as service:
        await service.notes(READY)
        office = Office(tmp_path)
        hoa, lan = await office.sotay("ask", SALARY, "--as", "hoa"), await office.sotay("ask", SALARY)
    assert ("luong.md" in hoa.out, "luong.md" in lan.out) == (True, False)


async def test_what_is_no_question_is_said_as_ever(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as model, running(await indexed(tmp_path, model)) as service:
        await service.notes(READY)
        done = await Office(tmp_path).sotay("ask", "x" * 5000)
    assert (done.status, "4000" in done.notes, "Traceback" in done.notes) == (1, True, False)


async def test_who_is_killed_wants_no_answer_any_more_and_the_service_goes_on(tmp_path: Path) -> None:
    async with OpenRouterServer(UNFINISHED, GOOD) as model, running(await indexed(tmp_path, model)) as service:
        await service.notes(READY)
        office = Office(tmp_path)
        process = await asking(office)
        process.kill()
        await process.communicate()
        async with asyncio.timeout(PATIENCE):
            await model.requests[0].hung_up.wait()
        assert ANSWER in (await office.sotay("ask", QUESTION)).out
        assert states(office) == ["cancelled", "answered"]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What is started hears Ctrl-C, also where these tests run in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
async def test_ctrl_c_ends_the_command_and_the_answer(tmp_path: Path) -> None:
    async with OpenRouterServer(UNFINISHED, UNFINISHED) as model, running(await indexed(tmp_path, model)) as service:
        await service.notes(READY)
        process = await asking(Office(tmp_path))
        process.send_signal(signal.SIGINT)
        stopped = await ended(process)
        async with asyncio.timeout(PATIENCE):
            await model.requests[-1].hung_up.wait()
    assert (stopped.status, "Traceback" in stopped.notes) == (130, False), stopped


async def test_a_service_that_dies_is_told_of_and_the_next_one_answers_nobody(tmp_path: Path) -> None:
    async with OpenRouterServer(UNFINISHED, GOOD) as model:
        office = await indexed(tmp_path, model)
        async with running(office) as service:
            await service.notes(READY)
            process = await asking(office)
            service.process.kill()
            left = await ended(process)
        assert (left.status, "đã dừng trước khi trả lời xong" in left.notes) == (1, True)
        assert "Traceback" not in left.notes
        assert (data_of(office) / NAME).is_socket(), "nobody was there to take it away"
        async with running(office) as service:
            await service.notes(READY)
            assert ANSWER in (await office.sotay("ask", QUESTION)).out
        assert (states(office), len(model.requests)) == (["cancelled", "answered"], 2)


async def test_a_service_without_a_console_ends_what_its_door_left_too(tmp_path: Path) -> None:
    async with OpenRouterServer(UNFINISHED, GOOD) as model, building(tmp_path, model) as place:
        async with running(place.office, **place.environment) as service:
            await service.notes(READY)
            process = await asking(place.office)
            service.process.kill()
            await ended(process)
        process = await place.office.start("run", stdout=asyncio.subprocess.PIPE, **place.environment)
        await Console(process).notes(READY)
        await place.on_slack()
        process.terminate()
        assert (await ended(process)).status == 0
        assert (states(place.office), len(model.requests)) == (["cancelled", "answered"], 2)
        assert not (data_of(place.office) / NAME).exists()


async def test_sigterm_lets_the_answer_under_way_end(tmp_path: Path) -> None:
    told_to_stop = asyncio.Event()

    async def slow(exchange: Exchange) -> None:
        await exchange.open_stream()
        await exchange.event(chunk(BEGUN, logprobs=[-0.1]))
        await told_to_stop.wait()
        await exchange.event(chunk("là 14 ngày [1].", finish="stop", logprobs=[-0.1]))
        await exchange.event(b"[DONE]")
        await exchange.end()

    async with OpenRouterServer(slow) as model, running(await indexed(tmp_path, model)) as service:
        await service.notes(READY)
        process = await asking(Office(tmp_path))
        service.process.terminate()
        await service.notes("Đang dừng")
        told_to_stop.set()
        done = await ended(process)
        assert (await service.ends()).status == 0
    assert (done.status, "là 14 ngày [1]." in done.out, "nghi-phep.md" in done.out) == (0, True, True)
    assert not (data_of(Office(tmp_path)) / NAME).exists()


async def test_what_cannot_end_in_time_is_told_when_the_service_stops(tmp_path: Path) -> None:
    async with OpenRouterServer(UNFINISHED) as model:
        office = await indexed(tmp_path, model)
        async with running(office, SOTAY_INBOX__DRAIN_SECONDS="0") as service:
            await service.notes(READY)
            process = await asking(office, "--as", "hoa")
            service.process.terminate()
            left = await ended(process)
            stopped = await service.ends()
    assert (left.status, "đã dừng trước khi trả lời xong" in left.notes) == (1, True)
    assert (stopped.status, "Traceback" in stopped.notes) == (0, False)
    assert states(office) == ["cancelled"]


async def test_a_chat_has_its_votes_its_sources_and_its_ctrl_c(tmp_path: Path) -> None:
    async with OpenRouterServer(UNFINISHED, GOOD) as model, running(await indexed(tmp_path, model)) as service:
        await service.notes(READY)
        office = Office(tmp_path)
        chat = Console(await office.start("chat"))
        await chat.type(QUESTION)
        await chat.shows(SHOWN)
        chat.process.send_signal(signal.SIGINT)
        await chat.shows("Đã dừng")
        await chat.asked()
        for line, said in (("/up", "Cảm ơn bạn, đã ghi nhận."), ("/sources", "  1. "), ("/help", "/quit")):
            await chat.type(line)
            await chat.shows(said)
        await chat.type("Còn nữa không?")
        await chat.shows(ANSWER)
        service.process.kill()
        await service.process.wait()
        await chat.type(QUESTION)
        await chat.shows("không còn chạy trên máy này")
        await chat.type("/quit")
        done = await ended(chat.process)
    assert (done.status, "Traceback" in done.notes) == (0, False)
    with closing(sqlite3.connect(f"file:{data_of(office) / 'sotay.sqlite'}?mode=ro", uri=True)) as connection:
        assert connection.execute("SELECT person, vote FROM feedback").fetchall() == [("lan", 1)]
        (threads,) = connection.execute("SELECT count(DISTINCT conversation) FROM inbox").fetchone()
    assert threads == 1


async def test_the_way_of_a_question_is_explained_as_alone(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as model:
        office = await indexed(tmp_path, model)
        alone = [await office.sotay("route", SALARY, "--as", "hoa", *form) for form in FORMS]
        async with running(office) as service:
            await service.notes(READY)
            beside = [await office.sotay("route", SALARY, "--as", "hoa", *form) for form in FORMS]
            of_lan = await office.sotay("route", SALARY)
        assert model.requests == []
    assert [(done.status, done.out) for done in beside] == [(0, done.out) for done in alone]
    assert ("nhan-su" in beside[0].out, "luong.md" in beside[1].out) == (True, True)
    assert (of_lan.status, "nhan-su" in of_lan.out) == (0, False)


@pytest.mark.parametrize("command", [["ask", QUESTION], ["chat"], ["route", QUESTION]])
async def test_where_no_service_holds_the_index_it_is_in_use_as_ever(tmp_path: Path, command: list[str]) -> None:
    office = Office.found(tmp_path)
    assert (await office.sotay("ingest")).status == 0
    with owned(vectors_of(settings_of(office))):
        done = await office.sotay(*command)
    assert (done.status, "đang được một tiến trình khác dùng" in done.notes) == (1, True)


async def test_where_the_path_is_too_long_there_is_no_door_and_the_service_says_so(tmp_path: Path) -> None:
    place = {"SOTAY_DATA__DIRECTORY": str(tmp_path / ("d" * LONGEST_PATH))}
    async with OpenRouterServer(GOOD) as model:
        office = Office.found(tmp_path, local=model.base_url)
        assert (await office.sotay("ingest", **place)).status == 0
        async with running(office, **place) as service:
            await service.notes("no door for commands")
            await service.asked()
            done = await office.sotay("ask", QUESTION, **place)
    assert (done.status, "đang được một tiến trình khác dùng" in done.notes) == (1, True)


async def test_the_service_asks_slack_about_its_members_and_a_command_alone_says_that_it_does_not(
    tmp_path: Path,
) -> None:
    async with OpenRouterServer(GOOD) as model, building(tmp_path, model) as place:
        question = ("ask", QUESTION, "--as", f"slack:{place.an}")
        alone = await place.office.sotay(*question)
        assert ("nghi-phep.md" in alone.out, f"slack:{place.an} không được tính vào nhóm staff" in alone.notes) == (
            False,
            True,
        )
        explained = await place.office.sotay("route", QUESTION, "--as", f"slack:{place.an}", "--json")
        assert (explained.json["documents"], "nhóm staff" in explained.notes) == ([], True)
        async with running(place.office, **place.environment) as service:
            await service.notes(READY)
            beside = await place.office.sotay(*question)
            explained = await place.office.sotay("route", QUESTION, "--as", f"slack:{place.an}", "--json")
    assert ("nghi-phep.md" in beside.out, beside.notes) == (True, "")
    assert explained.json["documents"] == ["nghi-phep.md"]
