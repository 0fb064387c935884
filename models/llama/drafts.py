"""Prompt lookup: answers that copy from the passages are drafted from them, and the model checks many tokens at once.

A draft is kept where the token drawn equals it, so the text is the one without drafts. Whether drafts would have been
right is seen on every token, drafted or not: to stop and to begin again costs nothing.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping
from collections.abc import Sequence as Several
from dataclasses import dataclass
from statistics import median
from typing import Protocol

OUTPUTS = 64  # logits of a step that there is room for
LENGTHS = (0, 1, 2, 3, 5, 7, 11, 15, 31)
LENGTHS_ALONE = (0, 1, 2, 15, 31)  # 5 to 8 tokens in all cost more than 9 or 16
BETTER = 1.03  # another length must promise this much more: every change makes llama.cpp build its graph anew
SIZES = (3, 2, 1)  # tokens that must have stood before in the same order: the longer first
FAINT = 1  # so few of them make a faint guess, until it has been right once; it costs nothing where others are drafted
SURE = 0.98  # no draft is surer than this
H100_STEP_SECONDS = {  # decode steps by their tokens in all: Qwen2.5-7B Q4_K_M, 2,000 tokens of context
    1: 3.72e-3, 2: 4.16e-3, 3: 4.86e-3, 4: 5.64e-3, 5: 6.51e-3, 6: 7.12e-3, 8: 8.45e-3, 9: 7.11e-3,
    12: 7.39e-3, 16: 7.9e-3, 24: 8.9e-3, 32: 10.5e-3, 64: 14.0e-3,
}  # fmt: skip

CPU_STEP_SECONDS = {1: 1.0, 64: 42.0}
"""On a CPU each token more costs up to two thirds of the first one: only the shape counts, until steps are measured."""


class Text(Protocol):
    """What drafts need of a request: the tokens it came with, and those with the ones drawn so far."""

    @property
    def prompt(self) -> list[int]: ...
    @property
    def tokens(self) -> list[int]: ...


class Drafting(Protocol):
    def length(self, texts: Several[Text]) -> int:
        """The tokens to draft for each of `texts` in the next step."""

    def draft(self, text: Text, length: int) -> tuple[int, ...]:
        """Exactly `length` tokens that may come next."""

    def learn(self, rows: int, length: int, seconds: float) -> None:
        """A decode step of `rows` texts with drafts of `length` took `seconds`."""

    def accepted(self, text: Text, proposed: int, accepted: int) -> None:
        """Of `proposed` drafted tokens the first `accepted` were drawn."""

    def forget(self, text: Text) -> None:
        """`text` has ended."""


class NoDrafts:
    """Prompt lookup switched off."""

    def length(self, texts: Several[Text]) -> int:  # noqa: ARG002
        return 0

    def draft(self, text: Text, length: int) -> tuple[int, ...]:
        return (text.tokens[-1],) * length

    def learn(self, rows: int, length: int, seconds: float) -> None:
        pass

    def accepted(self, text: Text, proposed: int, accepted: int) -> None:
        pass

    def forget(self, text: Text) -> None:
        pass


@dataclass(slots=True)
class Rate:
    """A share of hits in which a trial counts `memory` times as much as the one after it."""

    memory: float
    hits: float = 0.0
    trials: float = 0.0

    def add(self, hit: bool) -> None:
        self.hits = self.hits * self.memory + hit
        self.trials = self.trials * self.memory + 1

    def towards(self, expected: float, weight: float) -> float:
        """The share, as if `weight` earlier trials had come out as `expected`."""
        return (self.hits + expected * weight) / (self.trials + weight)


class Guess:
    """Where in its own tokens a text is being copied from: behind the latest place where its last three tokens, or
    else its last two, or its last, stood before; and on from there for as long as the text follows. A guess from one
    token alone `is_faint`, and has a rate of its own.
    """

    def __init__(self) -> None:
        self._behind: tuple[dict[tuple[int, ...], int], ...] = tuple({} for _ in SIZES)  # by size: the place behind
        self._indexed = 0
        self._seen = 0
        self.at: int | None = None
        self.is_faint = False
        self.rate = Rate(memory=0.94)
        self.faint_rate = Rate(memory=0.94)

    def follow(self, text: Text) -> list[bool]:
        """Takes in what was drawn since; for each token that was guessed, but faintly, whether rightly."""
        tokens, results = text.tokens, []
        if not self._seen:
            self._seen = len(text.prompt)
            self.at = self._find(tokens, self._seen)
        for place in range(self._seen, len(tokens)):
            right = self.at is not None and tokens[self.at] == tokens[place]
            if self.is_faint:
                self.faint_rate.add(right)
            elif self.at is not None:
                results.append(right)
                self.rate.add(right)
            if self.at is not None and right:
                self.at, self.is_faint = self.at + 1, False
            else:
                self.at = self._find(tokens, place + 1)
        self._seen = len(tokens)
        return results

    def _find(self, tokens: list[int], end: int) -> int | None:
        """The place behind the latest earlier occurrence of what stands before `end`."""
        self._index(tokens, end)
        for behind, size in zip(self._behind, SIZES, strict=True):
            found = behind.get(tuple(tokens[end - size : end])) if end >= size else None
            if found is not None:
                self.is_faint = size == FAINT
                return found
        self.is_faint = False
        return None

    def _index(self, tokens: list[int], end: int) -> None:
        """Remembers every place before `end` by what stands before it."""
        for behind, size in zip(self._behind, SIZES, strict=True):
            first = max(self._indexed, size)
            if first >= end:
                continue
            columns = (tokens[first - size + offset : end - size + offset] for offset in range(size))
            behind.update(zip(zip(*columns, strict=True), range(first, end), strict=True))
        self._indexed = end


class StepTimes:
    """Seconds of a decode step by its tokens in all: measured, or else a curve scaled to what is measured.

    Everything is measured anew after `REVIEW` steps, so that a bad moment does not count for ever.
    """

    TRUSTED = 3  # measurements; the median of the last `KEPT`
    KEPT = 7
    REVIEW = 10_000

    def __init__(self, curve: Mapping[int, float]) -> None:
        self._curve = sorted(curve.items())
        self._steps = 0
        self._samples: dict[int, deque[float]] = {}
        self._factors: list[tuple[int, float]] = []

    def learn(self, tokens: int, seconds: float) -> None:
        self._steps += 1
        if self._steps % self.REVIEW == 0:
            self._samples.clear()
            self._factors.clear()
        samples = self._samples.setdefault(tokens, deque(maxlen=self.KEPT))
        samples.append(seconds)
        if len(samples) >= self.TRUSTED:
            place = bisect_left(self._factors, (tokens,))
            if place < len(self._factors) and self._factors[place][0] == tokens:
                del self._factors[place]
            insort(self._factors, (tokens, median(samples) / between(self._curve, tokens)))

    def knows(self, tokens: int) -> bool:
        return len(self._samples.get(tokens, ())) >= self.TRUSTED

    def seconds(self, tokens: int) -> float:
        return between(self._curve, tokens) * (between(self._factors, tokens) if self._factors else 1.0)


def between(points: list[tuple[int, float]], at: int) -> float:
    """The value at `at` on the line through `points`, which are in order; level beyond the ends."""
    right = bisect_left(points, (at,))
    if right == len(points) or right == 0 or points[right][0] == at:
        return points[min(right, len(points) - 1)][1]
    (low, start), (high, end) = points[right - 1], points[right]
    return start + (end - start) * (at - low) / (high - low)


class PromptLookup:
    """Drafts from the text itself, as long as pays: the expected tokens for each second of a step decide.

    `outputs` bounds the tokens of a step; `step_seconds` is what one takes by its tokens, before any is measured.
    `proposed_tokens` and `accepted_tokens` count what was really drafted.
    """

    def __init__(self, outputs: int = OUTPUTS, step_seconds: Mapping[int, float] = H100_STEP_SECONDS) -> None:
        self._outputs = outputs
        self._guesses: dict[Text, Guess] = {}
        self._overall = Rate(memory=0.995)
        self._times = StepTimes(step_seconds)
        self._length = 0
        self.proposed_tokens = 0
        self.accepted_tokens = 0

    def length(self, texts: Several[Text]) -> int:
        """Takes in what was drawn since the last call, then chooses. A change of mind takes a clear gain.

        No drafts until it is known what a step takes without.
        """
        rates = [self._expected(text) for text in texts]
        if not self._times.knows(len(texts)):
            return 0
        lengths = LENGTHS_ALONE if len(texts) == 1 else LENGTHS
        possible = [length for length in lengths if length == 0 or len(texts) * (1 + length) <= self._outputs]
        speeds = {length: self._speed(rates, length) for length in possible}
        best = max(speeds, key=speeds.__getitem__)
        if speeds[best] >= BETTER * speeds.get(self._length, 0.0):
            self._length = best
        return self._length

    def draft(self, text: Text, length: int) -> tuple[int, ...]:
        """Past the end of the text a draft goes on with its own beginning; nothing found: the last token again."""
        guess = self._followed(text)
        tokens = text.tokens
        start = len(tokens) - 1 if guess.at is None else guess.at
        copied = tokens[start : start + length]
        return tuple((copied * (length // len(copied) + 1))[:length]) if length else ()

    def learn(self, rows: int, length: int, seconds: float) -> None:
        self._times.learn(rows * (1 + length), seconds)

    def accepted(self, text: Text, proposed: int, accepted: int) -> None:  # noqa: ARG002
        self.proposed_tokens += proposed
        self.accepted_tokens += accepted

    def forget(self, text: Text) -> None:
        self._guesses.pop(text, None)

    def _followed(self, text: Text) -> Guess:
        guess = self._guesses.get(text)
        if guess is None:
            guess = self._guesses[text] = Guess()
        for right in guess.follow(text):
            self._overall.add(right)
        return guess

    def _expected(self, text: Text) -> float:
        """How probable it is that the next token, and each after it, is the one guessed."""
        guess = self._followed(text)
        if guess.at is None:
            return 0.0
        if guess.is_faint:
            return min(SURE, guess.faint_rate.towards(0.0, 4.0))
        return min(SURE, guess.rate.towards(self._overall.towards(0.0, 4.0), 2.0))

    def _speed(self, rates: list[float], length: int) -> float:
        """Tokens a second: of every draft what is right, and one token more."""
        drawn = sum((1 - rate ** (length + 1)) / (1 - rate) for rate in rates)
        return drawn / self._times.seconds(max(1, len(rates)) * (1 + length))
