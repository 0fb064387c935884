"""`sotay run --console` as a real process: Slack, Telegram and a console over one inbox, and one may be down."""

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from bots.settings import load_settings
from tests.bots.building import ANSWER, PATIENCE, QUESTION, building, indexed, running
from tests.bots.office import Office
from tests.models.openrouter_server import Exchange, OpenRouterServer, answer, chunk, stall_after

GOOD = answer(f"{ANSWER} ", "[1].")
SHOWN = "hưởng nguyên lương"
BEGUN = f"Bạn được nghỉ phép năm và {SHOWN} theo đúng quy định của công ty "
UNFINISHED = stall_after(BEGUN)
SALARY, RAISE = "Ky su bac 5 huong muc luong bao nhieu mot thang?", answer("Kỹ sư bậc 5 hưởng 25.000.000 đồng [1].")


async def test_one_process_serves_all_three_and_the_outage_of_one_leaves_the_others_untouched(tmp_path: Path) -> None:
    async with (
        OpenRouterServer(GOOD) as model,
        building(tmp_path, model) as place,
        running(place.office, **place.environment) as console,
    ):
        await console.notes("Slack, Telegram, dòng lệnh này")
        await place.slack.until(lambda slack: slack.sockets.open, PATIENCE)
        place.telegram.people.tell(place.lan, QUESTION)
        await asyncio.gather(console.asked(), place.on_slack(), place.answered_on_telegram(1))
        assert len(model.requests) == 3

        await place.telegram_door.shut()
        place.telegram.people.tell(place.lan, QUESTION)
        await asyncio.gather(console.asked(), place.on_slack())
        await place.telegram_door.open()
        await place.answered_on_telegram(2)

        await place.slack_door.shut()
        missed = place.ask_on_slack()
        place.telegram.people.tell(place.lan, QUESTION)
        await asyncio.gather(console.asked(), place.answered_on_telegram(3))
        await place.slack_door.open()
        await asyncio.gather(place.answered_on_slack(missed), console.asked())

        console.process.send_signal(signal.SIGTERM)
        ended = await console.ends()
    assert (ended.status, "Traceback" in ended.notes) == (0, False)
    assert "Đang dừng" in ended.notes


async def test_platforms_that_are_away_at_the_start_are_served_once_they_are_there(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as model, building(tmp_path, model) as place:
        await place.slack_door.shut()
        await place.telegram_door.shut()
        async with running(place.office, **place.environment) as console:
            await console.asked()
            place.telegram.people.tell(place.lan, QUESTION)
            await place.telegram_door.open()
            await asyncio.gather(place.answered_on_telegram(1), console.asked())
            await place.slack_door.open()
            await place.slack.until(lambda slack: slack.sockets.open, PATIENCE)
            await asyncio.gather(place.on_slack(), console.asked())
            console.process.send_signal(signal.SIGTERM)
            ended = await console.ends()
    assert (ended.status, "Traceback" in ended.notes) == (0, False)


async def test_the_end_of_input_ends_the_console_and_not_the_service(tmp_path: Path) -> None:
    async with (
        OpenRouterServer(GOOD) as model,
        building(tmp_path, model) as place,
        running(place.office, **place.environment) as console,
    ):
        await console.asked()
        console.hang_up()
        await console.notes("Dòng lệnh đã đóng; Sổ Tay vẫn trả lời trên: Slack, Telegram.")
        await place.slack.until(lambda slack: slack.sockets.open, PATIENCE)
        await place.on_slack()
        console.process.send_signal(signal.SIGINT)
        ended = await console.ends()
    assert (ended.status, "Traceback" in ended.notes) == (0, False)


async def test_without_platforms_the_console_is_served_alone_with_the_rights_of_who_asks(tmp_path: Path) -> None:
    async with OpenRouterServer(RAISE) as model:
        office = await indexed(tmp_path, model)
        typed = f"{SALARY}\n/up\n"
        hoa = await office.sotay("run", "--console", "--as", "hoa", typed=typed)
        lan = await office.sotay("run", "--console", typed=typed)
    for ended in (hoa, lan):
        assert (ended.status, "Traceback" in ended.notes) == (0, False)
        assert "Sổ Tay chỉ trả lời trên dòng lệnh này" in ended.notes
        assert "Cảm ơn bạn, đã ghi nhận." in ended.out
        assert "Dòng lệnh đã đóng" not in ended.notes
    assert ("luong.md" in hoa.out, "luong.md" in lan.out) == (True, False)


async def test_ctrl_c_stops_the_answer_under_way_and_else_the_service(tmp_path: Path) -> None:
    async with OpenRouterServer(UNFINISHED, GOOD) as model, running(await indexed(tmp_path, model)) as console:
        await console.type(QUESTION)
        await console.shows(SHOWN)
        console.process.send_signal(signal.SIGINT)
        await console.shows("Đã dừng")
        assert await model.requests[0].hung_up.wait()
        await console.asked()
        await console.type("/help")
        await console.shows("/quit")
        console.process.send_signal(signal.SIGINT)
        ended = await console.ends()
    assert (ended.status, "Đang dừng" in ended.notes, "Traceback" in ended.notes) == (0, True, False)


async def test_sigterm_lets_the_answer_under_way_end(tmp_path: Path) -> None:
    told_to_stop = asyncio.Event()

    async def slow(exchange: Exchange) -> None:
        await exchange.open_stream()
        await exchange.event(chunk(BEGUN, logprobs=[-0.1]))
        await told_to_stop.wait()
        await exchange.event(chunk("là 14 ngày [1].", finish="stop", logprobs=[-0.1]))
        await exchange.event(b"[DONE]")
        await exchange.end()

    async with OpenRouterServer(slow, GOOD) as model:
        async with running(await indexed(tmp_path, model)) as console:
            await console.type(QUESTION)
            await console.type(QUESTION)
            await console.shows(SHOWN)
            console.process.send_signal(signal.SIGTERM)
            await console.notes("Đang dừng")
            told_to_stop.set()
            ended = await console.ends()
        assert len(model.requests) == 1
    assert (ended.status, "Traceback" in ended.notes) == (0, False)
    assert "là 14 ngày [1]." in ended.out
    assert "nghi-phep.md" in ended.out


async def test_what_a_console_that_is_gone_had_asked_is_not_answered_any_more(tmp_path: Path) -> None:
    async with OpenRouterServer(UNFINISHED, GOOD) as model:
        office = await indexed(tmp_path, model)
        async with running(office) as console:
            await console.type(QUESTION)
            await console.shows(SHOWN)
            console.process.kill()
            await console.process.wait()
        ended = await office.sotay("run", "--console")
        assert (ended.status, len(model.requests)) == (0, 1)
    file = load_settings(office.folder / "sotay.toml", {}).data.directory / "sotay.sqlite"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        assert connection.execute("SELECT state FROM inbox").fetchall() == [("cancelled",)]


async def test_who_asks_is_named_for_the_console_only(tmp_path: Path) -> None:
    ended = await Office.found(tmp_path).sotay("run", "--as", "lan", SOTAY_TELEGRAM__TOKEN="1:x")
    assert (ended.status, "--console" in ended.notes, "Traceback" in ended.notes) == (1, True, False)


async def test_without_a_platform_it_tells_of_the_console_and_its_help_teaches_it(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    assert "sotay run --console" in (await office.sotay("run")).notes
    taught = " ".join((await office.sotay("run", "--help")).out.split())
    assert "--console" in taught
    assert "Ctrl-C stops the answer under way here; where there is none, the service." in taught
