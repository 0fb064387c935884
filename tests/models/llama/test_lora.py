"""LoRA adapters: chosen by request, never mixed up, loaded and unloaded while others are answered."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.errors import ModelDamaged, ModelRejected
from core.ports import Completion, CompletionRequest, Delta
from models.llama import LlamaConfig, LlamaModel, open_llama
from tests.models.adapters import write_adapter
from tests.models.llama.asking import ENDLESS, idle, read, request

ADAPTED = "office"


def about_the_sea(adapter: str = "", max_tokens: int = 16) -> CompletionRequest:
    asked = request("Tell me about the sea.", temperature=0, max_tokens=max_tokens)
    return dataclasses.replace(asked, adapter=adapter)


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    return write_adapter(tmp_path / "office.gguf", strength=2.0)


@pytest.fixture
async def model(config: LlamaConfig) -> AsyncIterator[LlamaModel]:
    async with open_llama(config) as opened:
        yield opened


async def load(model: LlamaModel, path: Path, name: str = "office") -> None:
    await asyncio.wrap_future(model.engine.load_adapter(name, path))


async def unload(model: LlamaModel, name: str = "office") -> None:
    await asyncio.wrap_future(model.engine.unload_adapter(name))


async def answer(model: LlamaModel, adapter: str = "") -> Completion:
    completion = (await read(model, about_the_sea(adapter)))[1]
    return dataclasses.replace(completion, first_token_ms=None)


async def fresh(config: LlamaConfig, path: Path) -> tuple[Completion, Completion]:
    """What engines say that have never heard anything else, without the adapter and with it."""
    async with open_llama(config) as model:
        plain = await answer(model)
    async with open_llama(config) as model:
        await load(model, path)
        return plain, await answer(model, ADAPTED)


async def test_nothing_evaluated_under_one_adapter_is_used_under_another(
    config: LlamaConfig, model: LlamaModel, adapter: Path
) -> None:
    plain, adapted = await fresh(config, adapter)
    assert plain.text != adapted.text
    await load(model, adapter)
    assert [await answer(model, adapter) for adapter in ("", ADAPTED, "", ADAPTED)] == [plain, adapted] * 2


async def test_askers_with_and_without_are_answered_in_turns(
    config: LlamaConfig, model: LlamaModel, adapter: Path
) -> None:
    plain, adapted = await fresh(config, adapter)
    await load(model, adapter)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(answer(model, adapter)) for adapter in ("", ADAPTED, "", ADAPTED)]
    assert [task.result().text for task in tasks] == [plain.text, adapted.text] * 2


async def test_who_is_being_answered_keeps_the_adapter_that_was_asked_for(
    model: LlamaModel, adapter: Path, tmp_path: Path
) -> None:
    other = write_adapter(tmp_path / "other.gguf", strength=-1.0)
    await load(model, adapter)
    whole = (await answer(model, ADAPTED)).text
    text = ""
    async for item in model.stream(about_the_sea(ADAPTED, max_tokens=17)):
        if isinstance(item, Delta):
            text += item.text
            if text == item.text:
                await load(model, other)
    assert text.startswith(whole)
    assert (await answer(model, ADAPTED)).text != whole


async def test_an_adapter_that_was_unloaded_is_refused_and_freed_after_its_last_answer(
    model: LlamaModel, adapter: Path
) -> None:
    await load(model, adapter)
    running = model.stream(dataclasses.replace(request(grammar=ENDLESS, max_tokens=1_000), adapter="office"))
    assert isinstance(await anext(running), Delta)
    await unload(model)
    with pytest.raises(ModelRejected, match="office"):
        await answer(model, ADAPTED)
    assert isinstance(await anext(running), Delta)
    adapters = model.engine.serving.adapters
    assert adapters.count == 1
    await running.aclose()
    await idle(model)
    assert adapters.count == 0
    await unload(model)


async def test_a_hundred_loadings_leave_one(model: LlamaModel, adapter: Path) -> None:
    for _ in range(100):
        await load(model, adapter)
    await answer(model, ADAPTED)
    assert model.engine.serving.adapters.count == 1


async def test_what_is_no_adapter_of_this_model_is_refused_and_the_model_goes_on(
    config: LlamaConfig, model: LlamaModel, tmp_path: Path
) -> None:
    other_shape = write_adapter(tmp_path / "shape.gguf", tensors={"blk.0.attn_q.weight": (96, 96)})
    (tmp_path / "noise.gguf").write_bytes(b"no GGUF at all")
    for path, error in (
        (other_shape, ModelRejected),
        (config.path, ModelRejected),
        (tmp_path / "none.gguf", ModelRejected),
        (tmp_path / "noise.gguf", ModelDamaged),
    ):
        with pytest.raises(error):
            await load(model, path)
    with pytest.raises(ModelRejected):
        await answer(model, ADAPTED)
    assert (await answer(model)).text
