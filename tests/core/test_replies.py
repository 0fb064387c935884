"""The ways in which a question can end, and what the answer keeps of each."""

from dataclasses import replace

import pytest

from core import replies
from core.checks import Judgement, Verdict
from core.conversation import ATTACHED, Answer, Language, Outcome, RefusedFile, Route
from core.deadline import Deadline
from core.documents import Passage
from core.errors import ModelTimeout, StoreError
from core.ports import Completion, Finish, Message
from core.prompts import Prompt
from core.replies import Case
from core.writing import Written
from tests.core.makers import passage, question

LEAVE = passage("Người lao động được nghỉ phép năm 14 ngày, hưởng nguyên lương.", page=2, heading="Điều 4")
HOTEL = passage("Tiền khách sạn tối đa 900.000 đồng một đêm.", number=2, heading="Chương 2 › Khách sạn")
BARE = passage("Không có trang và tiêu đề.", number=3)


async def nowhere(_answer: Answer) -> None:
    """Keeps nothing."""


def case(*passages: Passage, language: Language = Language.VIETNAMESE) -> Case:
    return Case(
        question("Được nghỉ mấy ngày?"),
        language,
        Deadline.after(60),
        nowhere,
        query="Được nghỉ mấy ngày?",
        passages=passages,
        reasons=("patterns: simple",),
    )


def completion(**changes: object) -> Completion:
    plain = Completion("...", "tiny", Finish.STOP, 120, 9, -0.25, cost_usd=0.004, first_token_ms=321.0)
    return replace(plain, **changes)  # type: ignore[arg-type]


def written(
    text: str = "Bạn được nghỉ 14 ngày [1].",
    verdict: Verdict = Verdict.GOOD,
    cited: tuple[int, ...] = (0,),
    made: Completion | None = None,
) -> Written:
    prompt = Prompt((Message("system", "Luật"), Message("user", "Hỏi")), (0,))
    return Written(text, cited, prompt, Route.LOCAL, made or completion(), Judgement(verdict, "the rule"))


def test_an_answer_keeps_model_cost_confidence_and_prompt() -> None:
    answer = replies.written(case(LEAVE), written())
    assert answer.outcome is Outcome.ANSWERED
    assert (answer.route, answer.model, answer.confidence, answer.cost_usd) == (Route.LOCAL, "tiny", -0.25, 0.004)
    assert answer.prompt == ({"role": "system", "content": "Luật"}, {"role": "user", "content": "Hỏi"})
    assert answer.timings["first_token"] == 321.0
    assert answer.question_id == "q1"


def test_what_was_replaced_on_the_way_out_is_a_reason_of_the_answer() -> None:
    told = replies.written(case(LEAVE), written(made=completion(redacted="2 PHONE")))
    assert "redacted: 2 PHONE" in told.reasons
    assert not any(reason.startswith("redacted") for reason in replies.written(case(LEAVE), written()).reasons)


def test_an_unknown_cost_and_confidence_stay_unknown() -> None:
    made = completion(cost_usd=None, mean_logprob=None, first_token_ms=None)
    answer = replies.written(case(LEAVE), written(made=made))
    assert (answer.cost_usd, answer.confidence, answer.timings["first_token"]) == (None, None, 0.0)


def test_a_good_answer_cites_the_line_it_stands_on() -> None:
    answer = replies.written(case(HOTEL, LEAVE), written(cited=(1,)))
    assert [(c.n, c.document, c.page, c.quote) for c in answer.citations] == [(1, LEAVE.document, 2, LEAVE.text)]


@pytest.mark.parametrize(
    ("language", "warning"),
    [(Language.VIETNAMESE, "chưa chắc chắn"), (Language.ENGLISH, "not sure")],
)
def test_an_unsure_answer_warns_below_its_text_in_the_askers_language(language: Language, warning: str) -> None:
    answer = replies.written(case(LEAVE, language=language), written(verdict=Verdict.UNSURE))
    text, below = answer.text.split("\n\n")
    assert text == "Bạn được nghỉ 14 ngày [1]."
    assert warning in below
    assert answer.outcome is Outcome.ANSWERED
    assert answer.citations


