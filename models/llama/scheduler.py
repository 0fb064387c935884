"""Who runs next: admission, prefill in chunks, decode in full batches. Pure: no model, no thread, no clock."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from models.llama.drafts import Drafting
from models.llama.sequences import Sequence
from models.llama.step import Copy, Row, Step
from models.llama.streams import Streams
from models.llama.turns import Turns
from models.llama.waiting import Waiting


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of a context there is: at most `slots` requests run in `streams` streams of `context` tokens each.

    `chunk`: tokens evaluated in one step at most. `stall_seconds`: how long running answers wait for new prompts, of
    which one part at least is evaluated meanwhile.
    """

    slots: int
    streams: int
    chunk: int
    context: int
    stall_seconds: float = 0.05

    def __post_init__(self) -> None:
        if not 1 <= self.slots <= self.streams:
            raise ValueError(f"{self.slots} slots do not fit {self.streams} streams")
        if self.slots > self.chunk:
            raise ValueError(f"{self.slots} slots do not fit a step of {self.chunk} tokens")


class Scheduler:
    """`step` says what to do, the caller does it and reports each row to `settle`, or the step to `lost`; then again.

    A step is either a part of one prompt or one token and its drafts for every sequence that is answering: both in one
    batch make llama.cpp pass over the weights twice.
    """

    def __init__(self, shape: Shape, drafts: Drafting) -> None:
        self.running: list[Sequence] = []
        self._shape = shape
        self._drafts = drafts
        self._queue = Waiting()
        self._turns = Turns()
        self._streams = Streams(shape.streams)
        self._has_decoded = False
        self._decoded_at = 0.0
        self.prompt_tokens = 0
        self.known_tokens = 0

    @property
    def waiting(self) -> list[Sequence]:
        return self._queue.sequences

    @property
    def saved_share(self) -> float:
        """Which share of the prompt tokens of all admitted requests, 0 to 1, was not evaluated again."""
        return self.known_tokens / self.prompt_tokens if self.prompt_tokens else 0.0

    def add(self, sequence: Sequence) -> None:
        """`sequence` waits for admission. Raises ValueError if its prompt can never fit."""
        if len(sequence.prompt) > self._shape.context:
            raise ValueError(f"{len(sequence.prompt)} tokens do not fit a context of {self._shape.context}")
        self._queue.sequences.append(sequence)

    def drop(self, sequence: Sequence) -> None:
        """`sequence` is finished or cancelled, at any time; nothing happens if it is not here (any more)."""
        if sequence in self.running:
            self.running.remove(sequence)
            self._streams.release(sequence)
        elif sequence in self._queue.sequences:
            self._queue.sequences.remove(sequence)

    def has_work(self, sequence: Sequence) -> bool:
        """Whether something of `sequence` is still to be evaluated; if not, it waits to be dropped."""
        return len(sequence.tokens) <= self._shape.context and (
            sequence.is_prefilling or sequence.drawn < sequence.max_tokens
        )

    def step(self, now: float) -> Step | None:
        """What to do next, None if there is nothing. Every step is settled or lost before the next is asked for."""
        working = [sequence for sequence in self.running if self.has_work(sequence)]
        self._turns.take(now, working)
        while admitted := self._admit(now, working):
            working.append(admitted)
            self._turns.take(now, working)
        ours = [sequence for sequence in working if sequence.adapter == self._turns.adapter]
        prefilling = [sequence for sequence in ours if sequence.is_prefilling]
        decoding = [sequence for sequence in ours if not sequence.is_prefilling]
        if not decoding or self._has_decoded:
            self._decoded_at = now
        self._has_decoded = bool(decoding) and (not prefilling or now - self._decoded_at > self._shape.stall_seconds)
        if self._has_decoded:
            return self._decode(decoding)
        return self._step([self._chunk(prefilling[0])]) if prefilling else None

    def settle(self, row: Row, drawn: list[int] | tuple[int, ...] = ()) -> None:
        """`row` was evaluated, and `drawn` was sampled at its outputs in order: up to the first that is no draft.

        `drawn` may end before that, when the answer does. Nothing happens if the sequence was dropped meanwhile.
        """
        sequence = row.sequence
        if sequence.stream != row.stream:
            return
        sequence.tokens.extend(drawn)
        self._streams.settle(sequence, row.start + len(row.tokens) - (row.outputs - len(drawn)))

    def lost(self, step: Step) -> None:
        """`step` failed, and nothing is sure of the streams it wrote to: who ran there waits for admission again."""
        written = {row.stream for row in step.rows} | {move.target for move in step.moves if isinstance(move, Copy)}
        for number in sorted(written):
            if sequence := self._streams.forget(number):
                self.running.remove(sequence)
                self._count(sequence, -1)
                sequence.known = 0
                self._queue.sequences.append(sequence)
        for move in step.moves:
            if not isinstance(move, Copy) and move.stream not in written:
                self._streams.cut(move.stream)

    @property
    def contents(self) -> list[list[int]]:
        """The tokens that each stream holds."""
        return self._streams.contents

    def adopt(self, tokens: list[int], adapter: str = "") -> int | None:
        """The stream that the caller is to fill with an earlier evaluation of `tokens`; None where none is vacant."""
        return self._streams.adopt(tokens, adapter)

    def forget(self, stream: int) -> None:
        """The stream could not be filled, and holds nothing."""
        self._streams.forget(stream)

    def forget_all(self) -> None:
        """Nothing is sure of any stream. Nobody may be running."""
        for stream in range(self._shape.streams):
            self._streams.forget(stream)

    def _admit(self, now: float, working: Iterable[Sequence]) -> Sequence | None:
        """Lets the next one run, if a slot is free and no prompt of its adapter is being prefilled."""
        if not self._queue.sequences or len(self.running) == self._shape.slots:
            return None
        busy = {sequence.adapter for sequence in working if sequence.is_prefilling}
        sequence = self._queue.take(now, self.running, busy, self._streams.known)
        if sequence is not None:
            self._streams.place(sequence)
            sequence.known = min(sequence.held, len(sequence.prompt))
            self._count(sequence, 1)
            self.running.append(sequence)
        return sequence

    def _count(self, sequence: Sequence, sign: int) -> None:
        self.prompt_tokens += sign * len(sequence.prompt)
        self.known_tokens += sign * sequence.known

    def _chunk(self, sequence: Sequence) -> Row:
        """The next of as few parts as it takes, all about alike; the last one has an output, if one is wanted."""
        to_go = len(sequence.tokens) - sequence.held
        size = math.ceil(to_go / math.ceil(to_go / self._shape.chunk))
        return self._row(sequence, size, (), int(size == to_go and sequence.max_tokens > 0))

    def _decode(self, sequences: list[Sequence]) -> Step:
        self._streams.line_up(sequences)
        k = self._draft_length(sequences)
        return self._step([self._row(one, 1, self._drafts.draft(one, k) if k else (), 1 + k) for one in sequences])

    def _draft_length(self, sequences: list[Sequence]) -> int:
        """The same for all: what each has room for, no more than somebody may still use, one step's tokens at most."""
        room = self._shape.context - max(len(sequence.tokens) for sequence in sequences)
        use = max(sequence.max_tokens - sequence.drawn for sequence in sequences) - 1
        most = min(room, use, self._shape.chunk // len(sequences) - 1)
        return min(self._drafts.length(sequences), most) if most > 0 else 0

    def _row(self, sequence: Sequence, count: int, draft: tuple[int, ...], outputs: int) -> Row:
        if sequence.stream is None:
            raise ValueError("the sequence does not run")
        start = sequence.held
        tokens = (*sequence.tokens[start : start + count], *draft)
        self._streams.write(sequence, start + len(tokens))
        return Row(sequence, sequence.stream, start, tokens, outputs)

    def _step(self, rows: list[Row]) -> Step:
        rows.sort(key=lambda row: row.stream)
        return Step(self._turns.adapter, self._streams.take_moves(), tuple(rows))
