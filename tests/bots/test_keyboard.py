"""Lines out of a descriptor, whatever it is, without holding anything up."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bots.keyboard import PIECE, PipedLines


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """The reading and the writing end; the test closes the latter, so that no thread is left waiting."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


async def everything(lines: PipedLines) -> list[str]:
    """Every line up to the end."""
    found = []
    while True:
        try:
            found.append(await lines.read())
        except EOFError:
            return found


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", ["\n"]),
        ("Nghỉ phép?\nCòn nghỉ ốm?\n".encode(), ["Nghỉ phép?\n", "Còn nghỉ ốm?\n"]),
        ("dòng cuối không xuống dòng".encode(), ["dòng cuối không xuống dòng"]),
        (b"\xff\xfe?\n", ["\ufffd\ufffd?\n"]),
        (b"x" * (PIECE + 7) + b"\ny", ["x" * (PIECE + 7) + "\n", "y"]),
    ],
)
async def test_a_file_is_read_line_by_line(tmp_path: Path, data: bytes, lines: list[str]) -> None:
    (tmp_path / "typed").write_bytes(data)
    with (tmp_path / "typed").open("rb") as file:
        assert await everything(PipedLines(file.fileno())) == lines


async def test_a_letter_that_comes_in_two_pieces_is_one(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    lines, letter = PipedLines(reading), "ỉ".encode()
    os.write(writing, b"ngh" + letter[:1])
    async with asyncio.TaskGroup() as group:
        line = group.create_task(lines.read())
        await asyncio.to_thread(os.write, writing, letter[1:] + b"\n")
    os.close(writing)
    assert line.result() == "nghỉ\n"


async def test_after_the_end_it_stays_at_the_end(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.close(writing)
    lines = PipedLines(reading)
    assert (await everything(lines), await everything(lines)) == ([], [])


async def test_nothing_comes_from_what_cannot_be_read(tmp_path: Path) -> None:
    with (tmp_path / "only-written").open("wb") as file:
        assert await everything(PipedLines(file.fileno())) == []
    assert await everything(PipedLines(None)) == []


@pytest.fixture
def nothing() -> Iterator[int]:
    """What a service manager gives for standard input."""
    with Path(os.devnull).open("rb") as file:
        yield file.fileno()


async def test_nothing_comes_from_the_null_device(nothing: int) -> None:
    assert await everything(PipedLines(nothing)) == []


async def test_while_a_line_is_waited_for_the_loop_goes_on_and_the_wait_can_be_given_up(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    async with asyncio.TaskGroup() as group:
        waiting, other = group.create_task(PipedLines(reading).read()), group.create_task(asyncio.to_thread(os.getpid))
        await other
        assert not waiting.done()
        waiting.cancel()
    assert waiting.cancelled()
    os.write(writing, b"too late\n")
    os.close(writing)


async def test_what_is_there_already_comes_without_waiting_for_more(pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.write(writing, "Nghỉ phép?\nCòn".encode())
    lines = PipedLines(reading)
    assert await lines.read() == "Nghỉ phép?\n"
    os.close(writing)
    assert await everything(lines) == ["Còn"]