@pytest.mark.parametrize("verdict", [Verdict.POOR, Verdict.REFUSAL])
def test_what_is_not_shown_leaves_no_trace_in_the_text_but_stays_in_the_record(verdict: Verdict) -> None:
    answer = replies.written(case(LEAVE), written("Nghỉ 77 ngày [1].", verdict))
    assert answer.outcome is Outcome.NOT_FOUND
    assert "77" not in answer.text
    assert answer.citations == ()
    assert (answer.model, answer.cost_usd) == ("tiny", 0.004)
    assert answer.prompt != ()


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_checks_word_is_the_last_reason(verdict: Verdict) -> None:
    answer = replies.written(case(LEAVE), written(verdict=verdict))
    assert answer.reasons == ("patterns: simple", "check: the rule")


@pytest.mark.parametrize(
    ("nearest", "where"),
    [
        (LEAVE, "Tài liệu 1 (tai-lieu-1.pdf, trang 2)."),
        (HOTEL, "Tài liệu 2 (tai-lieu-2.pdf, Chương 2 › Khách sạn)."),
        (BARE, "Tài liệu 3 (tai-lieu-3.pdf)."),
    ],
)
def test_not_found_names_the_nearest_document_as_closely_as_it_can(nearest: Passage, where: str) -> None:
    answer = replies.not_found(case(nearest, LEAVE))
    assert answer.text.endswith(where)
    assert answer.passages == (nearest, LEAVE)


def test_with_nothing_found_no_document_and_no_model_is_named() -> None:
    answer = replies.not_found(case())
    assert answer.text == "Sổ tay không nói về điều này."
    assert (answer.route, answer.model, answer.prompt) == (Route.NONE, "", ())


def test_what_could_not_be_done_stands_below_the_answer_each_once() -> None:
    refused = RefusedFile("a.png", "answer.file_picture")
    asked = replace(case(LEAVE), degraded=True, refused=(refused, refused))
    text, *below = replies.written(asked, written()).text.split("\n\n")
    assert text == "Bạn được nghỉ 14 ngày [1]."
    assert below == [asked.say("answer.degraded"), refused.text("vi")]


def test_files_without_a_question_use_no_passage() -> None:
    answer = replies.unasked(case(replace(LEAVE, space=ATTACHED), HOTEL))
    assert (answer.outcome, answer.passages, answer.citations) == (Outcome.ANSWERED, (), ())
    assert answer.text == case().say("answer.file_without_question", minutes=10)


def test_refused_files_without_a_question_get_their_reasons_alone() -> None:
    refused = RefusedFile("a.png", "answer.file_picture")
    answer = replies.unasked(replace(case(HOTEL), refused=(refused,)))
    assert (answer.outcome, answer.text, answer.passages) == (Outcome.NOT_FOUND, refused.text("vi"), ())


def test_who_is_denied_sees_no_passage() -> None:
    answer = replies.denied(case(language=Language.ENGLISH), "answer.denied")
    assert answer.outcome is Outcome.DENIED
    assert answer.passages == ()
    assert answer.citations == ()
    assert answer.language is Language.ENGLISH


@pytest.mark.parametrize("language", list(Language))
def test_a_failure_speaks_the_askers_language_and_is_named_in_the_reasons(language: Language) -> None:
    error = ModelTimeout("answer.too_late")
    answer = replies.failed(case(LEAVE, language=language), error)
    assert answer.outcome is Outcome.FAILED
    assert answer.text == error.text(language)
    assert answer.reasons[-1] == "answer.too_late"


def test_a_failure_after_the_search_keeps_what_was_found() -> None:
    failed = replies.failed(case(LEAVE), StoreError("store.full", place="sotay.db", detail="disk"))
    assert failed.passages == (LEAVE,)
    assert failed.query == "Được nghỉ mấy ngày?"
    assert "sotay.db" in failed.text


def test_every_answer_has_an_id_of_its_own() -> None:
    asked = case(LEAVE)
    ids = {replies.denied(asked, "answer.denied").id, replies.not_found(asked).id, replies.written(asked, written()).id}
    assert len(ids) == 3


def test_timings_hold_every_stage_so_far_and_the_total() -> None:
    asked = case(LEAVE)
    asked.stopwatch.lap("accept")
    asked.stopwatch.lap("search")
    answer = replies.not_found(asked)
    assert answer.timings.keys() == {"accept", "search", "total"}
    assert answer.timings["total"] >= answer.timings["accept"] + answer.timings["search"] - 0.01
