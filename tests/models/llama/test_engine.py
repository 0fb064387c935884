"""Many askers, one model: turns, a bounded queue, and stopping at once."""

import asyncio
import dataclasses
import time
from contextlib import aclosing

import pytest

from core.errors import ModelBusy, ModelTimeout, ModelUnavailable
from core.ports import Delta
from models.llama import LlamaConfig, LlamaModel, open_llama
from models.llama.job import Job
from models.llama.sequence import shared_length
from models.llama.stopping import Cause
from tests.models.llama.asking import ENDLESS, LONG_TEXT, held_tokens, read, request


async def test_two_askers_are_served_one_after_the_other(model: LlamaModel) -> None:
    order: list[str] = []

    async def ask(name: str) -> None:
        nonlocal order
        async for item in model.stream(request(f"I am {name}.", max_tokens=12)):
            order += [name if isinstance(item, Delta) else f"{name} done"]

    async with asyncio.TaskGroup() as group:
        group.create_task(ask("first"))
        group.create_task(ask("second"))
    turns = [name for at, name in enumerate(order) if at == 0 or order[at - 1] != name]
    assert turns == ["first", "first done", "second", "second done"]


async def test_a_full_queue_refuses_at_once_and_a_leaver_makes_room(config: LlamaConfig) -> None:
    async with open_llama(dataclasses.replace(config, queue_size=1)) as model:
        loop = asyncio.get_running_loop()
        jobs = [Job(request(grammar=ENDLESS, max_tokens=1500), loop) for _ in range(3)]
        model._engine.submit(jobs[0])
        assert isinstance(await jobs[0].next(), Delta)
        model._engine.submit(jobs[1])
        with pytest.raises(ModelBusy) as caught:
            await read(model, request())
        assert caught.value.facts == {"waiting": 1}
        jobs[1].stop(Cause.CANCELLED)
        model._engine.submit(jobs[2])


async def test_closing_the_iterator_stops_within_a_token(model: LlamaModel) -> None:
    asked = request(grammar=ENDLESS, max_tokens=1500)
    got = 0
    async with aclosing(model.stream(asked)) as stream:
        async for _ in stream:
            got += 1
            if got == 3:
                break
    evaluated = len(await held_tokens(model)) - model.count_tokens(asked.messages)
    assert evaluated < got + 20  # the thread may have been a few tokens ahead of the reader


async def test_cancelling_the_reader_stops_the_model(model: LlamaModel) -> None:
    begun = asyncio.Event()

    async def ask() -> None:
        async for _ in model.stream(request(grammar=ENDLESS, max_tokens=1500)):
            begun.set()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(ask())
        await begun.wait()
        task.cancel()
    assert len(await held_tokens(model)) < 500


async def test_a_long_prompt_is_given_up_in_the_middle_and_the_model_answers_as_if_new(config: LlamaConfig) -> None:
    short = request(temperature=0, max_tokens=8)
    async with open_llama(config) as fresh:
        _, expected = await read(fresh, short)
        begun = time.monotonic()
        await read(fresh, request(LONG_TEXT, max_tokens=1))
        whole = time.monotonic() - begun
    async with open_llama(config) as model:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(whole / 10):
                await read(model, request(LONG_TEXT))
        assert not await held_tokens(model)
        _, completion = await read(model, short)
    assert completion.text == expected.text


async def test_a_deadline_during_a_long_prompt_brings_a_timeout(model: LlamaModel) -> None:
    with pytest.raises(ModelTimeout):
        await read(model, request(LONG_TEXT, seconds=0.1))
    assert not await held_tokens(model)


async def test_a_deadline_while_waiting_brings_a_timeout_before_the_turn_comes(model: LlamaModel) -> None:
    job = Job(request(grammar=ENDLESS, max_tokens=1500), asyncio.get_running_loop())
    model._engine.submit(job)
    await job.next()
    with pytest.raises(ModelTimeout):
        await read(model, request(seconds=0.05))
    assert job.future is not None
    assert not job.future.done()
    job.stop(Cause.CANCELLED)


async def test_the_shared_start_of_two_prompts_is_evaluated_once(model: LlamaModel) -> None:
    first, second = (request(f"{LONG_TEXT[:2000]} {end}", max_tokens=1) for end in ("What is it?", "Who is it?"))
    await read(model, first)
    engine = model._engine
    prompts = [engine._chat.tokens(asked.messages) for asked in (first, second)]
    engine._thread.submit(engine._reuse, prompts[1])
    kept = await held_tokens(model)
    assert kept == prompts[1][: len(kept)]
    assert len(kept) == shared_length(*prompts) > len(prompts[1]) - 20


async def test_closing_ends_what_runs_and_refuses_what_comes(config: LlamaConfig) -> None:
    async with open_llama(config) as model:
        running = Job(request(grammar=ENDLESS, max_tokens=1500), asyncio.get_running_loop())
        model._engine.submit(running)
        await running.next()
    assert running.flag.cause is Cause.CANCELLED
    with pytest.raises(ModelUnavailable):
        await read(model, request())
    with pytest.raises(ModelUnavailable):
        model.count_tokens(request().messages)
