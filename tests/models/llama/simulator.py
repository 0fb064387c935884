"""llama.cpp's split KV and a toy model on it, as strict as the real ones are careless, and an engine around them."""

import zlib
from collections.abc import Callable, Iterable
from collections.abc import Sequence as Several
from typing import NamedTuple

from models.llama.drafts import Drafting, NoDrafts, Text
from models.llama.scheduler import Scheduler, Shape
from models.llama.sequences import Sequence
from models.llama.step import Copy, Cut, Row, Step

END = 0
GARBAGE = -1


def text(*parts: int) -> list[int]:
    """Tokens of parts that begin alike where `parts` do: 20 tokens each."""
    return [10 * part + 1000 + offset for part in parts for offset in range(20)]


def unlike(number: int, length: int) -> list[int]:
    """A prompt that shares nothing with another `number`."""
    return [10_000 * (number + 1) + offset for offset in range(length)]


class Cell(NamedTuple):
    position: int
    token: int
    adapter: str


class SplitKv:
    """Streams of cells. Copies whole streams only, and evaluates a row only behind just what it is meant to follow."""

    def __init__(self, streams: int, context: int) -> None:
        self.streams: list[list[Cell]] = [[] for _ in range(streams)]
        self._context = context

    def move(self, moves: Iterable[Copy | Cut]) -> None:
        for move in moves:
            match move:
                case Copy(source, target):
                    assert source != target
                    self.streams[target] = list(self.streams[source])
                case Cut(stream, length):
                    self.streams[stream] = [cell for cell in self.streams[stream] if cell.position < length]

    def evaluate(self, row: Row, adapter: str) -> list[int]:
        """The tokens most likely after each of the row's outputs, of whatever lies in the stream."""
        cells = self.streams[row.stream]
        assert [cell.position for cell in cells] == list(range(row.start))
        assert [cell.token for cell in cells] == row.sequence.tokens[: row.start]
        assert all(cell.adapter == adapter for cell in cells)
        assert row.start + len(row.tokens) <= self._context
        cells.extend(Cell(row.start + offset, token, adapter) for offset, token in enumerate(row.tokens))
        tokens = [cell.token for cell in cells]
        return [next_token(tokens[: len(tokens) - back], adapter) for back in reversed(range(row.outputs))]

    def spoil(self, streams: Iterable[int]) -> None:
        for stream in streams:
            self.streams[stream] = [Cell(7, GARBAGE, "?")]


def next_token(tokens: list[int], adapter: str) -> int:
    return zlib.crc32(f"{adapter} {tokens}".encode()) % 6


def alone(prompt: list[int], max_tokens: int, adapter: str, context: int) -> list[int]:
    """What the model says to `prompt` with nobody else about."""
    tokens = list(prompt)
    while len(tokens) - len(prompt) < max_tokens and len(tokens) <= context:
        tokens.append(next_token(tokens, adapter))
        if tokens[-1] == END:
            break
    return tokens[len(prompt) :]


class Guesses(NoDrafts):
    """`k` guesses for everybody, right as long as `is_right` says so, which is asked once for each."""

    def __init__(self, k: int, is_right: Callable[[], bool] = lambda: True) -> None:
        self.k = k
        self._is_right = is_right

    def length(self, texts: Several[Text]) -> int:
        assert texts
        return self.k

    def draft(self, text: Text, length: int) -> tuple[int, ...]:
        """Knows what is said without an adapter."""
        tokens = list(text.tokens)
        for _ in range(length):
            token = next_token(tokens, "")
            tokens.append(token if self._is_right() else token + 1)
        return tuple(tokens[len(text.tokens) :])


