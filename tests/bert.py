"""A BERT small enough to be made by a test, in a GGUF file and in numpy. bge-m3 and its reranker are large ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.llama.pooled import Pooling
from tests.gguf_file import Array, GGUFFile, Tensor, plain

BOS, PAD, EOS, UNKNOWN = 0, 1, 2, 3
NORMAL_KIND, UNKNOWN_KIND, CONTROL_KIND, UNUSED_KIND = 1, 2, 3, 5
KINDS = {
    b"<s>": CONTROL_KIND,
    b"<pad>": CONTROL_KIND,
    b"</s>": CONTROL_KIND,
    b"<mask>": CONTROL_KIND,
    b"<unk>": UNKNOWN_KIND,
}
LETTERS = "▁abcdefghijklmnopqrstuvwxyzăâđêôơưáàảãạầéèíìóòộợủửở.,?:<>/0123456789"


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a BERT."""

    width: int = 32
    heads: int = 2
    layers: int = 2
    inner: int = 64
    context: int = 64
    epsilon: float = 1e-5


@dataclass(frozen=True, slots=True)
class Pieces:
    """A unigram vocabulary in the order of its tokens, with logarithmic probabilities. It begins as XLM-RoBERTa's."""

    texts: Sequence[bytes]
    scores: Sequence[float]


@dataclass(frozen=True, slots=True)
class Says:
    """What a file says of its use. `separator` None: nothing, as in older files."""

    pooling: Pooling | None = Pooling.CLS
    separator: bool | None = True
    template: str | None = None


def letters() -> Pieces:
    """A token for each letter."""
    texts = [*list(KINDS)[:3], b"<unk>", *(letter.encode() for letter in LETTERS)]
    return Pieces(texts, [0.0] * 4 + [-2.0 - 0.01 * at for at in range(len(LETTERS))])


def spell(text: str) -> list[int]:
    """The tokens of a text in the vocabulary of letters, without those at the ends."""
    return [4 + LETTERS.index(letter) for letter in "▁" + text.replace(" ", "▁")]


def write(path: Path, shape: Shape, pieces: Pieces, tensors: Mapping[str, Tensor], says: Says) -> Path:
    """As llama.cpp's converter writes a model of XLM-RoBERTa's kind."""
    file = GGUFFile(tensors)
    file.text("general.architecture", "bert")
    for key, value in (
        ("context_length", shape.context),
        ("embedding_length", shape.width),
        ("block_count", shape.layers),
        ("feed_forward_length", shape.inner),
        ("attention.head_count", shape.heads),
    ):
        file.number(f"bert.{key}", value)
    file.real("bert.attention.layer_norm_epsilon", shape.epsilon)
    file.flag("bert.attention.causal", value=False)
    if says.pooling is not None:
        file.number("bert.pooling_type", says.pooling)
    if says.template is not None:
        file.text("tokenizer.chat_template.rerank", says.template)
    if says.separator is not None:
        file.flag("tokenizer.ggml.add_sep_token", value=says.separator)
    add_vocabulary(file, pieces, types=tensors["token_types.weight"].sizes[1])
    return file.write(path)


def add_vocabulary(file: GGUFFile, pieces: Pieces, types: int) -> None:
    file.text("tokenizer.ggml.model", "t5")
    file.text("tokenizer.ggml.pre", "default")
    file.texts("tokenizer.ggml.tokens", pieces.texts)
    file.reals("tokenizer.ggml.scores", pieces.scores)
    unused = UNUSED_KIND
    file.numbers(
        "tokenizer.ggml.token_type",
        [unused if text.startswith(b"[unused") else KINDS.get(text, NORMAL_KIND) for text in pieces.texts],
    )
    file.number("tokenizer.ggml.token_type_count", types)
    special = {"bos": BOS, "eos": EOS, "unknown": UNKNOWN, "seperator": EOS, "padding": PAD}
    for name, token in special.items():
        file.number(f"tokenizer.ggml.{name}_token_id", token)
    for name in ("add_bos_token", "add_eos_token", "add_space_prefix", "remove_extra_whitespaces"):
        file.flag(f"tokenizer.ggml.{name}", value=True)


