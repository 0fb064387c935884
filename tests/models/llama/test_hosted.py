"""A real model in a child process: the same answers, and what happens when either process ends."""

import asyncio
import dataclasses
import os
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from core.errors import ModelDamaged, ModelError, ModelMissing, ModelRejected, ModelTimeout, ModelUnavailable
from core.ports import Completion, CompletionRequest, Delta, LanguageModel, Message
from models.llama import HostedModel, LlamaConfig, open_hosted, open_llama
from models.llama.process import ChildProcess, socket_pair, start
from tests.models.llama.asking import ENDLESS, LONG_TEXT, SYSTEM, request


@pytest.fixture
def config(config: LlamaConfig) -> LlamaConfig:
    """One thread: two models at once would wait for each other on a small machine."""
    return dataclasses.replace(config, n_threads=1)


@pytest.fixture
async def hosted(config: LlamaConfig) -> AsyncIterator[HostedModel]:
    async with open_hosted(config) as opened:
        yield opened


async def answer(model: LanguageModel, asked: CompletionRequest) -> Completion:
    items = [item async for item in model.stream(asked)]
    last = items[-1]
    assert isinstance(last, Completion)
    assert last.text == "".join(item.text for item in items if isinstance(item, Delta))
    return last


def unending() -> CompletionRequest:
    return request(grammar=ENDLESS, max_tokens=1500)


async def pid_of(model: HostedModel) -> int:
    return (await model._supervisor.child()).pid


async def crash(model: HostedModel, by: signal.Signals) -> None:
    """Ends the child in the middle of an answer, which must fail."""
    stream = model.stream(unending())
    await anext(stream)
    os.kill(await pid_of(model), by)
    with pytest.raises(ModelUnavailable) as caught:
        async for _ in stream:
            pass
    assert caught.value.message_id == "model.child_ended"


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_it_answers_as_the_model_in_this_process_does(config: LlamaConfig, hosted: HostedModel) -> None:
    asked = [request(f"Tell me about {thing}.", temperature=0) for thing in ("the sea", "biển 🌊")]
    async with open_llama(config) as inline:
        expected = [await answer(inline, one) for one in asked]
        lengths = [inline.count_tokens(one.messages) for one in asked]
    async with asyncio.TaskGroup() as group:
        both = [group.create_task(answer(hosted, one)) for one in asked]
    assert [task.result().text for task in both] == [completion.text for completion in expected]
    assert [task.result().prompt_tokens for task in both] == lengths
    assert [await hosted.count_tokens(one.messages) for one in asked] == lengths
    assert hosted.name == inline.name == both[0].result().model


async def test_how_busy_it_is_can_be_seen_from_here(config: LlamaConfig) -> None:
    config = dataclasses.replace(config, slots=1, queue_size=4)
    async with open_llama(config) as inline, open_hosted(config) as hosted:
        for model in (inline, hosted):
            before = await model.look()
            assert (before.load.slots, before.load.busy, before.load.waiting) == (1, 0, 0)
            async with aclosing(model.stream(unending())) as stream:
                await anext(stream)
                seen = await model.look()
                assert (seen.load.busy, seen.load.waiting) == (1, 0)
                assert seen.statistics.evaluated > before.statistics.evaluated
                assert seen.statistics.drawn > 0


async def test_a_child_that_says_nothing_is_not_waited_for(hosted: HostedModel) -> None:
    pid = await pid_of(hosted)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(ModelUnavailable):
            await hosted.look()
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_errors_come_back_with_their_kind_and_facts(config: LlamaConfig) -> None:
    async with open_hosted(dataclasses.replace(config, n_ctx=512)) as model:
        with pytest.raises(ModelRejected) as caught:
            await answer(model, request(LONG_TEXT))
        assert caught.value.message_id == "model.prompt_too_long"
        assert caught.value.facts["limit"] in {511, 512}
        with pytest.raises(ModelRejected, match="grammar"):
            await answer(model, request(grammar="root ::= ("))
        with pytest.raises(ModelTimeout):
            await answer(model, request(seconds=0))
        assert (await answer(model, request())).completion_tokens


async def test_a_request_that_breaks_the_programme_ends_no_other(hosted: HostedModel) -> None:
    async with aclosing(hosted.stream(unending())) as stream:
        await anext(stream)
        with pytest.raises(ModelError):
            await hosted.count_tokens([Message("user", "half a character: \ud800")])
        await anext(stream)


