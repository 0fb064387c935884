"""Adapters worked into weights: the arithmetic, what is left as it was, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter
from gguf.quants import dequantize, quantize

from core.errors import ModelDamaged, ModelError, ModelMissing, ModelRejected
from models.gguf import read_header
from models.merging import merge
from tests.models.adapters import RANK, write_adapter, written

QUERY, DOWN, TOKENS, NORM = "blk.0.attn_q.weight", "blk.0.ffn_down.weight", "token_embd.weight", "output_norm.weight"
SHAPES = {QUERY: (64, 96), DOWN: (96, 32), TOKENS: (128, 96)}


def write_base(path: Path, *, split: int = 0, strength: float = 1.0) -> Path:
    """A file with a matrix at Q8_0, one at F32, one at F16 and a vector; no network that anybody could run."""
    writer = GGUFWriter(path, "llama")
    writer.add_name("Nhỏ")
    writer.add_token_list(["một", "hai", "ba"])
    writer.add_float32("llama.rope.freq_base", 10_000.0)
    if split:
        writer.add_uint16("split.count", split)
    numbers = np.random.default_rng(3)
    kinds = {QUERY: GGMLQuantizationType.Q8_0, DOWN: GGMLQuantizationType.F32, TOKENS: GGMLQuantizationType.F16}
    for name, shape in SHAPES.items():
        values = (numbers.standard_normal(shape) * strength).astype(np.float32)
        writer.add_tensor(name, quantize(values, kinds[name]), raw_dtype=kinds[name])
    writer.add_tensor(NORM, np.ones(96, np.float32))
    return written(writer, path)


def tensors(path: Path) -> dict[str, Any]:
    return {tensor.name: tensor for tensor in GGUFReader(path).tensors}


def values(tensor: Any) -> npt.NDArray[np.float32]:  # noqa: ANN401
    found: npt.NDArray[np.float32] = dequantize(tensor.data, tensor.tensor_type)
    return found


def merged(base: Path, adapter: Path, out: Path) -> dict[str, Any]:
    merge(base, adapter).write(out, lambda _done, _total: None)
    return tensors(out)


class TestArithmetic:
    @pytest.mark.parametrize("name", [QUERY, DOWN])
    def test_alpha_over_rank_times_b_a_is_added(self, tmp_path: Path, name: str) -> None:
        base = write_base(tmp_path / "base.gguf")
        adapter = write_adapter(tmp_path / "lora.gguf", tensors={name: SHAPES[name]})
        found = merged(base, adapter, tmp_path / "out.gguf")[name]
        halves = tensors(adapter)
        change = 2.0 * values(halves[f"{name}.lora_b"]) @ values(halves[f"{name}.lora_a"])
        assert np.abs(change).mean() > 0.1
        assert found.tensor_type is GGMLQuantizationType.F16
        np.testing.assert_allclose(values(found), values(tensors(base)[name]) + change, atol=5e-3)

    def test_an_adapter_of_the_table_of_tokens_is_turned(self, tmp_path: Path) -> None:
        base, path = write_base(tmp_path / "base.gguf"), tmp_path / "lora.gguf"
        writer = GGUFWriter(path, "llama")
        writer.add_string("adapter.type", "lora")
        numbers = np.random.default_rng(1)
        a, b = (numbers.standard_normal((rows, RANK)).astype(np.float32) for rows in SHAPES[TOKENS])
        writer.add_tensor(f"{TOKENS}.lora_a", a)
        writer.add_tensor(f"{TOKENS}.lora_b", b)
        found = merged(base, written(writer, path), tmp_path / "out.gguf")[TOKENS]
        np.testing.assert_allclose(values(found), values(tensors(base)[TOKENS]) + a @ b.T, atol=2e-2)

    def test_what_the_adapter_does_not_touch_stays_to_the_byte(self, tmp_path: Path) -> None:
        base = write_base(tmp_path / "base.gguf")
        adapter = write_adapter(tmp_path / "lora.gguf", tensors={DOWN: SHAPES[DOWN]})
        before, after = tensors(base), merged(base, adapter, tmp_path / "out.gguf")
        assert list(before) == list(after)
        for name in (QUERY, TOKENS, NORM):
            assert before[name].tensor_type == after[name].tensor_type
            assert before[name].data.tobytes() == after[name].data.tobytes()
        assert read_header(base).metadata == read_header(tmp_path / "out.gguf").metadata

    def test_progress_ends_at_the_size_that_was_said_before(self, tmp_path: Path) -> None:
        adapter = write_adapter(tmp_path / "lora.gguf", tensors={QUERY: SHAPES[QUERY]})
        plan, seen = merge(write_base(tmp_path / "base.gguf"), adapter), list[tuple[int, int]]()
        plan.write(tmp_path / "out.gguf", lambda done, total: seen.append((done, total)))
        assert len(seen) == 4
        assert seen[-1] == (plan.size, plan.size)
        assert plan.size == sum(int(tensor.n_bytes) for tensor in tensors(tmp_path / "out.gguf").values())


def plain(tmp: Path) -> tuple[Path, Path]:
    """A model in the adapter's place."""
    return write_base(tmp / "base.gguf"), write_base(tmp / "other.gguf")


