"""The evaluated start of fixed prompts, kept in memory and across processes."""

import dataclasses
from pathlib import Path

import pytest

from core.ports import CompletionRequest, Message
from models.llama import LlamaConfig, open_llama
from models.llama.prefixes import KEPT, PrefixStore
from tests.models.llama.asking import LONG_TEXT, SYSTEM, contents, evaluated, held_tokens, read, request

FIXED = (SYSTEM, Message("user", LONG_TEXT[:1500]), Message("assistant", "It is a fox."))


def list_folder(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def following(text: str) -> CompletionRequest:
    return dataclasses.replace(request(temperature=0, max_tokens=6), messages=(*FIXED, Message("user", text)))


async def test_a_warm_start_gives_the_same_answer_in_the_next_process_without_evaluation(
    config: LlamaConfig, tmp_path: Path
) -> None:
    cached = dataclasses.replace(config, prefix_cache=tmp_path / "kv")
    async with open_llama(cached) as model:
        await model.warm(FIXED)
        prefix = await held_tokens(model)
        _, expected = await read(model, following("Who jumps?"))
    (file,) = list_folder(tmp_path / "kv")
    written = file.stat().st_mtime_ns
    async with open_llama(cached) as model:
        await model.warm(FIXED)
        assert await held_tokens(model) == prefix
        _, completion = await read(model, following("Who jumps?"))
    assert completion.text == expected.text
    assert file.stat().st_mtime_ns == written
    assert len(prefix) > 300


@pytest.mark.parametrize("damage", [b"short", b"x" * 100_000])
async def test_a_damaged_cache_file_is_ignored_and_written_anew(
    config: LlamaConfig, tmp_path: Path, damage: bytes
) -> None:
    cached = dataclasses.replace(config, prefix_cache=tmp_path)
    async with open_llama(cached) as model:
        await model.warm(FIXED)
    (file,) = list_folder(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(damage)
    async with open_llama(cached) as model:
        await model.warm(FIXED)
        prefix = await held_tokens(model)
        assert len(prefix) > 300
    assert len(file.read_bytes()) == len(whole)


async def test_a_warmed_start_survives_other_questions_in_between(config: LlamaConfig) -> None:
    async with open_llama(config) as model:
        await model.warm(FIXED)
        prefix = await held_tokens(model)
        await read(model, request("Something else entirely.", max_tokens=1))
        before = await evaluated(model)
        await read(model, following("Who?"))
        assert await evaluated(model) - before < 40
        assert prefix in [tokens[: len(prefix)] for tokens in await contents(model)]


async def test_a_folder_that_cannot_be_written_does_not_stop_the_model(config: LlamaConfig, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    async with open_llama(dataclasses.replace(config, prefix_cache=tmp_path / "file" / "kv")) as model:
        await model.warm(FIXED)
        _, completion = await read(model, following("Who?"))
    assert completion.completion_tokens > 0


def test_another_model_or_other_tokens_find_no_saved_state(tmp_path: Path) -> None:
    PrefixStore(tmp_path, "model one").write([1, 2, 3], b"state")
    assert PrefixStore(tmp_path, "model one").read([1, 2, 3]) == b"state"
    assert PrefixStore(tmp_path, "model two").read([1, 2, 3]) is None
    assert PrefixStore(tmp_path, "model one").read([1, 2]) is None


def test_only_the_newest_states_are_kept(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path, "model")
    for token in range(KEPT + 3):
        store.write([token], b"state")
    assert len(list(tmp_path.iterdir())) == KEPT
