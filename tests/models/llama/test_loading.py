"""What is refused before llama.cpp sees it, and what is said about the GPU."""

import dataclasses
import logging
import struct
from pathlib import Path

import llama_cpp
import pytest

from core.errors import ModelDamaged, ModelMissing, ModelRejected
from models.llama import LlamaConfig, open_llama
from models.llama.loading import load, say_no_gpu


async def refuse(path: Path) -> str:
    with pytest.raises(ModelDamaged) as caught:
        async with open_llama(LlamaConfig(path)):
            pass
    return str(caught.value)


@pytest.mark.parametrize("size", [0, 3, 8, 23, 1000, 100_000, 1_500_000])
async def test_a_file_cut_in_its_header_is_refused(smollm2_path: Path, tmp_path: Path, size: int) -> None:
    with smollm2_path.open("rb") as whole:
        (tmp_path / "cut.gguf").write_bytes(whole.read(size))
    assert "cut.gguf" in await refuse(tmp_path / "cut.gguf")


async def test_a_file_cut_in_its_tensors_is_refused(smollm2_path: Path, tmp_path: Path) -> None:
    with smollm2_path.open("rb") as whole:
        (tmp_path / "cut.gguf").write_bytes(whole.read(40_000_000))
    assert "ends before its last tensor" in await refuse(tmp_path / "cut.gguf")


@pytest.mark.parametrize(
    ("at", "lie", "reason"),
    [
        (0, b"GGML", "is no GGUF file"),
        (4, struct.pack("<I", 99), "version 99"),
        (8, struct.pack("<Q", 2**40), "tensors"),
        (16, struct.pack("<Q", 2**63), "metadata entries"),
        (24, struct.pack("<Q", 2**62), "ends inside its header"),
    ],
)
async def test_a_header_that_lies_is_refused(
    smollm2_path: Path, tmp_path: Path, at: int, lie: bytes, reason: str
) -> None:
    with smollm2_path.open("rb") as whole:
        data = bytearray(whole.read(3_000_000))
    data[at : at + len(lie)] = lie
    (tmp_path / "lie.gguf").write_bytes(data)
    assert reason in await refuse(tmp_path / "lie.gguf")


async def test_a_missing_file_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="sotay models fetch qwen"):
        async with open_llama(LlamaConfig(tmp_path / "no.gguf", name="qwen")):
            pass


async def test_a_model_without_a_chat_template_is_refused(config: LlamaConfig, tmp_path: Path) -> None:
    data = config.path.read_bytes().replace(b"tokenizer.chat_template", b"tokenizer.xhat_template")
    (tmp_path / "base.gguf").write_bytes(data)
    with pytest.raises(ModelRejected):
        async with open_llama(dataclasses.replace(config, path=tmp_path / "base.gguf")):
            pass


def test_without_a_gpu_in_the_build_it_says_so_once_and_runs_on_the_cpu(
    config: LlamaConfig, caplog: pytest.LogCaptureFixture
) -> None:
    if llama_cpp.llama_supports_gpu_offload():
        pytest.skip("this build of llama.cpp can use a GPU")
    say_no_gpu.cache_clear()
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            loaded = load(dataclasses.replace(config, n_gpu_layers=-1))
            assert not loaded.on_gpu
            loaded.free()
    assert [record.message for record in caplog.records if "GPU" in record.message] == [caplog.records[0].message]


def test_loading_prints_nothing(config: LlamaConfig, capfd: pytest.CaptureFixture[str]) -> None:
    load(config).free()
    assert capfd.readouterr() == ("", "")
