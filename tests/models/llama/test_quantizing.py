"""A merged file answers as the base does with the adapter beside it, before and after it is made smaller."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelDamaged, ModelUnavailable
from models.gguf import read_header
from models.llama.quantizing import quantize
from models.merging import merge
from tests.models.adapters import write_adapter
from tests.models.llama.reading import logits


def silent(_done: int, _total: int) -> None:
    pass


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_adapter(tmp_path_factory.mktemp("lora") / "lora.gguf")


@pytest.fixture(scope="module")
def merged(smollm2_path: Path, adapter: Path) -> Path:
    out = adapter.with_name("merged.gguf")
    merge(smollm2_path, adapter).write(out, silent)
    return out


def test_a_merged_file_answers_as_base_and_adapter_do(smollm2_path: Path, adapter: Path, merged: Path) -> None:
    alone, beside, found = logits(smollm2_path), logits(smollm2_path, adapter), logits(merged)
    assert (alone.argmax(1) != beside.argmax(1)).any(), "the adapter changes what is said"
    assert (found.argmax(1) == beside.argmax(1)).all()
    assert np.abs(found - beside).mean() < np.abs(alone - beside).mean() / 10
    wanted, change = (beside - alone).ravel(), (found - alone).ravel()
    assert wanted @ change / (wanted @ wanted) == pytest.approx(1, abs=0.05), "as strong as llama.cpp makes it"


def test_a_smaller_file_answers_nearly_the_same(merged: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    quantize(merged, tmp_path / "q8.gguf", "q8_0", lambda at, count: seen.append((at, count)))
    before, after = logits(merged), logits(tmp_path / "q8.gguf")
    assert seen == [(at, 272) for at in range(1, 273)]
    assert (before.argmax(1) == after.argmax(1)).mean() > 0.8
    assert read_header(tmp_path / "q8.gguf").numbers("general.file_type") == (7,)


def test_a_file_of_the_type_already_is_copied_tensor_by_tensor(merged: Path, tmp_path: Path) -> None:
    quantize(merged, tmp_path / "once.gguf", "q8_0", silent)
    quantize(tmp_path / "once.gguf", tmp_path / "twice.gguf", "q8_0", silent)
    assert (tmp_path / "once.gguf").read_bytes() == (tmp_path / "twice.gguf").read_bytes()


def test_a_disk_that_cannot_be_written_is_said(merged: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="could not be written"):
        quantize(merged, tmp_path / "no" / "such" / "folder.gguf", "q8_0", silent)


def test_a_damaged_source_never_reaches_llama_cpp(tmp_path: Path) -> None:
    (tmp_path / "cut.gguf").write_bytes(b"GGUF\x03\x00\x00\x00")
    with pytest.raises(ModelDamaged):
        quantize(tmp_path / "cut.gguf", tmp_path / "out.gguf", "q8_0", silent)
