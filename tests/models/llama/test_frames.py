"""What passes between the two processes, and what is not read."""

import asyncio
import os
import pickle
import subprocess
from pathlib import Path

import pytest

from core.deadline import Deadline
from core.errors import ModelDamaged, ModelUnavailable
from core.ports import Completion, Delta, Finish
from models.llama import LlamaConfig
from models.llama.frames import HEADER, LONGEST, Ask, Failed, Given, Open, frame, read_frame, sendable
from tests.models.llama.asking import request


async def received(data: bytes) -> list[object]:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    values = []
    while (value := await read_frame(reader)) is not None:
        values.append(value)
    return values


async def test_values_arrive_as_they_were_sent() -> None:
    completion = Completion("Chào.", "m", Finish.DEADLINE, 3, 2, mean_logprob=-0.5)
    sent: list[Open | Ask | Given] = [
        Open(LlamaConfig(Path("m.gguf"), prefix_cache=Path("kv")), 20),
        Ask(1, request("half a character: \ud800", stop=("\n",)), 3.5),
        Given(1, Delta("Chào.")),
        Given(1, completion),
    ]
    arrived = await received(b"".join(frame(value) for value in sent))
    assert arrived == sent
    last = arrived[-1]
    assert isinstance(last, Given)
    assert isinstance(last.item, Completion)
    assert last.item.finish is Finish.DEADLINE


async def test_errors_keep_kind_facts_and_wait() -> None:
    paused = ModelUnavailable("model.paused", retry_after=2.5, seconds=3)
    damaged = ModelDamaged("model.damaged", path=Path("a.gguf"), what=OSError(5, "bad"), name="a")
    arrived = await received(frame(Failed(1, sendable(paused))) + frame(Failed(2, sendable(damaged))))
    errors = [failed.error for failed in arrived if isinstance(failed, Failed)]
    assert [type(error) for error in errors] == [ModelUnavailable, ModelDamaged]
    assert errors[0].__dict__ == paused.__dict__
    assert str(errors[1]) == str(damaged)


def test_a_deadline_arrives_as_the_seconds_that_were_left() -> None:
    asked = Ask(1, request(seconds=-1000), 40.0).received()
    assert 39 < asked.deadline.remaining() <= 40
    assert asked.deadline != Deadline.after(-1000)


SPRUNG: list[int] = []


def spring() -> None:
    SPRUNG.append(1)


class Trap:
    def __init__(self, *order: object) -> None:
        self.order = order

    def __reduce__(self) -> tuple[object, ...]:
        return self.order[0], self.order[1:]


def framed(data: bytes) -> bytes:
    return HEADER.pack(len(data)) + data


@pytest.mark.parametrize(
    "order", [(spring,), (SPRUNG.append, 1), (os.system, "true"), (subprocess.Popen, ["true"]), (frame, Delta("x"))]
)
async def test_a_frame_that_would_run_code_is_not_read(order: tuple[object, ...]) -> None:
    assert await received(framed(pickle.dumps(Trap(*order)))) == []
    assert not SPRUNG


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0",
        framed(b"no pickle"),
        framed(b""),
        frame(Given(1, Delta("x")))[:-1],
        HEADER.pack(LONGEST + 1) + b"x" * 99,
        framed(b"\x80\x05\x8c\xff"),
        framed(pickle.dumps(Trap(Delta, 1, 2, 3))),
    ],
)
async def test_what_cannot_be_read_is_the_end(data: bytes) -> None:
    assert await received(data) == []
