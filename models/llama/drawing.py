"""Choosing the next token from one row of logits: penalties, top-k, top-p, min-p, temperature, draw.

The stages and their order are llama.cpp's. Its own sampler chain copies a vocabulary of 152,064 tokens into records
first and takes 300 to 1,000 us a token; numpy finds the few that matter in one pass over the row.
"""

import math
from collections.abc import Sequence as Tokens
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnavailable
from models.llama.grammar import FEW, Grammar

REACH = 20.0  # nats below the best: what lies deeper is less than 152,064 x e^-20 = 0.0003 of the whole
DEPTH = 128  # rows of the grid that a row of logits is folded into
WIDTH = 1024  # its columns, at least
ASKED = 256  # tokens that a grammar is asked about before it is asked about all of them
LITTLE = 1e-3  # weight beside the best allowed token that may be left out
LEAST = np.finfo(np.float32).min
AHEAD = 32  # numbers made at once
SAMPLED = 8  # every so many columns' worth is summed up whole


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn.

    `temperature` 0 takes the likeliest token, the lower id of equals. `top_k` 0, `top_p` 1 and `min_p` 0 leave their
    stage out, as do `repeat_penalty` 1 and `penalty_last_n` 0. `seed` is not negative; None is a fresh one.
    """

    temperature: float = 0.2
    top_k: int = 40
    top_p: float = 0.9
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    penalty_last_n: int = 64
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A token and the natural logarithm of the probability that the model itself gave it: before penalties,
    temperature and grammar.
    """

    token: int
    logprob: float


