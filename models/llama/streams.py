"""Which stream holds which tokens under which adapter, and who runs there.

What finished requests leave behind is kept, and found again by prefix. Moves are noted as they are decided; once those
of `take_moves` are done in their order, every stream of llama.cpp holds just what is written here.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from models.llama.sequences import Sequence, shared_length
from models.llama.step import Copy, Cut

MIN_SHARED = 32
"""Tokens: a shorter prefix is evaluated sooner than it is copied, so that it is not worth keeping either."""

FREE, DUPLICATE, VALUABLE = range(3)


@dataclass(slots=True, eq=False)
class Stream:
    """`tokens` are those of `sequence` while one runs here, else all that is held. `used` grows with every use.

    `written` is where the row that is being evaluated ends: more than `length` until it is settled.
    """

    number: int
    tokens: list[int] = field(default_factory=list)
    adapter: str = ""
    used: int = 0
    written: int = 0
    sequence: Sequence | None = None

    @property
    def length(self) -> int:
        return len(self.tokens) if self.sequence is None else self.sequence.held

    def shares(self, tokens: list[int], more_than: int) -> int:
        """How many of `tokens` are held here, counted from the first; 0 where it is not `more_than` that many."""
        length = self.length
        if length <= more_than or self.tokens[more_than] != tokens[more_than]:
            return 0
        shared = min(length, shared_length(self.tokens, tokens))
        return shared if shared > more_than else 0


class Streams:
    """The `count` streams of one context."""

    def __init__(self, count: int) -> None:
        self._streams = [Stream(number) for number in range(count)]
        self._moves: list[Copy | Cut] = []
        self._uses = 0

    @property
    def contents(self) -> list[list[int]]:
        """What each stream holds."""
        return [stream.tokens[: stream.length] for stream in self._streams]

    def take_moves(self) -> tuple[Copy | Cut, ...]:
        """The moves decided since the last call, to be done before anything else is evaluated."""
        moves, self._moves = tuple(self._moves), []
        return moves

    def known(self, sequence: Sequence) -> int:
        """How many tokens of `sequence` need no evaluation: never its last one, whose logits are wanted."""
        return self._longest(sequence)[1]

    def place(self, sequence: Sequence) -> None:
        """Gives `sequence` a stream beside those of its adapter, holding as many of its tokens as are known.

        There must be a stream where nobody runs.
        """
        source, length = self._longest(sequence)
        target = self._spot(sequence.adapter, source, length)
        if source is not target or length < target.length:
            self._save(target, {target.number} if source is None else {target.number, source.number})
        if source is not None:
            self._use(source)
            if source is not target:
                self._moves.append(Copy(source.number, target.number))
        self._moves.append(Cut(target.number, length))
        if source is not None and source is not target and source.sequence is None and length == source.length:
            self._empty(source)
        sequence.held = length
        self._seat(sequence, target)

    def release(self, sequence: Sequence) -> None:
        """`sequence` runs no more; what its stream holds of it is kept until the room is wanted."""
        stream = self._of(sequence)
        self._trim(stream)
        stream.tokens, stream.sequence = sequence.tokens[: sequence.held], None
        sequence.stream = None
        self._use(stream)

    def adopt(self, tokens: list[int], adapter: str) -> int | None:
        """The stream that holds `tokens` from now on, put there by the caller; None where requests run everywhere."""
        stream = self._spare(())
        if stream is None:
            return None
        stream.tokens, stream.adapter, stream.written = list(tokens), adapter, len(tokens)
        self._use(stream)
        return stream.number

    def forget(self, number: int) -> Sequence | None:
        """Nothing is sure any more of what stream `number` holds. Who ran there, and runs nowhere now."""
        stream = self._streams[number]
        sequence, stream.sequence = stream.sequence, None
        if sequence is not None:
            sequence.stream, sequence.held = None, 0
        self._empty(stream)
        return sequence

    def cut(self, number: int) -> None:
        """Whatever stream `number` holds beyond what is written here is forgotten."""
        self._moves.append(Cut(number, self._streams[number].length))

    def write(self, sequence: Sequence, end: int) -> None:
        """A row of `sequence` is on its way that ends at position `end`."""
        self._of(sequence).written = end

    def settle(self, sequence: Sequence, held: int) -> None:
        """Its row was evaluated, and the first `held` tokens of `sequence` stand."""
        sequence.held = held
        self._trim(self._of(sequence))

    def line_up(self, sequences: Collection[Sequence]) -> None:
        """Moves `sequences` to streams of consecutive numbers, so that llama.cpp takes them in one pass.

        Where every stream is taken nobody moves. Vacant gaps are filled first: what that leaves is room to move in.
        """
        numbers = {self._of(sequence).number for sequence in sequences}
        if max(numbers) - min(numbers) < len(numbers):
            return
        window = self._window(numbers)
        strays = [self._streams[number] for number in sorted(numbers.difference(window))]
        gaps = [self._streams[number] for number in window if number not in numbers]
        gaps.sort(key=lambda gap: gap.sequence is not None)
        for stray, gap in zip(strays, gaps, strict=True):
            self._relocate(stray, gap, window)

    def _longest(self, sequence: Sequence) -> tuple[Stream | None, int]:
        """The stream that holds most of what `sequence` begins with, and how much that is; (None, 0) for too little."""
        tokens, most = sequence.tokens, len(sequence.tokens) - 1
        best, length = None, MIN_SHARED - 1
        for stream in self._streams:
            if length >= most:
                break
            if stream.adapter == sequence.adapter and (shared := stream.shares(tokens, length)):
                best, length = stream, min(shared, most)
        return (best, length) if best is not None else (None, 0)

    def _spot(self, adapter: str, source: Stream | None, length: int) -> Stream:
        """Where nobody runs: nearest to the running ones of `adapter`, `source` if it is used up, else what is missed
        least.
        """
        running = [stream.number for stream in self._streams if stream.sequence and stream.adapter == adapter]
        low, high = (running[0], running[-1]) if running else (0, len(self._streams))
        vacant = [stream for stream in self._streams if stream.sequence is None]
        distances = [max(low - stream.number, stream.number - high, 0) for stream in vacant]
        least = min(distances)
        nearest = [stream for stream, distance in zip(vacant, distances, strict=True) if distance == least]
        if source is not None and source.length == length and source in nearest:
            return source
        return min(nearest, key=self._value)

    def _value(self, stream: Stream) -> tuple[int, int]:
        """Grows with what is lost when `stream` is overwritten."""
        length = stream.length
        if length < MIN_SHARED:
            return FREE, stream.used
        others = (s for s in self._streams if s is not stream and s.adapter == stream.adapter)
        is_duplicate = any(other.shares(stream.tokens, length - 1) for other in others)
        return DUPLICATE if is_duplicate else VALUABLE, stream.used

    def _save(self, stream: Stream, beside: Collection[int]) -> None:
        """Copies what `stream` holds over something of less value that is not `beside`, if there is any."""
        value = self._value(stream)
        spare = self._spare(beside)
        if value[0] == VALUABLE and spare is not None and self._value(spare) < value:
            self._moves.append(Copy(stream.number, spare.number))
            spare.tokens, spare.adapter, spare.used = stream.tokens, stream.adapter, stream.used

    def _spare(self, beside: Collection[int]) -> Stream | None:
        """The stream missed least of those where nobody runs and which are not `beside`."""
        vacant = (s for s in self._streams if s.sequence is None and s.number not in beside)
        return min(vacant, key=self._value, default=None)

    def _window(self, numbers: Collection[int]) -> range:
        """As many consecutive numbers as `numbers`, chosen so that little has to move."""
        costs = [0 if stream.number in numbers else self._cost(stream) for stream in self._streams]
        width = len(numbers)
        start = min(range(len(costs) - width + 1), key=lambda first: sum(costs[first : first + width]))
        return range(start, start + width)

    @staticmethod
    def _cost(stream: Stream) -> int:
        """About how many copies it takes to put a sequence into `stream`."""
        if stream.sequence is not None:
            return 3
        return 1 if stream.length < MIN_SHARED else 2

    def _relocate(self, stray: Stream, gap: Stream, window: range) -> None:
        """Moves who runs at `stray` to `gap`, and who runs at `gap` out of the `window`; nobody without room for it."""
        if gap.sequence is not None:
            spare = self._spare(window)
            if spare is None:
                return
            self._move(gap, spare)
        else:
            self._save(gap, window)
        self._move(stray, gap)

    def _move(self, source: Stream, target: Stream) -> None:
        """Who runs at `source` goes on at `target`, over what that holds."""
        self._moves.append(Copy(source.number, target.number))
        sequence, source.sequence = source.sequence, None
        if sequence is not None:
            self._seat(sequence, target)
        self._empty(source)

    def _seat(self, sequence: Sequence, stream: Stream) -> None:
        sequence.stream = stream.number
        stream.sequence, stream.tokens, stream.adapter = sequence, sequence.tokens, sequence.adapter
        stream.written = sequence.held

    def _empty(self, stream: Stream) -> None:
        stream.tokens, stream.written = [], 0
        self._moves.append(Cut(stream.number, 0))

    def _trim(self, stream: Stream) -> None:
        """What the last row wrote beyond what stands is cut: refused drafts, or a row whose request was cancelled."""
        if stream.written > stream.length:
            self.cut(stream.number)
        stream.written = stream.length

    def _use(self, stream: Stream) -> None:
        self._uses += 1
        stream.used = self._uses

    def _of(self, sequence: Sequence) -> Stream:
        if sequence.stream is None:
            raise ValueError("the sequence does not run")
        return self._streams[sequence.stream]
