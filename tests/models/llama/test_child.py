"""The child by itself: it ends with its parent, and what it says is heard."""

import asyncio
import logging
import os
import socket
import sys
from pathlib import Path

import pytest

from core.following import followed, following
from models.llama.child import LogLines
from models.llama.process import pass_on_logs

TEXT = "lương của chị Lan"
CHECKOUT = Path(__file__).parents[3]
PARENT = """
import asyncio, sys
from pathlib import Path
from models.llama import LlamaConfig, open_hosted
from tests.models.llama.asking import LONG_TEXT, request

async def main():
    async with open_hosted(LlamaConfig(Path(sys.argv[1]), n_ctx=2048, n_batch=2048)) as model:
        async with asyncio.TaskGroup() as group:
            group.create_task(ask(model))
            await asyncio.sleep(0)
            await model.count_tokens(request().messages)  # orders are taken in turn: the long prompt has been begun
            print((await model._supervisor.child()).pid, flush=True)

async def ask(model):
    async for _ in model.stream(request(LONG_TEXT)):
        pass

asyncio.run(main())
"""
BUSY = """
import sys, threading
from models.llama.child import end_with_the_parent
threading.Thread(target=end_with_the_parent, args=(int(sys.argv[1]),), daemon=True).start()
threading.Event().wait()
"""


async def ended(pid: int) -> None:
    """Waits until a process that need not be ours has ended."""
    gone = asyncio.Event()
    watched = os.pidfd_open(pid)
    asyncio.get_running_loop().add_reader(watched, gone.set)
    try:
        async with asyncio.timeout(10):
            await gone.wait()
    finally:
        asyncio.get_running_loop().remove_reader(watched)
        os.close(watched)


async def test_the_death_of_the_parent_ends_the_child_in_the_middle_of_a_step(smollm2_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(smollm2_path), cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout
    pid = int(await parent.stdout.readline())
    parent.kill()
    await parent.communicate()
    await ended(pid)


async def test_a_child_whose_threads_are_all_busy_ends_with_its_parent_too() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", BUSY, str(theirs.fileno()), cwd=CHECKOUT, pass_fds=(theirs.fileno(),)
        )
    ours.close()
    try:
        async with asyncio.timeout(20):
            assert await child.wait() == 0
    finally:
        if child.returncode is None:
            child.kill()


async def test_the_log_of_the_child_is_the_log_of_the_parent(caplog: pytest.LogCaptureFixture) -> None:
    output = asyncio.StreamReader(limit=64)
    output.feed_data(b"INFO models.llama.child: hello\n" + b"x" * 999 + b"\nGGML_ASSERT(n > 0) failed\n\n\xff\n")
    output.feed_eof()
    with caplog.at_level(logging.INFO):
        await pass_on_logs(output)
    assert caplog.record_tuples == [
        ("models.llama.child", logging.INFO, "hello"),
        ("models.llama.process", logging.WARNING, "the model's process says: GGML_ASSERT(n > 0) failed"),
        ("models.llama.process", logging.WARNING, "the model's process says: \ufffd"),
    ]


async def test_a_line_of_the_child_about_a_question_is_about_it_here_too(caplog: pytest.LogCaptureFixture) -> None:
    output = asyncio.StreamReader()
    with following("q1"):
        try:
            fail(ValueError(TEXT))
        except ValueError:
            record = logging.LogRecord("models.llama.child", logging.ERROR, __file__, 1, "failed", None, sys.exc_info())
        output.feed_data(f"{LogLines().format(record)}\n".encode())
    output.feed_data(b"INFO models.llama.child: by itself\n")
    output.feed_eof()
    followers: list[str] = []

    def follows(_record: logging.LogRecord) -> bool:
        followers.append(followed())
        return True

    caplog.handler.addFilter(follows)
    with caplog.at_level(logging.INFO):
        await pass_on_logs(output)
    assert caplog.messages[0] == "failed"
    assert caplog.messages[-2:] == ["ValueError", "by itself"]
    assert {record.name for record in caplog.records} == {"models.llama.child"}
    assert TEXT not in caplog.text
    assert followers == ["q1"] * (len(followers) - 1) + [""]


def fail(error: Exception) -> None:
    raise error
