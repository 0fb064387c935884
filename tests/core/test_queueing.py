"""Whose turn it is: fair between people, in order within a conversation, and nobody is forgotten."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.intake import State
from core.queueing import Waiting, all_waiting, in_turn, is_fragment, to_claim


def row(number: int, person: str = "lan", conversation: str = "", **changes: object) -> Waiting:
    """A question that may be begun, in a conversation of its own unless one is named."""
    waiting = Waiting(
        question_id=f"q{number}",
        number=number,
        conversation=conversation or f"c{number}",
        person=person,
        state=State.NEW,
        worker=None,
        attempts=0,
        is_ready=True,
        is_overdue=False,
    )
    return waiting._replace(**changes)  # type: ignore[arg-type]


def answering(number: int, person: str = "lan", conversation: str = "") -> Waiting:
    return row(number, person, conversation, state=State.ANSWERING, worker="w1")


def delivering(number: int, person: str = "lan", conversation: str = "") -> Waiting:
    return row(number, person, conversation, state=State.DELIVERING)


def numbers(rows: list[Waiting]) -> list[int]:
    return [waiting.number for waiting in rows]


def claimed(*rows: Waiting, room: bool = True) -> int | None:
    chosen = to_claim(rows, room=room)
    return chosen.number if chosen else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("xin hỏi", True),
        ("cho mình hỏi chút với", True),
        ("cho mình hỏi một chút với", False),
        ("nghỉ phép?", False),
        ("chào bạn.  ", False),
        ("cảm ơn!", False),
        ("thế thì …", False),
        ("", True),
    ],
)
def test_a_short_message_without_an_end_is_the_start_of_a_sentence(text: str, expected: object) -> None:
    assert is_fragment(text) is expected


def test_people_take_turns_and_age_decides_within_a_turn() -> None:
    rows = [row(1), row(2), row(3), row(4, "hoa"), row(5, "minh"), row(6, "hoa")]
    assert numbers(in_turn(rows)) == [1, 4, 5, 2, 6, 3]


def test_a_persons_turn_comes_later_while_their_questions_are_answered() -> None:
    assert numbers(in_turn([answering(1), row(2), row(3, "hoa")])) == [3, 2]


def test_what_only_has_to_be_shown_costs_nobody_their_turn() -> None:
    assert numbers(in_turn([delivering(1), row(2), row(3, "hoa")])) == [2, 3]


@pytest.mark.parametrize("before", [answering(1, "hoa", "c"), delivering(1, "hoa", "c"), row(1, "hoa", "c")])
def test_the_next_question_of_a_conversation_waits_for_the_one_before(before: Waiting) -> None:
    assert 2 not in numbers(in_turn([before, row(2, "lan", "c")]))


def test_a_question_whose_rest_is_awaited_holds_its_conversation_back_too() -> None:
    rows = [row(1, "lan", "c", is_ready=False), row(2, "hoa", "c"), row(3, "minh")]
    assert numbers(in_turn(rows)) == [3]


def test_who_is_just_being_told_keeps_their_place_but_is_not_begun() -> None:
    rows = [row(1, worker="w1"), row(2, "hoa")]
    assert numbers(in_turn(rows)) == [1, 2]
    assert claimed(*rows) == 2


def test_everybody_who_waits_has_a_place_also_behind_their_own_conversation() -> None:
    rows = [answering(1, "lan", "c"), row(2, "lan", "c"), row(3, "hoa"), row(4, "hoa", is_ready=False), delivering(5)]
    assert numbers(all_waiting(rows)) == [3, 2]


def test_what_has_to_be_shown_or_is_overdue_comes_first_and_the_oldest_of_it() -> None:
    overdue = row(3, is_overdue=True)
    assert claimed(row(1), delivering(4), overdue, row(2)) == 3
    assert claimed(row(1), delivering(4)) == 4
    assert claimed(row(1), row(2)) == 1


def test_without_room_nothing_is_begun() -> None:
    assert claimed(row(1), room=False) is None
    assert claimed(row(1), row(2, is_overdue=True), room=False) == 2
    assert claimed(row(1), delivering(2), room=False) == 2


def test_an_overdue_question_does_not_wait_for_its_conversation() -> None:
    assert claimed(answering(1, "lan", "c"), row(2, "lan", "c", is_overdue=True), room=False) == 2


def test_what_is_in_hands_already_is_nobody_elses() -> None:
    held = [
        answering(1),
        row(2, worker="w2", is_overdue=True),
        delivering(3)._replace(worker="w2"),
        row(4, worker="w2"),
    ]
    assert claimed(*held) is None


PEOPLE, PLACES = ("lan", "hoa", "minh"), ("c1", "c2", "c3", "c4")


@st.composite
def queues(draw: st.DrawFn) -> list[Waiting]:
    """Open questions in any state, in any order."""
    count = draw(st.integers(0, 12))
    rows = [
        row(
            number,
            draw(st.sampled_from(PEOPLE)),
            draw(st.sampled_from(PLACES)),
            state=(state := draw(st.sampled_from([State.NEW, State.NEW, State.ANSWERING, State.DELIVERING]))),
            worker="w1" if state == State.ANSWERING else draw(st.sampled_from([None, None, "w2"])),
            is_ready=draw(st.sampled_from([True, True, False])),
            is_overdue=draw(st.sampled_from([False, False, True])),
        )
        for number in range(count)
    ]
    return draw(st.permutations(rows))


@given(queues())
def test_a_conversation_is_answered_in_order_whatever_waits(rows: list[Waiting]) -> None:
    for begun in in_turn(rows):
        same = [other for other in rows if other.conversation == begun.conversation and other is not begun]
        assert begun.state == State.NEW
        assert begun.is_ready
        assert all(other.state == State.NEW and other.number > begun.number for other in same)


@given(queues())
def test_nobody_gets_a_second_answer_while_another_waits_for_the_first(rows: list[Waiting]) -> None:
    """Of two who could be begun, the one with fewer answers under way or open before this one goes first."""
    turns = in_turn(rows)
    loads = [load(waiting, rows) for waiting in turns]
    assert loads == sorted(loads)


def load(waiting: Waiting, rows: list[Waiting]) -> tuple[int, int]:
    mine = [other for other in rows if other.person == waiting.person]
    under_way = sum(other.state == State.ANSWERING for other in mine)
    before = sum(other.state == State.NEW and other.number < waiting.number for other in mine)
    return under_way + before, waiting.number


@given(queues())
def test_everybody_who_waits_has_exactly_one_place(rows: list[Waiting]) -> None:
    places = Counter(numbers(all_waiting(rows)))
    assert places == Counter(w.number for w in rows if w.state == State.NEW and w.is_ready)


@given(queues(), st.booleans())
def test_what_is_claimed_is_free_and_may_be_begun_now(rows: list[Waiting], room: bool) -> None:
    chosen = to_claim(rows, room=room)
    if chosen is None:
        assert not any(w.worker is None and w.state == State.DELIVERING for w in rows)
        assert not room or all(w.worker is not None for w in in_turn(rows))
        return
    assert chosen.worker is None
    overdue = chosen.state == State.NEW and chosen.is_overdue
    assert chosen.state == State.DELIVERING or overdue or (room and chosen in in_turn(rows))


@given(queues())
def test_the_order_of_the_rows_does_not_matter(rows: list[Waiting]) -> None:
    ordered = sorted(rows, key=lambda waiting: waiting.number)
    assert in_turn(rows) == in_turn(ordered)
    assert to_claim(rows, room=True) == to_claim(ordered, room=True)


@given(queues(), st.lists(st.sampled_from(PEOPLE), max_size=30))
def test_nobody_starves_however_many_questions_come_after(rows: list[Waiting], newcomers: list[str]) -> None:
    """With one slot, and one newcomer for each answer, each question is begun within bounds known beforehand."""
    rows = [w._replace(state=State.NEW, worker=None, is_ready=True, is_overdue=False) for w in rows]
    if not rows:
        return
    eldest = min(rows, key=lambda waiting: waiting.number)
    begun: list[int] = []
    coming = iter(newcomers)
    number = 100
    while eldest.number not in begun:
        chosen = to_claim(rows, room=True)
        assert chosen is not None
        begun.append(chosen.number)
        rows = [waiting for waiting in rows if waiting is not chosen]
        if person := next(coming, ""):
            number += 1
            rows.append(row(number, person))
    assert len(begun) <= len(PEOPLE)  # at most one question of every other person goes before


@given(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=20))
def test_all_that_waits_is_begun_once_and_each_persons_questions_in_order(askers: list[str]) -> None:
    rows = [row(number, person) for number, person in enumerate(askers)]
    begun: list[Waiting] = []
    while chosen := to_claim(rows, room=True):
        begun.append(chosen)
        rows.remove(chosen)
    assert len(begun) == len(askers)
    for person in PEOPLE:
        mine = [waiting.number for waiting in begun if waiting.person == person]
        assert mine == sorted(mine)
