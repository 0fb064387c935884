"""One completion, from the logits of a step to text that may be shown."""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRejected, ModelTimeout
from core.ports import Completion, Delta, Finish
from models.llama.chat import PieceReader
from models.llama.confidence import Confidence
from models.llama.drawing import Drawn, Sampler
from models.llama.job import Job, Post
from models.llama.sequences import Sequence
from models.llama.step import Row
from models.llama.stopping import Cause
from models.llama.text import TextStream

LOOKED_BACK = 64
"""Tokens before that penalties may look at."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What the generations of one model share. `context` is the room of each, in tokens; `name` is the model's."""

    pieces: PieceReader
    post: Post
    context: int
    name: str


class Generation:
    """Draws the tokens of a sequence and posts what they say. `finish` is set once nothing more will come."""

    def __init__(self, job: Job, sequence: Sequence, sampler: Sampler, shared: Shared) -> None:
        self.job = job
        self.sequence = sequence
        self.finish: Finish | None = None
        self.sampler = sampler
        self._shared = shared
        self._confidence = Confidence()
        self._text = TextStream(job.request.stop)
        self._shown: list[str] = []
        self._fresh: list[int] = []
        self._first_token_ms: float | None = None

    def take(self, row: Row, at: int, logits: NDArray[np.float32], ahead: Drawn | None) -> bool:
        """Draws from the logits of the row's output `at`; whether those of the next one follow from what was drawn.

        `ahead`: what `Draws` drew from them, None where it did not.
        """
        token = self._draw(logits, ahead)
        if token is None:
            return False
        self._fresh.append(token)
        self._accept(token)
        follows = at + 1 < row.outputs and row.tokens[at + 1 - row.outputs] == token
        return follows and self.finish is None

    def drawn(self) -> list[int]:
        """The tokens of this step: all but the last were drafted rightly. What ends the text is none of them."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def _draw(self, logits: NDArray[np.float32], ahead: Drawn | None) -> int | None:
        """The next token; None, with `finish` set, where the text is at its end."""
        tokens, fresh = self.sequence.tokens, self._fresh
        chosen = self.sampler.draw(logits, [*tokens[-LOOKED_BACK:], *fresh] if fresh else tokens, ahead)
        if chosen is None or self._shared.pieces.ends(chosen.token):
            self.finish = Finish.STOP
            self._mark()
            return None
        self._confidence.add(chosen.logprob)
        return chosen.token

    def _accept(self, token: int) -> None:
        self.sampler.accept(token)
        self._show(self._text.feed(self._shared.pieces.piece(token)))
        fresh = len(self._fresh)
        if self._text.stopped:
            self.finish = Finish.STOP
        elif self._count + fresh >= self.job.request.max_tokens or self._is_full(fresh):
            self.finish = Finish.LENGTH
        elif self.job.request.deadline.has_passed:
            self.finish = Finish.DEADLINE

    @property
    def _count(self) -> int:
        return len(self.sequence.tokens) - len(self.sequence.prompt)

    def _is_full(self, fresh: int) -> bool:
        return len(self.sequence.tokens) + fresh > self._shared.context

    def complete(self) -> None:
        """Posts what was held back and the completion; the sequence holds every token drawn."""
        if self.finish is None:
            return
        self._show(self._text.finish())
        self._shared.post.add(self.job, self._completion(self.finish))

    def stop(self, cause: Cause) -> None:
        """The asker wants no more, or the deadline has come: then what came stays with them, or they are told."""
        if cause is Cause.DEADLINE and self._shown:
            self.finish = Finish.DEADLINE
            self.complete()
        elif cause is Cause.DEADLINE:
            self._shared.post.add(self.job, ModelTimeout("model.timeout"))

    def fail(self, error: BaseException) -> None:
        self._shared.post.add(self.job, error)

    def free(self) -> None:
        self.sampler.free()

    def _show(self, text: str) -> None:
        self._mark()
        if text:
            self._shown.append(text)
            self._shared.post.add(self.job, Delta(text))

    def _mark(self) -> None:
        if self._first_token_ms is None:
            self._first_token_ms = (time.monotonic() - self.job.begun) * 1000

    def _completion(self, finish: Finish) -> Completion:
        return Completion(
            text="".join(self._shown),
            model=self._shared.name,
            finish=finish,
            prompt_tokens=len(self.sequence.prompt),
            completion_tokens=self._count,
            mean_logprob=self._confidence.mean,
            min_logprob=self._confidence.least,
            cost_usd=0.0,
            first_token_ms=self._first_token_ms,
        )


def check_fits(prompt_tokens: int, n_ctx: int) -> None:
    """Raises `ModelRejected` for a prompt that leaves no room for a single token of an answer."""
    if prompt_tokens >= n_ctx:
        raise ModelRejected("model.prompt_too_long", tokens=prompt_tokens, limit=n_ctx - 1)
