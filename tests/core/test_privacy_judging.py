"""The trained layer of the gate: what it adds to the rules, what it takes back, and what holds without it."""

import json
import time
from dataclasses import replace
from importlib import resources

import pytest

from core.private.judging import FILE, Judge, read_judge, sequences, shipped_judge
from core.private.reading import Reading
from core.private.sentences import told_in
from core.private.wording import PERSON, wording
from core.private_data import find, judged, kinds_in

RULED = "Anh Nam bị ung thư phổi"


@pytest.fixture
def judge() -> Judge:
    found = shipped_judge()
    assert found is not None
    return found


def test_names_and_numbers_weigh_nothing(judge: Judge) -> None:
    said = [
        wording(Reading(f"lương của {who} là {much}"), judge.known)
        for who, much in (("anh Nam", "12000"), ("chị Hạnh", "98765"), ("anh Zwykl", "10001"))
    ]
    assert said[0] == said[1] == said[2]
    assert PERSON in said[0]


def test_short_forms_are_read_in_full(judge: Judge) -> None:
    assert wording(Reading("lg bn"), judge.known) == wording(Reading("lương bao nhiêu"), judge.known)
    assert "anh" not in wording(Reading("what is a phase"), judge.known)
    assert wording(Reading("cho mk hỏi"), judge.known) == wording(Reading("cho mình hỏi"), judge.known)
    assert wording(Reading("mk wifi"), judge.known) == wording(Reading("mật khẩu wifi"), judge.known)


def test_wording_that_no_rule_knows_is_found() -> None:
    assert kinds_in("ku Tài sắp cưới ai thế bot")
    assert kinds_in("wifi phòng họp giờ nhập gì cho khách")
    assert not kinds_in("Quy trình chuyển máy phát DVOR gồm mấy bước?")


def test_without_the_layer_the_rules_decide(judge: Judge) -> None:
    never = replace(judge, threshold=1.0)
    assert judged(Reading(RULED), None) == told_in(Reading(RULED)).matters != frozenset()
    assert judged(Reading(RULED), never) == frozenset()
    assert judged(Reading(RULED), replace(judge, threshold=0.0)) == told_in(Reading(RULED)).matters


def test_a_private_sentence_is_not_lost_among_others() -> None:
    long = "So sánh hai cách bảo dưỡng máy phát ở trạm, nên chọn cách nào và vì sao? " * 3
    assert kinds_in(f"{long} Anh Nam bị ung thư phổi.")


def test_data_hold_whatever_the_layer_says(judge: Judge) -> None:
    text = "số của em 0912 345 678"
    assert find(text)
    assert "phone" in kinds_in(text)
    assert judged(Reading(text), replace(judge, threshold=1.0), has_data=True) == told_in(Reading(text)).matters


@pytest.mark.parametrize(
    "change",
    [{"format": 2}, {"numbers": "?"}, {"weights": ""}, {"signs": {}}, {"known": ""}, {"threshold": 0}, {"known": None}],
)
def test_a_broken_file_is_no_layer(change: dict[str, object]) -> None:
    text = resources.files("core").joinpath("data").joinpath(FILE).read_text(encoding="utf-8")
    assert read_judge(text).words
    with pytest.raises(ValueError, match=r"\S"):
        read_judge(json.dumps({**json.loads(text), **change}))
    with pytest.raises(ValueError, match=r"\S"):
        read_judge(text[:1000])


def test_a_text_of_unknown_words_says_nothing(judge: Judge) -> None:
    reading = Reading("a" * 10_000)
    assert judge.chance(reading, told_in(reading)) == 0.0


def test_a_long_text_is_read_quickly(judge: Judge) -> None:
    reading = Reading("lương của anh Nam là bao nhiêu " * 300)
    told = told_in(reading)
    started = time.perf_counter()
    judge.chance(reading, told)
    assert time.perf_counter() - started < 1


def test_sequences_are_the_same_numbers_everywhere() -> None:
    assert sequences(["ai", "biet"]) == {3161, 15100, 37349}
