"""One completion, token by token, on the owner thread."""

import time

import llama_cpp

from core.errors import ModelRejected, ModelTimeout
from core.ports import Completion, Delta, Finish
from models.llama.chat import PieceReader
from models.llama.confidence import Confidence
from models.llama.job import Job
from models.llama.sampling import TokenSampler
from models.llama.sequence import KvSequence
from models.llama.stopping import Cause, Stopped
from models.llama.text import TextStream


class Generation:
    """Evaluates a prompt and draws tokens until something ends it."""

    def __init__(self, job: Job, sequence: KvSequence, sampler: TokenSampler, vocab: llama_cpp.llama_vocab_p) -> None:
        self._job = job
        self._sequence = sequence
        self._sampler = sampler
        self._pieces = PieceReader(vocab)
        self._confidence = Confidence()
        self._text = TextStream(job.request.stop)
        self._shown: list[str] = []
        self._count = 0
        self._first_token_ms: float | None = None

    def run(self, prompt: list[int], model: str) -> None:
        """Posts deltas and the completion to the job; nothing more once the job is cancelled.

        The cache must hold a proper start of `prompt`. Raises `ModelTimeout` when the deadline comes before any text.
        """
        finish = self._draw(prompt[len(self._sequence.tokens) :])
        if finish is None:
            return
        self._show(self._text.finish())
        if finish is Finish.DEADLINE and not self._shown:
            raise ModelTimeout("model.timeout")
        self._job.post(self._completion(finish, len(prompt), model))

    def _draw(self, tokens: list[int]) -> Finish | None:
        """Why it ended, None when cancelled."""
        finish: Finish | None = None
        try:
            while finish is None:
                self._sequence.extend(tokens, self._job.flag)
                token, finish = self._step()
                tokens = [token]
        except Stopped:
            return Finish.DEADLINE if self._job.flag.cause is Cause.DEADLINE else None
        return finish

    def _step(self) -> tuple[int, Finish | None]:
        """Draws one token and shows what may be shown."""
        logits = self._sequence.logits()
        token = self._sampler.sample(logits)
        if token is None or self._pieces.ends(token):
            return -1, Finish.STOP
        self._confidence.add(logits, token)
        self._sampler.accept(token)
        self._count += 1
        self._show(self._text.feed(self._pieces.piece(token)))
        return token, self._ending()

    def _ending(self) -> Finish | None:
        if self._text.stopped:
            return Finish.STOP
        if self._count >= self._job.request.max_tokens or self._sequence.is_full:
            return Finish.LENGTH
        if self._job.request.deadline.has_passed:
            return Finish.DEADLINE
        return None

    def _show(self, text: str) -> None:
        if self._first_token_ms is None:
            self._first_token_ms = (time.monotonic() - self._job.begun) * 1000
        if text:
            self._shown.append(text)
            self._job.post(Delta(text))

    def _completion(self, finish: Finish, prompt_tokens: int, model: str) -> Completion:
        return Completion(
            text="".join(self._shown),
            model=model,
            finish=finish,
            prompt_tokens=prompt_tokens,
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
