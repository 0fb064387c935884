"""How sure the model was: log-probabilities of the tokens it chose, read off the logits that are there anyway.

llama-cpp-python's own `logprobs` need `logits_all`, which keeps n_ctx x n_vocab floats: 2.3 GiB at 4,096 tokens of
Qwen2.5. Reading one row after each token costs a pass over the vocabulary and no memory.
"""


class Confidence:
    """Mean and least log-probability of the tokens chosen so far; None before the first."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0
        self.least: float | None = None

    def add(self, logprob: float) -> None:
        self._sum += logprob
        self._count += 1
        self.least = logprob if self.least is None else min(self.least, logprob)

    @property
    def mean(self) -> float | None:
        return self._sum / self._count if self._count else None