async def test_leaving_an_answer_reaches_the_child_at_once(config: LlamaConfig) -> None:
    """Were the endless ones still running, the queue would be full after a few."""
    async with open_hosted(dataclasses.replace(config, queue_size=1)) as model:
        for _ in range(10):
            async with aclosing(model.stream(unending())) as stream:
                await anext(stream)
        assert (await answer(model, request(max_tokens=4))).completion_tokens


async def test_cancelling_the_reader_reaches_the_child_too(config: LlamaConfig) -> None:
    async with open_hosted(dataclasses.replace(config, queue_size=1)) as model:
        for _ in range(10):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await answer(model, unending())
        assert (await answer(model, request(max_tokens=4))).completion_tokens


async def test_a_start_is_warm_in_every_child_that_follows(config: LlamaConfig, tmp_path: Path) -> None:
    async with open_hosted(dataclasses.replace(config, prefix_cache=tmp_path)) as model:
        await model.warm([SYSTEM])
        (saved,) = files_in(tmp_path)
        saved.unlink()
        await crash(model, signal.SIGKILL)
        await answer(model, request(max_tokens=4))
        await model.count_tokens([SYSTEM])
        assert files_in(tmp_path) == [saved]


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGABRT])
async def test_a_model_that_dies_in_mid_answer_is_started_again(
    hosted: HostedModel, caplog: pytest.LogCaptureFixture, by: signal.Signals
) -> None:
    pid = await pid_of(hosted)
    await crash(hosted, by)
    with pytest.raises(ModelTimeout):
        await answer(hosted, request(seconds=0.01))
    assert (await answer(hosted, request(max_tokens=4))).completion_tokens
    assert await pid_of(hosted) != pid
    assert f"the model's process ended by itself ({by.name})" in caplog.messages
    last_words = [text for text in caplog.messages if "says: Fatal Python error: Aborted" in text]
    assert len(last_words) == (by == signal.SIGABRT)


async def test_signals_to_the_whole_group_leave_the_answer_alone(hosted: HostedModel) -> None:
    async with aclosing(hosted.stream(request(max_tokens=40))) as stream:
        await anext(stream)
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(await pid_of(hosted), sent)
        items = [item async for item in stream]
    assert isinstance(items[-1], Completion)


async def test_files_that_cannot_be_opened_are_refused_as_in_this_process(config: LlamaConfig, tmp_path: Path) -> None:
    (tmp_path / "no.gguf").write_bytes(b"no GGUF at all" * 99)
    base = config.path.read_bytes().replace(b"tokenizer.chat_template", b"tokenizer.xhat_template")
    (tmp_path / "base.gguf").write_bytes(base)
    for name, kind in (("none.gguf", ModelMissing), ("no.gguf", ModelDamaged), ("base.gguf", ModelRejected)):
        with pytest.raises(kind) as caught:
            async with open_hosted(LlamaConfig(tmp_path / name, name="qwen")):
                pass
        assert caught.type is kind
    with pytest.raises(ModelMissing, match="sotay models fetch qwen"):
        async with open_hosted(LlamaConfig(tmp_path / "none.gguf", name="qwen")):
            pass


async def test_a_child_that_ends_over_the_file_says_how(config: LlamaConfig) -> None:
    async with socket_pair() as (reader, writer, theirs), socket_pair() as (_, _, printed):
        process = await start(theirs, printed)
        process.kill()
        with pytest.raises(ModelUnavailable, match=r"does not start \(SIGKILL\)"):
            await ChildProcess(process, reader, writer).open(config)


async def test_an_error_in_the_block_leaves_it_as_itself(config: LlamaConfig) -> None:
    with pytest.raises(KeyError):
        async with open_hosted(config):
            raise KeyError


async def test_closing_ends_the_process_and_what_runs_and_refuses_what_comes(config: LlamaConfig) -> None:
    async with open_hosted(config) as model:
        pid = await pid_of(model)
        running = model.stream(unending())
        await anext(running)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(ModelUnavailable, match="shutting down"):
        async for _ in running:
            pass
    with pytest.raises(ModelUnavailable, match="shutting down"):
        await answer(model, request())


async def test_a_template_that_is_none_ends_no_more_than_the_opening(config: LlamaConfig) -> None:
    with pytest.raises(ModelError):
        async with open_hosted(dataclasses.replace(config, chat_template="{% if %}")):
            pass
