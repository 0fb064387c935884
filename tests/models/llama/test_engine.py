"""Many askers, one model: served together, a bounded queue, stopping at once, nothing left behind."""

import asyncio
import dataclasses
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any, cast

import llama_cpp
import pytest

from core.errors import ModelBusy, ModelTimeout, ModelUnavailable
from core.ports import Completion, CompletionRequest, Delta, Message
from models.llama import LlamaConfig, LlamaModel, open_llama
from models.llama.drafts import Drafting, PromptLookup, Text
from models.llama.engine import Engine
from models.llama.job import Job
from models.llama.sequences import shared_length
from models.llama.serving import Serving
from models.llama.statistics import Load
from models.llama.stopping import Cause
from tests.models.llama.asking import ENDLESS, LONG_TEXT, SYSTEM, contents, evaluated, held_tokens, idle, read, request

SUBJECTS = ("the sea", "a dog", "rain", "old cars", "trees", "love", "bread")


def job_of(model: LlamaModel, asked: CompletionRequest) -> Job:
    return Job(asked, model.engine.tokens(asked.messages), asyncio.get_running_loop())


def told_apart(texts: list[Completion]) -> list[str]:
    return [completion.text for completion in texts]


async def ask_all(model: LlamaModel, asked: list[CompletionRequest]) -> list[Completion]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(read(model, each)) for each in asked]
    return [task.result()[1] for task in tasks]


async def test_askers_are_served_together(model: LlamaModel) -> None:
    order: list[str] = []

    async def ask(name: str) -> None:
        nonlocal order
        async for item in model.stream(request(f"I am {name}.", grammar=ENDLESS, max_tokens=30)):
            order += [name if isinstance(item, Delta) else f"{name} done"]

    async with asyncio.TaskGroup() as group:
        for name in ("first", "second", "third"):
            group.create_task(ask(name))
    ends = [order.index(f"{name} done") for name in ("first", "second", "third")]
    begins = [order.index(name) for name in ("first", "second", "third")]
    assert max(begins) < min(ends)


async def test_the_likeliest_text_is_the_same_alone_and_in_a_full_batch(config: LlamaConfig) -> None:
    asked = [request(f"Tell me about {subject}.", temperature=0, max_tokens=16) for subject in SUBJECTS]
    async with open_llama(dataclasses.replace(config, drafts=False)) as model:
        together = await ask_all(model, asked)
    alone = []
    for each in asked:
        async with open_llama(dataclasses.replace(config, drafts=False, slots=1, kept=0)) as model:
            alone.append((await read(model, each))[1])
    assert told_apart(together) == told_apart(alone)


class Eager(PromptLookup):
    """Guesses three tokens in every step."""

    def length(self, texts: Sequence[Text]) -> int:
        super().length(texts)
        return 3


class EagerServing(Serving):
    def drafting(self) -> Drafting:
        return Eager()


@asynccontextmanager
async def open_eager(config: LlamaConfig) -> AsyncIterator[LlamaModel]:
    engine = Engine(config, EagerServing)
    await asyncio.to_thread(engine.open)
    try:
        yield LlamaModel(engine)
    finally:
        await asyncio.to_thread(engine.close)


async def test_the_likeliest_text_is_llama_cpps_own(config: LlamaConfig, model: LlamaModel) -> None:
    asked = [request(f"Tell me about {subject}.", temperature=0, max_tokens=16) for subject in SUBJECTS[:4]]
    ours = told_apart(await ask_all(model, asked))
    theirs = llama_cpp.Llama(str(config.path), n_ctx=2048, n_threads=1, flash_attn=True, verbose=False)
    try:
        said = [
            theirs.create_completion(model.engine.tokens(each.messages), max_tokens=16, temperature=0.0)
            for each in asked
        ]
    finally:
        theirs.close()
    assert ours == [cast("Any", each)["choices"][0]["text"] for each in said]


@pytest.mark.parametrize("temperature", [0.0, 0.8])
async def test_drafts_change_no_text(config: LlamaConfig, temperature: float) -> None:
    copying = "Repeat this sentence five times: The runway lights are checked every morning at six by two people."
    asked = request(copying, temperature=temperature, max_tokens=120)
    async with open_llama(dataclasses.replace(config, drafts=False)) as model:
        plain = (await read(model, asked))[1]
    async with open_eager(config) as model:
        drafted = (await read(model, asked))[1]
        statistics = model.engine.statistics
    assert drafted.text == plain.text
    assert statistics.drafted > statistics.accepted > 0
    assert statistics.steps < drafted.completion_tokens


async def test_a_full_queue_refuses_at_once_and_a_leaver_makes_room(config: LlamaConfig) -> None:
    async with open_llama(dataclasses.replace(config, slots=1, queue_size=1)) as model:
        jobs = [job_of(model, request(grammar=ENDLESS, max_tokens=1500)) for _ in range(3)]
        model.engine.submit(jobs[0])
        assert isinstance(await jobs[0].next(), Delta)
        model.engine.submit(jobs[1])
        assert model.engine.load == Load(slots=1, busy=1, waiting=1)
        with pytest.raises(ModelBusy) as caught:
            await read(model, request())
        assert caught.value.facts == {"waiting": 1}
        model.engine.stop(jobs[1], Cause.CANCELLED)
        model.engine.forget(jobs[1])
        model.engine.submit(jobs[2])