class Engine:
    """Runs what a scheduler says on a `SplitKv`, and checks each step against the rules that hold for all."""

    def __init__(self, shape: Shape, drafts: Drafting | None = None, *, end: int | None = END) -> None:
        self.shape = shape
        self.end = end
        self.scheduler = Scheduler(shape, drafts or NoDrafts())
        self.kv = SplitKv(shape.streams, shape.context)
        self.now = 100.0
        self.steps = 0
        self.evaluated = 0
        self.ended: dict[int, int] = {}
        self._count = 0

    def ask(self, prompt: list[int], max_tokens: int = 4, person: str = "", adapter: str = "") -> Sequence:
        sequence = Sequence(self._count, prompt, max_tokens, person=person, adapter=adapter, arrived=self.now)
        self._count += 1
        self.scheduler.add(sequence)
        return sequence

    def next(self, seconds: float = 0.01) -> Step | None:
        """The next step, checked but not run."""
        self.now += seconds
        step = self.scheduler.step(self.now)
        if step is not None:
            self.steps += 1
            self._check(step)
        return step

    def run(self, step: Step) -> list[tuple[Row, list[int]]]:
        self.kv.move(step.moves)
        self.evaluated += sum(len(row.tokens) for row in step.rows)
        return [(row, self.kv.evaluate(row, step.adapter)) for row in step.rows]

    def settle(self, results: list[tuple[Row, list[int]]]) -> None:
        for row, likely in results:
            sequence = row.sequence
            self.scheduler.settle(row, [] if sequence.stream is None else self._draw(row, likely))
            if self.is_over(sequence) and sequence.stream is not None:
                self.scheduler.drop(sequence)
                self.ended[sequence.number] = self.steps

    def go(self, seconds: float = 0.01) -> Step | None:
        """One step from beginning to end."""
        step = self.next(seconds)
        if step is not None:
            self.settle(self.run(step))
        return step

    def drain(self, most: int = 10_000) -> None:
        """Runs until there is nothing to do; everybody has ended then."""
        for _ in range(most):
            if self.go() is None:
                break
        assert not self.scheduler.running
        assert not self.scheduler.waiting

    def finish(self, sequence: Sequence, most: int = 10_000) -> None:
        for _ in range(most):
            if sequence.number in self.ended:
                return
            self.go()
        raise AssertionError(f"{sequence.number} did not end in {most} steps")

    def is_over(self, sequence: Sequence) -> bool:
        said = sequence.tokens[len(sequence.prompt) :]
        is_full = len(sequence.tokens) > self.shape.context
        return not sequence.is_prefilling and (len(said) >= sequence.max_tokens or self.end in said or is_full)

    def said(self, sequence: Sequence) -> list[int]:
        return sequence.tokens[len(sequence.prompt) :]

    def check_streams(self) -> None:
        """Between steps: the moves that are due bring each stream to just what the scheduler thinks it holds."""
        streams = self.scheduler._streams
        kv = SplitKv(self.shape.streams, self.shape.context)
        kv.streams = [list(cells) for cells in self.kv.streams]
        kv.move(streams._moves)
        for stream, cells in zip(streams._streams, kv.streams, strict=True):
            expected = enumerate(stream.tokens[: stream.length])
            assert cells == [Cell(position, token, stream.adapter) for position, token in expected]
        seated = {stream.number: stream.sequence for stream in streams._streams if stream.sequence}
        assert seated == {sequence.stream: sequence for sequence in self.scheduler.running}
        assert all(one.stream is None and one.held == 0 for one in self.scheduler.waiting)

    def _draw(self, row: Row, likely: list[int]) -> list[int]:
        """Samples at the outputs until the draft is refused or the answer is over."""
        drawn: list[int] = []
        draft = row.tokens[len(row.tokens) - row.outputs + 1 :]
        for place, token in enumerate(likely):
            drawn.append(token)
            length = len(row.sequence.tokens) + len(drawn)
            is_last = row.sequence.drawn + len(drawn) == row.sequence.max_tokens or length > self.shape.context
            if token == self.end or is_last or place == len(draft) or draft[place] != token:
                break
        return drawn

    def _check(self, step: Step) -> None:
        shape, running = self.shape, self.scheduler.running
        streams = [row.stream for row in step.rows]
        assert len(running) <= shape.slots
        assert streams == sorted(set(streams))
        assert [row.sequence.stream for row in step.rows] == streams
        assert {row.sequence for row in step.rows} <= set(running)
        assert {row.sequence.adapter for row in step.rows} == {step.adapter}
        assert sum(len(row.tokens) for row in step.rows) <= shape.chunk
        assert sum(one.is_prefilling and one.adapter == step.adapter for one in running) <= 1
        if step.rows[0].sequence.is_prefilling:
            (row,) = step.rows
            end = row.start + len(row.tokens)
            assert list(row.tokens) == row.sequence.tokens[row.start : end]
            assert row.outputs == (end == len(row.sequence.tokens) and row.sequence.max_tokens > 0)
            return
        ours = [one for one in running if one.adapter == step.adapter and not one.is_prefilling]
        assert {row.sequence for row in step.rows} == set(ours)
        assert all(row.outputs == len(row.tokens) == len(step.rows[0].tokens) for row in step.rows)
        assert all(row.start == len(row.sequence.tokens) - 1 for row in step.rows)
        if len({one.adapter for one in running}) == 1 and shape.streams > shape.slots:
            assert streams == list(range(streams[0], streams[0] + len(streams)))