def fitting(tmp: Path, **changes: Any) -> tuple[Path, Path]:  # noqa: ANN401
    """A base, and an adapter that fits but for `changes`."""
    return write_base(tmp / "base.gguf"), write_adapter(
        tmp / "lora.gguf", **({"tensors": {QUERY: SHAPES[QUERY]}} | changes)
    )


REFUSED: dict[str, tuple[Callable[[Path], tuple[Path, Path]], type[ModelError], str]] = {
    "no adapter": (plain, ModelRejected, "is no LoRA adapter"),
    "another kind of adapter": (
        lambda tmp: fitting(tmp, texts={"adapter.type": "control_vector"}), ModelRejected, "is no LoRA adapter",
    ),
    "another architecture": (lambda tmp: fitting(tmp, architecture="qwen2"), ModelRejected, 'it is for "qwen2"'),
    "a tensor that the base lacks": (
        lambda tmp: fitting(tmp, tensors={"blk.9.attn_q.weight": (64, 96)}), ModelRejected, "blk.9.attn_q.weight",
    ),
    "another width": (lambda tmp: fitting(tmp, tensors={QUERY: (64, 128)}), ModelRejected, r"\(64, 96\)"),
    "another height": (lambda tmp: fitting(tmp, tensors={QUERY: (32, 96)}), ModelRejected, r"\(64, 96\)"),
    "one half": (lambda tmp: fitting(tmp, halves=["lora_a"]), ModelRejected, "lacks one half"),
    "nothing but norms": (
        lambda tmp: fitting(tmp, tensors={}, norms=True), ModelRejected, "lacks one half",
    ),
    "activated by words": (
        lambda tmp: fitting(tmp, texts={"adapter.alora.invocation_tokens": "1"}), ModelRejected, "aLoRA",
    ),
    "a base in parts": (
        lambda tmp: (write_base(tmp / "base.gguf", split=2), fitting(tmp / "..")[1]), ModelRejected, "several parts",
    ),
    "a missing adapter": (lambda tmp: (write_base(tmp / "base.gguf"), tmp / "no.gguf"), ModelMissing, "no.gguf"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused_in_a_sentence(tmp_path: Path, case: str) -> None:
    make, kind, words = REFUSED[case]
    (tmp_path / "in").mkdir()
    base, adapter = make(tmp_path / "in")
    with pytest.raises(kind, match=words):
        merge(base, adapter)


def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "adapter_model.safetensors").write_bytes(b"\x10" * 1000)
    with pytest.raises(ModelDamaged):
        merge(write_base(tmp_path / "base.gguf"), tmp_path / "adapter_model.safetensors")


def test_numbers_beyond_f16_are_not_written(tmp_path: Path) -> None:
    base, adapter = fitting(tmp_path, strength=1e6)
    with pytest.raises(ModelDamaged, match=QUERY):
        merge(base, adapter).write(tmp_path / "out.gguf", lambda _done, _total: None)
