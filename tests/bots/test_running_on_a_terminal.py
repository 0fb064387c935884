"""`sotay run --console` on a real terminal, where prompt, answers, notes and log lines share one screen."""

import re
import signal
from pathlib import Path

from tests.bots.office import Office
from tests.bots.relay import Relay
from tests.bots.screen import on_a_terminal
from tests.models.openrouter_server import OpenRouterServer, answer, stall_after
from tests.telegram_server import TelegramServer

QUESTION = "Toi duoc nghi phep nam bao nhieu ngay?"
GOOD = answer("Bạn được nghỉ phép năm 14 ngày ", "[1].")
SHOWN = "hưởng nguyên lương"
UNFINISHED = stall_after(f"Bạn được nghỉ phép năm và {SHOWN} theo đúng quy định của công ty ")
WHOLE = re.compile(r"Bạn được nghỉ phép năm 14 ngày \[1\]\.\n+\[1\] .*\(nghi-phep\.md · Điều 4\)\n +“.*”\n.*giây\n")
CTRL_C, CTRL_D, ENTER = "\x03", "\x04", "\r"


async def test_no_log_line_breaks_into_an_answer_and_ctrl_c_at_the_prompt_stops_the_service(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as model:
        office = Office.found(tmp_path, local=model.base_url)
        assert (await office.sotay("ingest")).status == 0
        async with on_a_terminal(office, "run", "--console", SOTAY_LOG__LEVEL="debug") as screen:
            await screen.prompted()
            screen.type(QUESTION + ENTER)
            await screen.until("14 ngày")
            await screen.until("shown")
            await screen.prompted()
            assert not screen.is_as_before
            screen.type(CTRL_C)
            await screen.until("Đang dừng")
            assert await screen.ends() == 0
            assert screen.is_as_before
    assert WHOLE.search(screen.text), screen.text
    for word in ("claimed", "answered", "shown", "finished"):
        assert re.search(rf"^[\d:]+ \[debug\] \w+ {word} \[bots\.platforms\]$", screen.text, re.MULTILINE), word
    assert "Traceback" not in screen.text


async def test_a_log_line_stands_above_what_is_being_typed(tmp_path: Path) -> None:
    async with OpenRouterServer(UNFINISHED, GOOD) as model, TelegramServer() as telegram:
        office = Office.found(tmp_path, local=model.base_url)
        assert (await office.sotay("ingest")).status == 0
        async with (
            Relay(telegram.origin) as door,
            on_a_terminal(
                office, "run", "--console", SOTAY_TELEGRAM__TOKEN=telegram.token, SOTAY_TELEGRAM__API_URL=door.origin
            ) as screen,
        ):
            await screen.prompted()
            await telegram.until(lambda telegram: telegram.called("deleteWebhook"), 60)
            screen.type(QUESTION)
            await screen.until(QUESTION)
            await door.shut()
            await screen.until("[bots.telegram")
            await screen.until(f"\n> {QUESTION}")
            screen.type(ENTER)
            await screen.until(SHOWN)
            screen.process.send_signal(signal.SIGINT)
            await screen.until("Đã dừng")
            await screen.prompted()
            screen.type(QUESTION + ENTER)
            await screen.until("14 ngày [1].")
            await screen.prompted()
            screen.type(CTRL_D)
            await screen.until("Dòng lệnh đã đóng; Sổ Tay vẫn trả lời trên: Telegram.")
            assert screen.is_as_before
            screen.process.send_signal(signal.SIGINT)
            await screen.until("Đang dừng")
            assert await screen.ends() == 0
    assert "Traceback" not in screen.text


async def test_sigterm_at_the_prompt_gives_the_terminal_back(tmp_path: Path) -> None:
    async with OpenRouterServer(GOOD) as model:
        office = Office.found(tmp_path, local=model.base_url)
        assert (await office.sotay("ingest")).status == 0
        async with on_a_terminal(office, "run", "--console") as screen:
            await screen.prompted()
            screen.process.send_signal(signal.SIGTERM)
            await screen.until("Đang dừng")
            assert await screen.ends() == 0
            assert screen.is_as_before
    assert "Traceback" not in screen.text
