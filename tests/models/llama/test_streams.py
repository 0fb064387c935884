"""Which stream a request gets, what it finds there, and what becomes of what others left behind."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.llama.sequences import Sequence, shared_length
from models.llama.step import Copy, Cut
from models.llama.streams import MIN_SHARED, Streams
from tests.models.llama.simulator import Cell, SplitKv

TOKENS = st.lists(st.integers(0, 1), max_size=300)


def part(number: int, length: int = 40) -> list[int]:
    return [1_000 * (number + 1) + offset for offset in range(length)]


class Ledger:
    """Streams, and a cache on which their moves are done at once."""

    def __init__(self, count: int) -> None:
        self.streams = Streams(count)
        self.kv = SplitKv(count, 10_000)
        self.moves: list[Copy | Cut] = []
        self._count = 0

    def place(self, prompt: list[int], adapter: str = "") -> Sequence:
        """Admits `prompt` and evaluates all of it."""
        sequence = Sequence(self._count, prompt, 1, adapter=adapter)
        self._count += 1
        known = self.streams.known(sequence)
        self.streams.place(sequence)
        assert sequence.stream is not None
        assert sequence.held == known < len(prompt)
        self.move()
        cells = self.kv.streams[sequence.stream]
        assert cells == [Cell(place, token, adapter) for place, token in enumerate(prompt[:known])]
        cells.extend(Cell(place, prompt[place], adapter) for place in range(known, len(prompt)))
        sequence.known = known
        self.streams.write(sequence, len(prompt))
        self.streams.settle(sequence, len(prompt))
        return sequence

    def move(self) -> None:
        self.moves = list(self.streams.take_moves())
        self.kv.move(self.moves)

    def leave(self, prompt: list[int], adapter: str = "") -> int:
        """Admits `prompt`, evaluates it and is done; the stream where it stays."""
        sequence = self.place(prompt, adapter)
        stream = sequence.stream
        assert stream is not None
        self.streams.release(sequence)
        return stream

    def known(self, prompt: list[int], adapter: str = "") -> int:
        return self.streams.known(Sequence(-1, [*prompt, -1], 1, adapter=adapter))

    def line_up(self, *sequences: Sequence) -> list[int]:
        self.streams.line_up(sequences)
        self.move()
        for sequence in sequences:
            assert sequence.stream is not None
            assert [cell.token for cell in self.kv.streams[sequence.stream]] == sequence.prompt
        return sorted(sequence.stream for sequence in sequences if sequence.stream is not None)


@given(TOKENS, TOKENS, TOKENS)
def test_what_two_lists_share_is_what_both_begin_with(common: list[int], left: list[int], right: list[int]) -> None:
    expected = len(common)
    for ours, theirs in zip(left, right, strict=False):
        if ours != theirs:
            break
        expected += 1
    assert shared_length([*common, *left], [*common, *right]) == expected


def test_the_next_request_runs_beside_the_others() -> None:
    ledger = Ledger(6)
    placed = [ledger.place(part(number)).stream for number in range(4)]
    assert placed == [0, 1, 2, 3]


def test_a_gap_is_taken_before_the_edge() -> None:
    ledger = Ledger(6)
    placed = [ledger.place(part(number)) for number in range(4)]
    ledger.streams.release(placed[1])
    assert ledger.place(part(9)).stream == 1
    assert ledger.known(part(1)) == 40


def test_a_request_goes_on_where_all_that_is_held_is_of_use() -> None:
    ledger = Ledger(4)
    first = ledger.leave([*part(1), *part(2)])
    ledger.leave(part(3))
    follow_up = ledger.place([*part(1), *part(2), *part(4)])
    assert follow_up.stream == first
    assert follow_up.known == 80
    assert ledger.moves == [Cut(first, 80)]


def test_the_longest_prefix_is_copied_beside_the_running_ones_and_its_stream_is_free_then() -> None:
    ledger = Ledger(4)
    old = [ledger.place([*part(number), *part(7)]) for number in range(3)]
    ledger.streams.release(old[2])
    ledger.streams.release(old[0])
    follow_up = ledger.place([*part(0), *part(7), *part(4)])
    assert (follow_up.stream, follow_up.known) == (0, 80)
    ledger.streams.release(old[1])
    ledger.streams.release(follow_up)
    running = ledger.place(part(5))
    assert running.stream == 3
    again = ledger.place([*part(0), *part(7), *part(4), *part(6)])
    assert (again.stream, again.known) == (2, 120)
    assert Copy(0, 2) in ledger.moves
    assert ledger.moves[-2:] == [Cut(2, 120), Cut(0, 0)]


def test_a_part_of_what_is_held_is_copied_and_cut() -> None:
    ledger = Ledger(4)
    ledger.leave([*part(1), *part(2)])
    other = ledger.place([*part(1), *part(3)])
    assert ledger.moves == [Copy(0, 1), Cut(1, 40)]
    assert (other.stream, other.known) == (1, 40)
    assert ledger.known([*part(1), *part(2)]) == 80


def test_the_last_token_of_a_prompt_is_evaluated_always() -> None:
    ledger = Ledger(2)
    ledger.leave(part(1))
    assert ledger.place(part(1)).known == 39


def test_little_in_common_is_evaluated_again() -> None:
    ledger = Ledger(2)
    ledger.leave(part(1, 100))
    assert ledger.known(part(1, MIN_SHARED - 1)) == 0
    assert ledger.known(part(1, MIN_SHARED)) == MIN_SHARED


def test_a_token_in_the_same_place_is_no_prefix() -> None:
    ledger = Ledger(3)
    ledger.leave([*part(1), *part(3)])
    ledger.leave([*part(1, 35), *part(2, 5), *part(4)])
    assert ledger.known([*part(1), *part(4)]) == 40


def test_a_token_that_is_drawn_but_not_evaluated_is_not_held() -> None:
    ledger = Ledger(2)
    sequence = ledger.place(part(1))
    sequence.tokens.append(5)
    assert ledger.known([*part(1), 5]) == 40


def test_nothing_is_shared_between_adapters() -> None:
    ledger = Ledger(4)
    ledger.leave(part(1), adapter="law")
    assert ledger.known(part(1)) == 0
    assert ledger.place(part(1)).known == 0
    assert ledger.known(part(1), adapter="law") == 40


def test_what_was_used_least_lately_is_given_up_first() -> None:
    ledger = Ledger(3)
    for number in range(3):
        ledger.leave(part(number))
    ledger.leave([*part(0), *part(8)])
    ledger.leave(part(5))
    assert [ledger.known(part(number)) for number in (0, 1, 2, 5)] == [40, 0, 40, 40]


def test_what_another_stream_holds_as_well_is_given_up_before_that() -> None:
    ledger = Ledger(3)
    ledger.leave(part(1))
    ledger.leave(part(2))
    copy = ledger.place([*part(2), *part(3)])
    ledger.streams.release(copy)
    ledger.leave(part(2))
    assert ledger.known(part(1)) == 40
    ledger.leave(part(4))
    assert [ledger.known(one) for one in (part(1), [*part(2), *part(3)], part(4))] == [40, 80, 40]


def test_what_stands_in_the_way_is_saved_over_what_is_worth_less() -> None:
    ledger = Ledger(4)
    placed = [ledger.place(part(number)) for number in range(3)]
    ledger.streams.release(placed[1])
    ledger.place(part(7))
    assert ledger.moves == [Copy(1, 3), Cut(1, 0)]
    assert ledger.known(part(1)) == 40


def test_refused_drafts_and_rows_of_the_cancelled_are_cut() -> None:
    ledger = Ledger(2)
    sequence = ledger.place(part(1))
    ledger.streams.write(sequence, 45)
    ledger.streams.settle(sequence, 40)
    assert ledger.streams.take_moves() == (Cut(0, 40),)
    ledger.streams.settle(sequence, 40)
    assert ledger.streams.take_moves() == ()
    ledger.streams.write(sequence, 45)
    ledger.streams.release(sequence)
    assert ledger.streams.take_moves() == (Cut(0, 40),)


def test_what_was_lost_is_not_found_again() -> None:
    ledger = Ledger(2)
    sequence = ledger.place(part(1))
    assert ledger.streams.forget(0) is sequence
    assert (sequence.stream, sequence.held) == (None, 0)
    assert ledger.streams.take_moves() == (Cut(0, 0),)
    assert ledger.known(part(1)) == 0
    assert ledger.streams.forget(1) is None


def test_the_last_one_moves_into_a_gap() -> None:
    ledger = Ledger(5)
    placed = [ledger.place(part(number)) for number in range(5)]
    ledger.streams.release(placed.pop(1))
    assert ledger.line_up(*placed) == [0, 1, 2, 3]
    assert ledger.moves == [Copy(4, 1), Cut(4, 0)]
    assert ledger.line_up(*placed) == [0, 1, 2, 3]
    assert ledger.moves == []


def test_the_first_one_moves_behind_the_others_where_less_is_lost() -> None:
    ledger = Ledger(6)
    placed = [ledger.place(part(number)) for number in range(5)]
    ledger.streams.release(placed.pop(1))
    assert ledger.line_up(*placed) == [2, 3, 4, 5]
    assert ledger.moves == [Copy(0, 5), Cut(0, 0)]
    assert ledger.known(part(1)) == 40


def test_what_stands_in_a_gap_is_saved_over_what_is_worth_less() -> None:
    ledger = Ledger(5)
    placed = [ledger.place(part(number)) for number in range(5)]
    ledger.streams.release(placed.pop(4))
    ledger.streams.release(placed.pop(1))
    assert ledger.line_up(*placed) == [0, 1, 2]
    assert ledger.moves == [Copy(1, 4), Copy(3, 1), Cut(3, 0)]
    assert [ledger.known(part(number)) for number in (1, 4)] == [40, 0]


def test_who_stands_between_is_moved_out() -> None:
    ledger = Ledger(5)
    left, between, right = (ledger.place(part(number), adapter="law" if number == 1 else "") for number in range(3))
    ledger.place(part(4))
    streams = ledger.line_up(left, right)
    assert streams in ([2, 3], [0, 1])
    assert between.stream not in streams
    assert len(ledger.kv.streams[between.stream or 0]) == 40


def test_without_room_everybody_stays() -> None:
    ledger = Ledger(3)
    left, _, right = (ledger.place(part(number)) for number in range(3))
    assert ledger.line_up(left, right) == [0, 2]
    assert ledger.moves == []


@pytest.mark.parametrize("count", range(2, 7))
def test_streams_line_up_wherever_one_is_vacant(count: int) -> None:
    for kinds in itertools.product(("chosen", "vacant", "other"), repeat=count):
        if {"chosen", "vacant"} <= set(kinds):
            ledger = Ledger(count)
            placed = [ledger.place(part(number)) for number in range(count)]
            for sequence in select(placed, kinds, "vacant"):
                ledger.streams.release(sequence)
            streams = ledger.line_up(*select(placed, kinds, "chosen"))
            assert streams == list(range(streams[0], streams[0] + len(streams)))
            for other in select(placed, kinds, "other"):
                assert other.stream not in {None, *streams}
                assert [cell.token for cell in ledger.kv.streams[other.stream or 0]] == other.prompt


def select(placed: list[Sequence], kinds: tuple[str, ...], kind: str) -> list[Sequence]:
    return [sequence for sequence, its_kind in zip(placed, kinds, strict=True) if its_kind == kind]
