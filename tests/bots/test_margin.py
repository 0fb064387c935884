"""Notes and log lines beside answers on one terminal: none gets lost, and none into an answer."""

import asyncio
import io
import logging
import sys
import threading
from collections.abc import Callable

import pytest

from bots.margin import Margin, standard_error_beside


def at_once(write: Callable[[], None]) -> None:
    write()


async def turn() -> None:
    """What has been handed to the event loop has been done."""
    done = asyncio.Event()
    asyncio.get_running_loop().call_soon(done.set)
    await done.wait()


async def test_what_is_written_goes_through_in_its_order() -> None:
    margin = Margin(target := io.StringIO(), at_once)
    margin.write("một\n")
    margin.write("hai\n")
    await turn()
    assert target.getvalue() == "một\nhai\n"


async def test_while_it_is_held_everything_waits_and_then_comes_at_once() -> None:
    margin = Margin(target := io.StringIO(), at_once)
    margin.write("trước\n")
    margin.hold()
    margin.write("sau\n")
    await turn()
    assert target.getvalue() == ""
    margin.release()
    assert target.getvalue() == "trước\nsau\n"


async def test_it_is_written_over_the_prompt_once_that_may_be() -> None:
    granted: list[Callable[[], None]] = []
    margin = Margin(target := io.StringIO(), granted.append)
    margin.write("một\n")
    await turn()
    assert (len(granted), target.getvalue()) == (1, "")
    margin.hold()
    granted[0]()
    assert target.getvalue() == "", "an answer has begun meanwhile"
    margin.release()
    assert target.getvalue() == "một\n"


async def test_threads_may_write_and_not_a_line_is_lost() -> None:
    margin, many = Margin(target := io.StringIO(), at_once), 200

    def chatter() -> None:
        for number in range(many):
            margin.write(f"{number}\n")

    threads = [threading.Thread(target=chatter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    await turn()
    assert sorted(map(int, target.getvalue().split())) == sorted(list(range(many)) * 4)


async def test_a_terminal_that_has_gone_is_no_fault() -> None:
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError

    margin = Margin(Gone(), at_once)
    margin.write("một\n")
    await turn()
    margin.release()
    assert margin.getvalue() == ""


async def test_standard_error_and_its_log_are_margins_while_the_block_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    real, elsewhere = sys.stderr, io.StringIO()
    here, there, root = logging.StreamHandler(), logging.StreamHandler(elsewhere), logging.getLogger()
    root.addHandler(here)
    root.addHandler(there)
    try:
        with standard_error_beside(at_once) as margin:
            margin.hold()
            assert sys.stderr is margin
            sys.stderr.write("ghi chú\n")
            root.warning("cảnh báo")
            await turn()
            assert capsys.readouterr().err == ""
            assert elsewhere.getvalue() == "cảnh báo\n"
            assert margin.isatty() is real.isatty()
    finally:
        root.removeHandler(here)
        root.removeHandler(there)
    assert capsys.readouterr().err == "ghi chú\ncảnh báo\n"
    assert (sys.stderr is real, here.stream is real) == (True, True)
