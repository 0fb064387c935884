"""The line below an answer, and the request for a vote in it."""

from dataclasses import replace

import pytest

from bots.footers import footer_of
from core.conversation import Answer, Language, Outcome, Route
from core.texts import translate

ANSWER = Answer("a", "q", "Có.", Outcome.ANSWERED, Language.VIETNAMESE, "phép", Route.LOCAL, timings={"total": 2345.0})
IDS = [f"{number:032x}" for number in range(2_000)]


@pytest.mark.parametrize("language", Language)
def test_an_answer_of_an_experiment_asks_for_a_vote_one_time_in_five(language: Language) -> None:
    sentence = translate(language, "footer.vote")
    lines = [footer_of(replace(ANSWER, id=name, arm="mua-xuan/local", language=language)) for name in IDS]
    asking = [line for line in lines if line.endswith(sentence)]
    assert 0.17 < len(asking) / len(lines) < 0.23


def test_nobody_is_asked_for_a_vote_without_an_experiment_or_where_none_can_be_given() -> None:
    sentence = translate("vi", "footer.vote")
    assert not [name for name in IDS if sentence in footer_of(replace(ANSWER, id=name))]
    small_talk = replace(ANSWER, arm="mua-xuan/local", route=Route.NONE)
    assert not [name for name in IDS if footer_of(replace(small_talk, id=name))]


def test_seconds_are_written_as_the_language_does() -> None:
    assert footer_of(ANSWER) == "Trả lời tại chỗ · 2,3 giây"
    assert footer_of(replace(ANSWER, language=Language.ENGLISH)) == "Answered in the office · 2.3 s"
