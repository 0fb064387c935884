"""The oracle of the histories: what it expects, and that it sees what is wrong."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.histories import MOST_MESSAGES, TIMES, history, interleaved
from benchmarks.office import dice_of
from benchmarks.oracle import Expected, Oracle, Seen, disorder, faults
from core.intake import Incoming

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
WHOLE, PIECE = "Tôi có bao nhiêu ngày nghỉ phép năm?", "nghỉ phép"


def delivery(key: str, text: str | None, *, event: str = "", version: float = 0.0, person: str = "lan") -> Incoming:
    sent_at = START + timedelta(seconds=int(key[1:]))
    return Incoming("chat", key, event or f"{key}v{version}", "c1", "p1", person, text, sent_at, version)


def told(*deliveries: tuple[float, Incoming]) -> Oracle:
    oracle = Oracle(join_seconds=1.0)
    for seconds, one in deliveries:
        oracle.hear(one, START + timedelta(seconds=seconds))
    return oracle


def texts(oracle: Oracle) -> list[str | None]:
    return [question.text for question in oracle.questions]


def test_an_event_counts_once_and_so_does_its_twin() -> None:
    oracle = told((0, delivery("m1", WHOLE)), (1, delivery("m1", WHOLE)), (2, delivery("m1", WHOLE, event="twin")))
    assert texts(oracle) == [WHOLE]
    assert oracle.questions[0].changes == 0


def test_the_highest_version_counts_in_whatever_order_it_comes() -> None:
    first, edit = delivery("m1", WHOLE), delivery("m1", "Mấy ngày?", version=2.0)
    older = delivery("m1", "Bao nhiêu?", version=1.0)
    for order in ((first, older, edit), (edit, first, older), (older, edit, first)):
        assert texts(told(*enumerate(order))) == ["Mấy ngày?"]


def test_a_deletion_is_final_also_before_its_message() -> None:
    first, gone, edit = delivery("m1", WHOLE), delivery("m1", None, event="gone"), delivery("m1", "Mấy?", version=9.0)
    for order in ((first, gone, edit), (gone, first, edit), (edit, gone, first)):
        assert texts(told(*enumerate(order))) == [None]


@pytest.mark.parametrize(
    ("pause", "person", "expected"),
    [(0.9, "lan", [f"{PIECE} {WHOLE}"]), (1.0, "lan", [PIECE, WHOLE]), (0.5, "hoa", [PIECE, WHOLE])],
)
def test_a_piece_waits_a_window_for_the_rest_by_the_same_person(pause: float, person: str, expected: list[str]) -> None:
    assert texts(told((0, delivery("m1", PIECE)), (pause, delivery("m2", WHOLE, person=person)))) == expected


def test_pieces_wait_three_windows_in_all() -> None:
    pieces = [(number * 0.9, delivery(f"m{number}", PIECE)) for number in range(5)]
    assert texts(told(*pieces)) == [" ".join([PIECE] * 4), PIECE]


def test_what_was_joined_reads_in_the_order_of_writing_and_loses_what_was_deleted() -> None:
    late, early = delivery("m2", "phép năm"), delivery("m1", "nghỉ")
    assert texts(told((0, late), (0.5, early))) == ["nghỉ phép năm"]
    assert texts(told((0, late), (0.5, early), (0.6, delivery("m2", None, event="gone")))) == ["nghỉ"]


def test_an_edited_piece_waits_no_longer() -> None:
    edit = delivery("m1", "lương", version=1.0)
    assert texts(told((0, delivery("m1", PIECE)), (0.2, edit), (0.3, delivery("m2", WHOLE)))) == ["lương", WHOLE]


def expected(text: str | None, changes: int = 0) -> Expected:
    oracle = told((0, delivery("m1", text)))
    oracle.questions[0].changes = changes
    return oracle.questions[0]


@pytest.mark.parametrize(
    ("question", "seen", "may_stand", "is_wrong"),
    [
        (expected(WHOLE), Seen([WHOLE], 1, 1), False, False),
        (expected(WHOLE), Seen([], 0, 0), False, True),
        (expected(WHOLE), Seen([None], 1, 0), False, True),
        (expected(WHOLE), Seen([WHOLE, WHOLE], 2, 2), False, True),
        (expected(WHOLE), Seen(["older"], 1, 1), False, True),
        (expected(WHOLE), Seen([WHOLE], 2, 1), False, True),
        (expected(WHOLE), Seen([WHOLE], 1, 2), False, True),
        (expected(WHOLE, changes=1), Seen([WHOLE], 1, 2), False, False),
        (expected(None), Seen([], 1, 0), False, False),
        (expected(None), Seen([WHOLE], 1, 1), False, True),
        (expected(None), Seen([WHOLE], 1, 1), True, False),
        (expected(None), Seen([WHOLE, WHOLE], 2, 2), True, True),
    ],
)
def test_whatever_stands_there_too_much_or_too_little_is_seen(
    question: Expected, seen: Seen, may_stand: bool, is_wrong: bool
) -> None:
    assert bool(list(faults(question, seen, may_stand=may_stand))) == is_wrong


def test_a_question_begun_before_the_one_before_it_ended_is_seen() -> None:
    assert not list(disorder([("q1", 1, 2), ("q2", 3, 4), ("q3", 5, 6)]))
    assert list(disorder([("q1", 1, 4), ("q2", 3, 5)]))


def test_a_history_delivers_every_event_four_times_and_repeats_itself() -> None:
    for seed in range(50):
        groups = history(dice_of(seed), "1")
        counts = Counter(one.event for group in groups for one in group)
        assert set(counts.values()) == {TIMES}
        assert len({one.key for group in groups for one in group}) <= MOST_MESSAGES
        assert groups == history(dice_of(seed), "1")


def test_interleaving_keeps_each_history_in_its_own_order() -> None:
    dice = dice_of(1)
    histories = [history(dice, str(number)) for number in range(5)]
    mixed = list(interleaved(dice, histories))
    for number, groups in enumerate(histories):
        assert [group for group in mixed if group[0].conversation == f"h{number}"] == groups
