"""GGUF files that tests make: adapters for SmolLM2, and the header of Qwen2.5-7B without its weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.constants import GGML_QUANT_SIZES

RANK = 4
TOUCHED = {
    "blk.0.attn_q.weight": (576, 576),
    "blk.3.attn_v.weight": (192, 576),
    "blk.7.ffn_down.weight": (576, 1536),
    "blk.29.ffn_up.weight": (1536, 576),
}
"""Tensors of SmolLM2-135M as (rows, columns)."""


def write_adapter(
    path: Path,
    *,
    tensors: Mapping[str, tuple[int, int]] = TOUCHED,
    halves: Sequence[str] = ("lora_a", "lora_b"),
    texts: Mapping[str, str] | None = None,
    architecture: str = "llama",
    strength: float = 0.5,
    norms: bool = False,
) -> Path:
    """A LoRA adapter of rank 4 and alpha 8 with random numbers; with `norms` it holds a norm of its own as well."""
    writer = GGUFWriter(path, architecture)
    for key, value in ({"general.type": "adapter", "adapter.type": "lora"} | dict(texts or {})).items():
        writer.add_string(key, value)
    writer.add_float32("adapter.lora.alpha", 2.0 * RANK)
    numbers = np.random.default_rng(5)
    for name, (rows, columns) in tensors.items():
        shapes = {"lora_a": (RANK, columns), "lora_b": (rows, RANK)}
        for half in halves:
            scale = columns**-0.5 if half == "lora_a" else strength
            writer.add_tensor(f"{name}.{half}", (numbers.standard_normal(shapes[half]) * scale).astype(np.float32))
    if norms:
        writer.add_tensor("blk.0.attn_norm.weight", np.ones(96, np.float32))
    return written(writer, path)


def written(writer: GGUFWriter, path: Path) -> Path:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


Q4, Q6, F32 = GGMLQuantizationType.Q4_K, GGMLQuantizationType.Q6_K, GGMLQuantizationType.F32
LAYERS, EMBEDDING, FEED_FORWARD, VOCABULARY, KV = 28, 3584, 18_944, 152_064, 512


def write_qwen_7b(path: Path) -> Path:
    """Header and length of Qwen2.5-7B Q4_K_M, as llama.cpp quantizes it; the 4.7 GB of weights are a hole."""
    writer = GGUFWriter(path, "qwen2")
    writer.add_block_count(LAYERS)
    writer.add_embedding_length(EMBEDDING)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(28)
    writer.add_head_count_kv(4)
    size = sum(_announce(writer, *tensor) for tensor in _qwen_7b())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    with path.open("r+b") as file:
        header = file.seek(0, 2)
        file.truncate(header + -header % 32 + size)
    return path


def _qwen_7b() -> list[tuple[str, int, int, GGMLQuantizationType]]:
    """Names, rows, columns and kinds of the tensors; one row stands for a vector."""
    found = [("token_embd.weight", VOCABULARY, EMBEDDING, Q4), ("output.weight", VOCABULARY, EMBEDDING, Q6)]
    found.append(("output_norm.weight", 1, EMBEDDING, F32))
    for layer in range(LAYERS):
        eighth = LAYERS // 8
        more = layer < eighth or layer >= 7 * LAYERS // 8 or (layer - eighth) % 3 == 2
        shapes = {
            "attn_norm.weight": (1, EMBEDDING, F32), "ffn_norm.weight": (1, EMBEDDING, F32),
            "attn_q.bias": (1, EMBEDDING, F32), "attn_k.bias": (1, KV, F32), "attn_v.bias": (1, KV, F32),
            "attn_q.weight": (EMBEDDING, EMBEDDING, Q4), "attn_k.weight": (KV, EMBEDDING, Q4),
            "attn_v.weight": (KV, EMBEDDING, Q6 if more else Q4), "attn_output.weight": (EMBEDDING, EMBEDDING, Q4),
            "ffn_gate.weight": (FEED_FORWARD, EMBEDDING, Q4), "ffn_up.weight": (FEED_FORWARD, EMBEDDING, Q4),
            "ffn_down.weight": (EMBEDDING, FEED_FORWARD, Q6 if more else Q4),
        }  # fmt: skip
        found += [(f"blk.{layer}.{name}", *shape) for name, shape in shapes.items()]
    return found


def _announce(writer: GGUFWriter, name: str, rows: int, columns: int, kind: GGMLQuantizationType) -> int:
    block, size = GGML_QUANT_SIZES[kind]
    row = columns // block * size
    if kind is F32:
        writer.add_tensor_info(name, (columns,), np.dtype(np.float32), row)
    else:
        writer.add_tensor_info(name, (rows, row), np.dtype(np.uint8), rows * row, kind)
    return rows * row + -(rows * row) % 32
