"""Marks are renumbered while they stream, and held to what they stand behind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.citations import MarkRewriter, cite, quote, sentences, support
from tests.core.makers import passage

LEAVE = passage("Điều 4. Nghỉ phép.\nNgười lao động được nghỉ phép năm 14 ngày.\nBáo trước 3 ngày.", number=1)
TRAVEL = passage("Tiền khách sạn tối đa 900.000 đồng một đêm.", number=2)


def rewrite(pieces: list[str], count: int = 5) -> tuple[str, list[int]]:
    rewriter = MarkRewriter(range(count))
    text = "".join([*(rewriter.feed(piece) for piece in pieces), rewriter.finish()])
    return text, rewriter.cited


def test_marks_are_numbered_as_they_appear() -> None:
    assert rewrite(["Một [4]. Hai [2]. Ba [4]."]) == ("Một [1]. Hai [2]. Ba [1].", [3, 1])


def test_marks_of_no_passage_are_dropped() -> None:
    assert rewrite(["Một [9]. Hai [0] [2]."]) == ("Một. Hai [1].", [1])


def test_several_numbers_may_stand_for_one_passage() -> None:
    rewriter = MarkRewriter([0, 2, 2])
    assert rewriter.feed("Một [3]. Hai [2]. Ba [1].") == "Một [1]. Hai [1]. Ba [2]."
    assert rewriter.cited == [2, 0]


def test_a_mark_that_opens_the_completion_goes_to_its_end() -> None:
    assert rewrite(["[", "3", "] Được nghỉ", " 14 ngày."]) == ("Được nghỉ 14 ngày. [1]", [2])


@pytest.mark.parametrize("cut", range(1, 11))
def test_so_do_all_marks_that_open_it_wherever_the_stream_is_cut(cut: int) -> None:
    text = "[1] [2] Có"
    assert rewrite([text[:cut], text[cut:]]) == rewrite([text]) == ("Có [1] [2]", [0, 1])


def test_one_mark_may_name_several_passages() -> None:
    assert rewrite(["Một [3, 1]."]) == ("Một [1] [2].", [2, 0])


def test_a_bracket_that_is_no_mark_stays() -> None:
    assert rewrite(["Nút [OK] ở góc [2"]) == ("Nút [OK] ở góc [2", [])


@given(st.text(alphabet="ab [],12.\n", max_size=40), st.integers(1, 7))
def test_the_cut_of_the_stream_makes_no_difference(text: str, size: int) -> None:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert rewrite(pieces, 2) == rewrite([text], 2)


def test_an_answer_without_marks_gets_one() -> None:
    text, citations = cite("Khách sạn tối đa 900.000 đồng.", [], "khách sạn bao nhiêu", [LEAVE, TRAVEL])
    assert text.endswith("[1]")
    assert [(c.n, c.document) for c in citations] == [(1, TRAVEL.document)]


def test_a_wrong_mark_is_moved_to_the_passage_that_says_so() -> None:
    _, citations = cite("Được nghỉ phép năm 14 ngày [1].", [1], "nghỉ phép", [LEAVE, TRAVEL])
    assert citations[0].document == LEAVE.document


def test_a_mark_stays_where_another_passage_is_no_better() -> None:
    twin = passage(LEAVE.text, number=3)
    _, citations = cite("Được nghỉ phép năm 14 ngày [1].", [1], "nghỉ phép", [LEAVE, twin])
    assert citations[0].document == twin.document


def test_each_mark_is_judged_by_its_own_sentence() -> None:
    text = "Nghỉ phép năm 14 ngày [1]. Khách sạn tối đa 900.000 đồng [2]."
    _, citations = cite(text, [1, 0], "?", [LEAVE, TRAVEL])
    assert [c.document for c in citations] == [LEAVE.document, TRAVEL.document]


def test_the_quote_is_the_line_that_holds_the_claim_word_for_word() -> None:
    assert quote("Bạn có 14 ngày phép", LEAVE) == "Người lao động được nghỉ phép năm 14 ngày."
    assert quote("phải báo trước mấy ngày", LEAVE) in LEAVE.text


@given(st.text(max_size=300), st.text(max_size=600))
def test_every_quote_stands_in_its_passage(claim: str, text: str) -> None:
    assert quote(claim, passage(text)) in text


def test_nothing_is_cited_where_nothing_was_found() -> None:
    assert cite("Chào bạn", [], "chào", []) == ("Chào bạn", ())


def test_numbers_weigh_more_than_words() -> None:
    assert support("nghỉ 14 ngày", "có 14 người") > support("nghỉ 14 ngày", "nghỉ ngày lễ")


def test_sentences_end_at_stops_and_lines() -> None:
    assert sentences("Một. Hai!\nBa; bốn") == ["Một.", "Hai!", "Ba;", "bốn"]
