"""How sure the model was: log-probabilities of the tokens it chose, read off the logits that are there anyway.

llama-cpp-python's own `logprobs` need `logits_all`, which keeps n_ctx x n_vocab floats: 2.3 GiB at 4,096 tokens of
Qwen2.5. Reading one row after each token costs a pass over the vocabulary and no memory.
"""

import numpy as np
from numpy.typing import NDArray


def logprob(logits: NDArray[np.float32], token: int) -> float:
    """The natural logarithm of the probability that the model itself gave `token`, before temperature and grammar."""
    best = logits.max()
    return float(logits[token] - best - np.log(np.exp(logits - best).sum(dtype=np.float64)))


class Confidence:
    """Mean and least log-probability of the tokens chosen so far; None before the first."""

    def __init__(self) -> None:
        self._values: list[float] = []

    def add(self, logits: NDArray[np.float32], token: int) -> None:
        self._values.append(logprob(logits, token))

    @property
    def mean(self) -> float | None:
        return sum(self._values) / len(self._values) if self._values else None

    @property
    def least(self) -> float | None:
        return min(self._values, default=None)
