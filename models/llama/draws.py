"""Choosing the next token of every row of a step at once, as `Sampler.choose` does for one.

Thirty-two rows take some thirty calls of numpy, not eight hundred: each gives the GIL up and has to win it back.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnavailable
from models.llama.drawing import LEAST, Drawn, Sampling

FOLDS = 16  # parts that a row of logits is folded into; more of them are slower to gather, fewer to search
AGAIN = 8  # parts that the maxima are folded into again, where that leaves them `WIDTH` columns
WIDTH = 1024
SAMPLED = 320  # columns that are summed up whole
MANY = 3  # rows: with two of 152,064 tokens the calls themselves take what they save


class Draws:
    """Draws from rows of `n_vocab` logits, all under the same `settings` but for the temperature.

    The maxima of a row's columns, folded once more, bound its `top_k`-th largest logit from below: what reaches the
    bound lies in few columns. The work arrays grow with the rows of a step; a row keeps 38 KiB of 152,064 tokens.
    """

    def __init__(self, n_vocab: int, settings: Sampling) -> None:
        self._settings = settings
        again = min(AGAIN, max(1, n_vocab // (FOLDS * WIDTH)))
        self._narrow = n_vocab // (FOLDS * again)
        self._can_draw = settings.repeat_penalty == 1 and 0 < settings.top_k <= self._narrow
        self._width = self._narrow * again
        self._folded = self._width * FOLDS
        self._sampled = min(SAMPLED, self._width)
        self._columns = np.empty((0, n_vocab - self._folded + self._width), np.float32)
        self._block = np.empty((0, FOLDS, self._sampled), np.float32)

    def ahead(
        self, logits: NDArray[np.float32], due: Sequence[tuple[float, float]], places: Sequence[int] | None = None
    ) -> list[Drawn | None]:
        """`draw` for the pairs of temperature and number that `Sampler.due` gives, from the rows at `places`, or all.

        None where the row is left to its sampler: every logit is -inf, the rows are few, which samplers do sooner, or
        the settings penalise tokens or keep too many.
        """
        if len(due) < MANY or not self._can_draw:
            return [None] * len(due)
        temperatures, numbers = np.array(due, np.float64).reshape(-1, 2).T
        tokens, logprobs = self.draw(logits, temperatures, numbers, places)
        pairs = zip(tokens.tolist(), logprobs.tolist(), strict=True)
        return [Drawn(token, logprob) if token >= 0 else None for token, logprob in pairs]

    def draw(
        self,
        logits: NDArray[np.float32],
        temperatures: NDArray[np.float64],
        numbers: NDArray[np.float64],
        places: Sequence[int] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The token of each row at its number, in [0, 1), and the natural logarithm of the model's own probability of
        it, estimated: within 0.05 but for few, of peaked rows within 0.005. Shape (rows,) each; `logits` has
        (rows, n_vocab) and is only read, at `places` alone where they are given.

        Token -1 where every logit is -inf. Raises `ModelUnavailable` where a row has NaN or +inf.
        """
        at = np.arange(len(logits)) if places is None else np.array(places, np.intp)
        columns = self._maxima(logits, at)
        best = columns.max(axis=1, initial=-np.inf)
        if not (best < np.inf).all():
            raise ModelUnavailable("model.decode_failed", code=float(best.max()))
        tokens, values = self._ranked(len(at), *self._largest(logits, at, columns))
        best[best == -np.inf] = 0
        chosen = self._places(values - best[:, None], temperatures, numbers)
        rows = np.arange(len(at))
        return tokens[rows, chosen], values[rows, chosen] - best - self._log_totals(logits, at, columns, best)

    def _maxima(self, logits: NDArray[np.float32], at: NDArray[np.intp]) -> NDArray[np.float32]:
        """The largest of each column; each logit that is left over behind the grid is a column of its own."""
        rows = len(at)
        if rows > len(self._columns):
            self._columns = np.empty((rows, self._columns.shape[1]), np.float32)
            self._block = np.empty((rows, *self._block.shape[1:]), np.float32)
        columns = self._columns[:rows]
        grids = self._grid(logits)
        for row, place in enumerate(at):  # one call for all of them takes longer, a copy of those at `at` too
            np.maximum.reduce(grids[place], axis=0, out=columns[row, : self._width])
        columns[:, self._width :] = logits[at, self._folded :]
        return columns

    def _grid(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        return logits[:, : self._folded].reshape(len(logits), FOLDS, self._width)

    def _largest(
        self, logits: NDArray[np.float32], at: NDArray[np.intp], columns: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
        """The rows, ids and logits of the `top_k` largest and a few more, in no order but for the rows."""
        bounds = np.maximum(self._bounds(columns), LEAST)
        rows, places = np.divmod(np.flatnonzero(columns >= bounds[:, None]), columns.shape[1])
        folds = np.arange(FOLDS)
        ids = places[:, None] + folds * self._width
        values = logits.reshape(-1).take(ids + (at[rows] * logits.shape[1])[:, None])
        reach = values >= bounds[rows, None]
        if self._width < columns.shape[1]:  # what is left over stands where its last fold would
            reach &= (places < self._width)[:, None] | (folds == FOLDS - 1)
        found = np.flatnonzero(reach)
        return rows[found // FOLDS], ids.reshape(-1)[found], values.reshape(-1)[found]

    def _bounds(self, columns: NDArray[np.float32]) -> NDArray[np.float32]:
        """The `top_k`-th largest of the maxima of each row, folded again."""
        narrow = columns[:, : self._width].reshape(len(columns), -1, self._narrow).max(axis=1)
        place = self._narrow - self._settings.top_k
        narrow.partition(place, axis=1)
        bounds: NDArray[np.float32] = narrow[:, place]
        return bounds

    def _ranked(
        self, count: int, rows: NDArray[np.int64], ids: NDArray[np.int64], values: NDArray[np.float32]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Ids and logits, shape (`count`, top_k), the largest first, the lower id of equals; -1 and -inf behind."""
        most = self._settings.top_k
        order = np.lexsort((ids, -values, rows))
        counts = np.bincount(rows, minlength=count)
        ranks = np.arange(len(rows)) - np.repeat(counts.cumsum() - counts, counts)
        order = order[ranks < most]
        places = rows[order] * most + ranks[ranks < most]
        tokens, depths = np.full(count * most, -1, np.int64), np.full(count * most, -np.inf)
        tokens[places], depths[places] = ids[order], values[order]
        return tokens.reshape(count, most), depths.reshape(count, most)

    def _places(
        self, depths: NDArray[np.float64], temperatures: NDArray[np.float64], numbers: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Which of a row's tokens, whose logits lie `depths` from the best, is at its number."""
        kept = np.count_nonzero(depths > -np.inf, axis=1)
        if self._settings.top_p < 1:
            weights = np.exp(depths).cumsum(axis=1)
            kept = np.minimum(kept, np.count_nonzero(weights < self._settings.top_p * weights[:, -1:], axis=1) + 1)
        if self._settings.min_p > 0:
            kept = np.minimum(kept, np.count_nonzero(depths >= math.log(self._settings.min_p), axis=1))
        kept = np.where(temperatures > 0, np.maximum(kept, 1), 1)
        weights = np.exp(depths / np.where(temperatures > 0, temperatures, 1.0)[:, None])
        weights[np.arange(weights.shape[1]) >= kept[:, None]] = 0
        weights = weights.cumsum(axis=1)
        places: NDArray[np.int64] = np.count_nonzero(weights <= numbers[:, None] * weights[:, -1:], axis=1)
        np.minimum(places, kept - 1, out=places)
        return places

    def _log_totals(
        self,
        logits: NDArray[np.float32],
        at: NDArray[np.intp],
        columns: NDArray[np.float32],
        best: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """The natural logarithms of the sums of e^(logit - best), estimated as `Scratch.log_total` does, of columns an
        eighth as long. `columns` is overwritten.
        """
        np.subtract(columns, best[:, None], out=columns)
        largest = np.exp(columns, out=columns)
        block = self._block[: len(at)]
        np.subtract(self._grid(logits)[at, :, : self._sampled], best[:, None, None], out=block)
        others = np.exp(block, out=block).sum(axis=(1, 2)) - largest[:, : self._sampled].sum(axis=1)
        totals = largest.sum(axis=1) + others * (self._width / max(1, self._sampled))
        return np.log(np.where(totals > 0, totals, 1.0), dtype=np.float64)