class Scratch:
    """Memory to work on one row of `n_vocab` logits, shared by all samplers of one thread.

    A row is folded into a grid, the column maxima of which are found at the speed of memory: the k-th largest of
    them is a lower bound of the k-th largest logit, and seldom much lower.
    """

    def __init__(self, n_vocab: int) -> None:
        self._depth = min(DEPTH, max(1, n_vocab // WIDTH))
        self._width = n_vocab // self._depth
        self._folded = self._depth * self._width
        self._sampled = max(1, self._width // SAMPLED)
        self._columns = np.empty(self._width, np.float32)
        self.row = np.empty(n_vocab, np.float32)
        self._last: NDArray[np.float32] | None = None

    def largest(self, logits: NDArray[np.float32], count: int, reach: float = REACH) -> NDArray[np.intp]:
        """The ids of the `count` largest logits and a few more, ascending.

        `count` 0: of all within `reach` of the best; so too for a count beyond the grid's columns. None at all where
        every logit is -inf. Raises `ModelUnavailable` for a row with NaN or +inf.
        """
        grid, tail = self._grid(logits), logits[self._folded :]
        self._fold(grid, logits)
        best = float(self._columns.max())
        if len(tail):
            best = float(np.maximum(best, tail.max()))  # NaN wins
        if not best < math.inf:
            raise ModelUnavailable("model.decode_failed", code=best)
        if best == -math.inf:
            return np.empty(0, np.intp)
        if not 0 < count <= self._width:
            return np.flatnonzero(logits >= np.float32(best - reach))
        bound = np.partition(self._columns, self._width - count)[self._width - count] if count > 1 else best
        return self._at_least(grid, tail, max(np.float32(bound), LEAST))

    def _at_least(self, grid: NDArray[np.float32], tail: NDArray[np.float32], bound: np.float32) -> NDArray[np.intp]:
        columns = np.flatnonzero(self._columns >= bound)
        depths, places = np.divmod(np.flatnonzero(grid.take(columns, axis=1) >= bound), len(columns) or 1)
        ids: NDArray[np.intp] = depths * self._width + columns[places]
        return np.concatenate([ids, np.flatnonzero(tail >= bound) + self._folded]) if len(tail) else ids

    def log_total(self, logits: NDArray[np.float32]) -> float:
        """The natural logarithm of the sum of e^logit, estimated: within 0.05, of peaked rows within 0.005.

        Exact over the largest of each column, which holds what counts; what else the columns hold is measured on an
        eighth of them and taken for all. The exact sum takes five times as long, more than the choice itself.
        """
        grid, tail = self._grid(logits), logits[self._folded :]
        self._fold(grid, logits)
        best = float(self._columns.max())
        largest = np.exp(self._columns - best)
        total = float(largest.sum())
        block = np.exp(grid[:, : self._sampled] - best)
        total += (float(block.sum()) - float(largest[: self._sampled].sum())) * self._width / self._sampled
        if len(tail):
            total += float(np.exp(tail - best).sum())
        return best + math.log(total)

    def begin(self) -> None:
        """Other logits may have come into the memory of those that were folded last."""
        self._last = None

    def _fold(self, grid: NDArray[np.float32], logits: NDArray[np.float32]) -> None:
        """The largest of each column, looked for once."""
        if self._last is not logits:
            np.maximum.reduce(grid, axis=0, out=self._columns)
            self._last = None if logits is self.row else logits

    def _grid(self, row: NDArray[np.float32]) -> NDArray[np.float32]:
        return row[: self._folded].reshape(self._depth, self._width)


class Sampler:
    """Draws the tokens of one answer, each with one number of its own random stream.

    So equal seeds give equal answers, however many tokens are evaluated in one step. A grammar is asked about the
    drawn token first, when it refuses that one about the likeliest, and about the whole vocabulary only where hardly
    one of those is allowed: the form is the same, at a hundredth of the time.
    """

    def __init__(self, settings: Sampling, scratch: Scratch, grammar: Grammar | None = None) -> None:
        """Takes over `grammar`: `free` frees it."""
        self._settings = settings
        self._scratch = scratch
        self._grammar = grammar
        self._random = np.random.Generator(np.random.Philox(settings.seed))
        self._numbers: list[float] = []

    def due(self, count: int) -> list[tuple[float, float]]:
        """The temperature and the number of each of the next `count` draws."""
        if len(self._numbers) < count:
            self._numbers += self._random.random(max(count, AHEAD)).tolist()
        temperature = self._settings.temperature
        return [(temperature, number) for number in self._numbers[:count]]

    def draw(self, logits: NDArray[np.float32], recent: Tokens[int], ahead: Drawn | None = None) -> Drawn | None:
        """`choose` with the log-probability of what it chose.

        `ahead`: what `Draws` drew from `logits` at the number that is `due`, where nothing is penalised. It stands if
        the grammar allows it.
        """
        self._scratch.begin()
        if ahead is None:
            token = self.choose(logits, recent)
            return None if token is None else Drawn(token, float(logits[token]) - self._scratch.log_total(logits))
        token = self._allowed(ahead.token, logits, self._next())
        if token is None or token == ahead.token:
            return None if token is None else ahead
        return Drawn(token, ahead.logprob + float(logits[token]) - float(logits[ahead.token]))

    def choose(self, logits: NDArray[np.float32], recent: Tokens[int]) -> int | None:
        """The next token; None where the grammar leaves none. `logits` has the shape (n_vocab,) and is only read.

        `recent` is the text so far, prompt and answer: its last `penalty_last_n` tokens are penalised.
        Raises `ModelUnavailable` for logits that are no numbers.
        """
        number = self._next()
        row = self._penalised(logits, recent)
        return self._allowed(self._pick(row, number), row, number)

    def accept(self, token: int) -> None:
        """Moves the grammar on; only for a token just drawn that does not end the text."""
        if self._grammar is not None:
            self._grammar.accept(token)

    def free(self) -> None:
        """Gives the grammar's memory back; a second call does nothing."""
        if self._grammar is not None:
            self._grammar.free()

    def _next(self) -> float:
        return self._numbers.pop(0) if self._numbers else self._random.random()

    def _allowed(self, token: int | None, row: NDArray[np.float32], number: float) -> int | None:
        """`token`, which is the one at `number`, or else the one there among those that the grammar allows."""
        if token is None or self._grammar is None or self._grammar.allows(token):
            return token
        return self._pick(self._masked(self._grammar, row), number)

    def _masked(self, grammar: Grammar, row: NDArray[np.float32]) -> NDArray[np.float32]:
        """`row` with -inf for what `grammar` refuses, and for what counts for nothing beside what it allows."""
        masked = self._scratch.row
        likeliest = self._scratch.largest(row, ASKED)
        if len(likeliest) <= FEW:
            allowed = likeliest[grammar.allowed(likeliest)]
            logits = row[allowed]
            if self._suffice(logits, row[likeliest].min()):
                masked.fill(-np.inf)
                masked[allowed] = logits
                return masked
        if row is not masked:
            np.copyto(masked, row)
        grammar.mask(masked)
        return masked

    def _suffice(self, allowed: NDArray[np.float32], least: np.float32) -> bool:
        """Whether tokens below `least` cannot matter beside those of the logits `allowed`."""
        count, temperature = self._settings.top_k, self._settings.temperature
        if len(allowed) == 0 or temperature <= 0:
            return len(allowed) > 0
        if 0 < count <= len(allowed):
            return True
        others = count if count > 0 else len(self._scratch.row)
        return others * math.exp(float(least - allowed.max()) / max(1.0, temperature)) < LITTLE

    def _penalised(self, logits: NDArray[np.float32], recent: Tokens[int]) -> NDArray[np.float32]:
        """`logits` themselves where nothing is penalised."""
        penalty, last = self._settings.repeat_penalty, self._settings.penalty_last_n
        if penalty == 1 or last <= 0 or not recent:
            return logits
        ids = np.array(recent[-last:], np.intp)
        found = logits[ids]
        row = self._scratch.row
        np.copyto(row, logits)
        row[ids] = np.where(found > 0, found / np.float32(penalty), found * np.float32(penalty))
        return row

    def _pick(self, row: NDArray[np.float32], number: float) -> int | None:
        """The token at `number`, in [0, 1), of the cumulated probabilities, likeliest first."""
        settings = self._settings
        greedy = settings.temperature <= 0
        ids = self._scratch.largest(row, 1 if greedy else settings.top_k, REACH * max(1.0, settings.temperature))
        if greedy or len(ids) <= 1:
            return int(ids[0]) if len(ids) else None
        depths = row[ids].astype(np.float64)
        order = np.argsort(-depths, kind="stable")[: settings.top_k or None]
        depths = depths[order] - depths[order[0]]
        weights = np.exp(depths[: self._kept(depths)] / settings.temperature).cumsum()
        place = weights.searchsorted(number * weights[-1], side="right")
        return int(ids[order[min(int(place), len(weights) - 1)]])

    def _kept(self, depths: NDArray[np.float64]) -> int:
        """How many of the tokens, whose logits lie `depths` from the best, pass top-p and min-p: one at least."""
        kept = len(depths)
        if self._settings.top_p < 1:
            weights = np.exp(depths).cumsum()
            kept = min(kept, int(weights.searchsorted(self._settings.top_p * weights[-1])) + 1)
        if self._settings.min_p > 0:
            kept = min(kept, int(np.count_nonzero(depths >= math.log(self._settings.min_p))))
        return max(kept, 1)
