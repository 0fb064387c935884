"""A model's name and the tokens that questions are made of, read from its file without its weights."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
import numpy as np

from benchmarks.engine.turns import Words
from models.llama.loading import start_backend

SPACES = "Ġ▁"
"""How vocabularies write the space that a word begins with."""
LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`name` is what the file calls its model."""

    name: str
    size: int
    words: Words

    @property
    def label(self) -> str:
        """What the figures are of. Random weights cost what real ones do, and say nothing."""
        is_synthetic = "synthetic" in self.name.lower()
        return "synthetic weights: speed and memory are real, the text is noise" if is_synthetic else "real weights"


@contextmanager
def without_weights(path: Path) -> Iterator["llama_cpp.llama_model_p"]:
    """Raises ValueError where llama.cpp cannot read the file."""
    start_backend()
    params = llama_cpp.llama_model_default_params()
    params.vocab_only = True
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise ValueError(f"not a model: {path}")
    yield model
    llama_cpp.llama_model_free(model)


def name_of(model: "llama_cpp.llama_model_p") -> str:
    buffer = ctypes.create_string_buffer(LONGEST_NAME)
    length = llama_cpp.llama_model_meta_val_str(model, b"general.name", buffer, LONGEST_NAME)
    return buffer.value.decode("utf-8", "replace") if length > 0 else ""


def is_word(vocab: "llama_cpp.llama_vocab_p", token: int) -> bool:
    """Whether it is an ordinary token, spelt in printable ASCII."""
    if not llama_cpp.llama_vocab_get_attr(vocab, token) & llama_cpp.LLAMA_TOKEN_ATTR_NORMAL:
        return False
    spelling: bytes = llama_cpp.llama_vocab_get_text(vocab, token)
    text = spelling.decode("utf-8", "replace").lstrip(SPACES)
    return bool(text) and text.isascii() and text.isprintable()


def read_vocabulary(path: Path) -> Vocabulary:
    """Takes a second for 150,000 tokens. Raises ValueError where llama.cpp cannot read the file."""
    with without_weights(path) as model:
        vocab = llama_cpp.llama_model_get_vocab(model)
        size = llama_cpp.llama_vocab_n_tokens(vocab)
        words = [token for token in range(size) if is_word(vocab, token)]
        return Vocabulary(name_of(model) or path.stem, size, np.array(words, np.int32))