def random_weights(shape: Shape, vocabulary: int, outputs: int = 1) -> dict[str, Array]:
    """Weights under which tokens and positions make a clear difference, and the head of a reranker."""
    draw = np.random.default_rng(1)

    def some(*sizes: int, scale: float = 0.3) -> Array:
        return draw.normal(0.0, scale, sizes).astype(np.float32)

    square = (shape.width, shape.width)
    weights = {
        "token_embd.weight": some(vocabulary, shape.width, scale=1.0),
        "token_types.weight": some(1, shape.width),
        "position_embd.weight": some(shape.context, shape.width),
    }
    linear = {"cls": square, "cls.output": (outputs, shape.width)}
    norms = ["token_embd_norm"]
    for n in range(shape.layers):
        linear |= {f"blk.{n}.{name}": square for name in ("attn_q", "attn_k", "attn_v", "attn_output")}
        linear |= {f"blk.{n}.ffn_up": (shape.inner, shape.width), f"blk.{n}.ffn_down": (shape.width, shape.inner)}
        norms += [f"blk.{n}.attn_output_norm", f"blk.{n}.layer_output_norm"]
    for name, sizes in linear.items():
        weights |= {f"{name}.weight": some(*sizes), f"{name}.bias": some(sizes[0])}
    for name in norms:
        weights |= {f"{name}.weight": 1 + some(shape.width), f"{name}.bias": some(shape.width)}
    return weights


@dataclass(frozen=True, slots=True)
class Bert:
    """The network in numpy, by the book: what llama.cpp has to give for one text alone."""

    shape: Shape
    weights: Mapping[str, Array]

    def write(self, path: Path, says: Says) -> Path:
        return write(path, self.shape, letters(), {name: plain(held) for name, held in self.weights.items()}, says)

    def states(self, tokens: Sequence[int]) -> Array:
        """The vector of each token, shape (tokens, width)."""
        state = self.weights["token_embd.weight"][list(tokens)] + self.weights["token_types.weight"][0]
        state = self._norm("token_embd_norm", state + self.weights["position_embd.weight"][: len(tokens)])
        for n in range(self.shape.layers):
            state = self._norm(f"blk.{n}.attn_output_norm", state + self._attention(n, state))
            inner = gelu(self._linear(f"blk.{n}.ffn_up", state))
            state = self._norm(f"blk.{n}.layer_output_norm", state + self._linear(f"blk.{n}.ffn_down", inner))
        return state

    def outputs(self, tokens: Sequence[int]) -> Array:
        """What the head makes of the first token, shape (outputs,)."""
        hidden = np.tanh(self._linear("cls", self.states(tokens)[:1]))
        outputs: Array = self._linear("cls.output", hidden)[0]
        return outputs

    def _attention(self, n: int, state: Array) -> Array:
        sizes = (len(state), self.shape.heads, self.shape.width // self.shape.heads)
        query, key, value = (
            self._linear(f"blk.{n}.{name}", state).reshape(sizes).transpose(1, 0, 2)
            for name in ("attn_q", "attn_k", "attn_v")
        )
        shares = np.exp(query @ key.transpose(0, 2, 1) / np.sqrt(sizes[2]))
        mixed = (shares / shares.sum(axis=-1, keepdims=True)) @ value
        return self._linear(f"blk.{n}.attn_output", mixed.transpose(1, 0, 2).reshape(state.shape))

    def _linear(self, name: str, state: Array) -> Array:
        product: Array = state @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return product

    def _norm(self, name: str, state: Array) -> Array:
        centred = state - state.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.shape.epsilon)
        normed: Array = centred / scale * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return normed


def gelu(values: Array) -> Array:
    """By way of tanh, as ggml computes it."""
    curved: Array = 0.5 * values * (1 + np.tanh(np.sqrt(2 / np.pi) * (values + 0.044715 * values**3)))
    return curved


def small(outputs: int = 1) -> Bert:
    shape = Shape()
    return Bert(shape, random_weights(shape, len(letters().texts), outputs))
