"""A completion that comes over the network in pieces, and the proof that it came whole."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.errors import ModelRejected, ModelUnavailable
from core.ports import Completion, Finish


class Usage(NamedTuple):
    """What a server says was used; `cost_usd` is None where it names no price."""

    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


UNKNOWN = Usage(0, 0, None)


class Piece(NamedTuple):
    """One event of a streamed chat completion; `logprobs` are natural logarithms, one a token."""

    text: str
    model: str | None
    finish: str | None
    logprobs: Sequence[float]
    usage: Usage | None
    generation_id: str = ""


@dataclass(slots=True)
class Reply:
    """A completion as it grows. `started` is the moment of the call on the monotonic clock, in seconds.

    `model` is the model asked; the one that a piece names takes its place. `generation_id` is the server's name for it.
    """

    server: str
    model: str
    started: float
    texts: list[str] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    finish: str | None = None
    usage: Usage = UNKNOWN
    generation_id: str = ""
    first_token_ms: float | None = None
    half: str = ""

    def take(self, piece: Piece) -> str:
        """Adds a piece; gives the text that may be shown now, "" where there is none."""
        self.model = piece.model or self.model
        self.finish = piece.finish or self.finish
        self.usage = piece.usage or self.usage
        self.generation_id = self.generation_id or piece.generation_id
        self.logprobs += piece.logprobs
        text = self._whole(piece.text)
        if text:
            self.texts.append(text)
            if self.first_token_ms is None:
                self.first_token_ms = (time.monotonic() - self.started) * 1000
        return text

    def _whole(self, text: str) -> str:
        """Keeps back the first half of a character that was cut in two (a lone UTF-16 surrogate)."""
        text, self.half = self.half + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self.half = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def completion(self, *, free: bool) -> Completion:
        """The whole; `free` says that no price means no cost.

        Raises `ModelUnavailable` or `ModelRejected` where the server has not really answered.
        """
        text = "".join(self.texts)
        self._require_answer(text)
        cost = self.usage.cost_usd
        return Completion(
            text=text,
            model=self.model,
            finish=Finish.LENGTH if self.finish == "length" else Finish.STOP,
            prompt_tokens=self.usage.prompt_tokens,
            completion_tokens=self.usage.completion_tokens,
            mean_logprob=sum(self.logprobs) / len(self.logprobs) if self.logprobs else None,
            min_logprob=min(self.logprobs, default=None),
            cost_usd=0.0 if free and cost is None else cost,
            first_token_ms=self.first_token_ms,
            generation_id=self.generation_id,
        )

    def _require_answer(self, text: str) -> None:
        if self.finish is None:
            raise ModelUnavailable("model.api.cut", server=self.server)
        if self.finish == "error":
            raise ModelUnavailable("model.api.failed", server=self.server, status="?")
        if self.finish == "content_filter":
            raise ModelRejected("model.api.moderated", server=self.server)
        if not text and self.finish == "length":
            raise ModelRejected("model.api.no_room", model=self.model)
        if not text:
            raise ModelUnavailable("model.api.empty", server=self.server)