async def test_closing_the_iterator_stops_within_a_step(model: LlamaModel) -> None:
    asked = request(grammar=ENDLESS, max_tokens=1500)
    got = 0
    async with aclosing(model.stream(asked)) as stream:
        async for _ in stream:
            got += 1
            if got == 3:
                break
    await idle(model)
    drawn = len(await held_tokens(model)) - model.count_tokens(asked.messages)
    assert drawn < got + 20  # the thread may have been a few steps ahead of the reader


async def test_cancelling_the_reader_stops_the_model(model: LlamaModel) -> None:
    begun = asyncio.Event()

    async def ask() -> None:
        async for _ in model.stream(request(grammar=ENDLESS, max_tokens=1500)):
            begun.set()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(ask())
        await begun.wait()
        task.cancel()
    await idle(model)
    assert len(await held_tokens(model)) < 500


async def test_a_hundred_cancellations_leak_nothing(config: LlamaConfig) -> None:
    dice = random.Random(11)  # noqa: S311 it only chooses when to stop

    async def ask(model: LlamaModel, number: int) -> None:
        taken, most = 0, dice.randrange(6)
        text = f"{LONG_TEXT[: dice.randrange(200)]} Tell me about {SUBJECTS[number % len(SUBJECTS)]}."
        async with aclosing(model.stream(request(text, max_tokens=12, temperature=0.9))) as stream:
            async for _ in stream:
                taken += 1
                if taken > most:
                    break

    async with open_llama(dataclasses.replace(config, queue_size=100)) as model:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(ask(model, number)) for number in range(100)]
            for task in dice.sample(tasks, 30):
                await read(model, request(max_tokens=1))
                task.cancel()
        await idle(model)
        serving = model.engine.serving
        assert (serving.scheduler.running, serving.scheduler.waiting) == ([], [])
        held = await contents(model)
        await read(model, request("Say yes.", max_tokens=1))  # its step carries out what was still to be cut
        now = await contents(model)
        counted = await asyncio.wrap_future(
            model.engine.do(lambda: [serving.runner.held(stream) for stream in range(len(held))])
        )
        untouched = [stream for stream, tokens in enumerate(now) if tokens == held[stream]]
        assert [counted[stream] for stream in untouched] == [len(now[stream]) for stream in untouched]
        fresh = (await read(model, request("Tell me a story.", temperature=0, max_tokens=12)))[1]
    async with open_llama(config) as model:
        assert (await read(model, request("Tell me a story.", temperature=0, max_tokens=12)))[1].text == fresh.text


async def test_a_long_prompt_is_given_up_in_the_middle_and_the_model_answers_as_if_new(config: LlamaConfig) -> None:
    config = dataclasses.replace(config, n_batch=2048)
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


async def test_a_deadline_while_waiting_brings_a_timeout_before_the_turn_comes(config: LlamaConfig) -> None:
    async with open_llama(dataclasses.replace(config, slots=1)) as model:
        job = job_of(model, request(grammar=ENDLESS, max_tokens=1500))
        model.engine.submit(job)
        await job.next()
        with pytest.raises(ModelTimeout):
            await read(model, request(seconds=0.05))
        assert isinstance(await job.next(), Delta)


async def test_the_shared_start_of_two_prompts_is_evaluated_once(model: LlamaModel) -> None:
    first, second = (request(f"{LONG_TEXT[:2000]} {end}", max_tokens=1) for end in ("What is it?", "Who is it?"))
    await read(model, first)
    before = await evaluated(model)
    await read(model, second)
    prompts = [model.engine.tokens(asked.messages) for asked in (first, second)]
    assert await evaluated(model) - before == len(prompts[1]) - shared_length(*prompts) < 20


async def test_a_conversation_goes_on_where_it_was(model: LlamaModel) -> None:
    first = request(LONG_TEXT[:2000], max_tokens=8, temperature=0)
    _, answer = await read(model, first)
    others = [request(f"Tell me about {subject}.", max_tokens=4) for subject in SUBJECTS[:3]]
    await ask_all(model, others)
    before = await evaluated(model)
    following = (*first.messages, Message("assistant", answer.text), Message("user", "And then?"))
    await read(model, dataclasses.replace(first, messages=following, max_tokens=1))
    assert await evaluated(model) - before < 40
    assert model.engine.saved_share > 0.3


async def test_one_persons_questions_do_not_hold_up_anothers(config: LlamaConfig) -> None:
    ended: list[str] = []

    async def ask(model: LlamaModel, person: str) -> None:
        await read(model, dataclasses.replace(request(max_tokens=10), person=person))
        ended.append(person)

    async with (
        open_llama(dataclasses.replace(config, slots=1, queue_size=30)) as model,
        asyncio.TaskGroup() as group,
    ):
        for person in [*["many"] * 8, "one"]:
            group.create_task(ask(model, person))
    assert ended.index("one") < 8


async def test_a_fault_nobody_thought_of_is_told_and_the_next_question_answered(model: LlamaModel) -> None:
    whole = (await read(model, request(temperature=0)))[1].text
    odd = request(temperature=cast("float", "hot"))
    with pytest.raises(ModelUnavailable):
        await read(model, odd)
    assert await contents(model) == [[] for _ in await contents(model)]
    assert (await read(model, request(temperature=0)))[1].text == whole


async def test_closing_ends_what_runs_and_refuses_what_comes(config: LlamaConfig) -> None:
    async with open_llama(config) as model:
        asked = request(grammar=ENDLESS, max_tokens=1500)
        running = job_of(model, asked)
        model.engine.submit(running)
        await running.next()
    assert running.cause is Cause.CANCELLED
    with pytest.raises(ModelUnavailable):
        await read(model, request())
    with pytest.raises(ModelUnavailable):
        model.count_tokens((SYSTEM,))
