"""A reranker in a GGUF file: how well passages answer a question, read together with it."""

import logging
import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRejected
from models.llama.pooled import Pooled, Pooling

log = logging.getLogger(__name__)

FIELD = re.compile(r"\{query\}|\{document\}")
NOTHING = r"(?!)"
"""A pattern that matches nowhere."""
SHRINKING = 0.9
"""A text with a template around it is shortened at least to this share until the whole fits."""


class LlamaReranker:
    """`core.ports.Reranker` over an open model.

    A model with one output, as bge-reranker-v2-m3, gives a logit, whose sigmoid is the score. One with several
    (Qwen3-Reranker: yes, no) gives probabilities already, of which the first is the score.
    """

    def __init__(self, pooled: Pooled) -> None:
        """Raises `ModelRejected` for a model whose file names no head of a reranker."""
        if pooled.pooling is not Pooling.RANK or pooled.config.pooling is not None:
            raise ModelRejected("model.no_reranker", path=pooled.config.path)
        self._pooled = pooled
        self._template = pooled.rerank_template
        spellings = [] if self._template is None else pooled.vocabulary.spellings()
        self._controls = re.compile("|".join(map(re.escape, spellings)) or NOTHING)

    @property
    def name(self) -> str:
        return self._pooled.name

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        """As the port says. A passage too long for the room beside the question loses its end, and the log says so."""
        pairs = [self._tokens(_composed(query), _composed(passage)) for passage in passages]
        if cut := sum(is_cut for _, is_cut in pairs):
            log.warning("%s: the ends of %d of %d passages were not read", self.name, cut, len(pairs))
        outputs = self._pooled.vectors([tokens for tokens, _ in pairs]).astype(np.float64)
        scores: list[float] = (_sigmoid(outputs[:, 0]) if self._pooled.width == 1 else outputs[:, 0]).tolist()
        return scores

    def _tokens(self, query: str, passage: str) -> tuple[list[int], bool]:
        """As llama.cpp's server writes a pair: by the file's own template, or with the vocabulary's separators."""
        room = self._pooled.n_ctx
        if self._template is None:
            return self._pooled.vocabulary.pair(query, passage, room)
        asked = fitting(query, lambda text: len(self._filled(text, "")), room // 2)
        said = fitting(passage, lambda text: len(self._filled(asked, text)), room)
        return self._filled(asked, said)[:room], said != passage

    def _filled(self, query: str, passage: str) -> list[int]:
        """The template around both. A control token that is spelled out in them is only text."""
        texts = {"{query}": self._defused(query), "{document}": self._defused(passage)}
        return self._pooled.vocabulary.tokenize(
            FIELD.sub(lambda match: texts[match[0]], self._template or ""), spelled=True
        )

    def _defused(self, text: str) -> str:
        return self._controls.sub(lambda match: f"{match[0][0]} {match[0][1:]}", text)


def fitting(text: str, length_with: Callable[[str], int], room: int) -> str:
    """The beginning of `text` with which the whole has `room` tokens at most; empty where nothing has."""
    while text and (length := length_with(text)) > room:
        text = text[: int(len(text) * min(SHRINKING, room / length))]
    return text


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    scores: NDArray[np.float64] = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return scores
