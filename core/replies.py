"""The answer a person gets, one function per way in which a question can end."""

import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace

from core.access import searchable
from core.checks import Verdict
from core.citations import cite
from core.conversation import ATTACHED, FILES_WAIT, Answer, Citation, Language, Outcome, Place, Question, RefusedFile
from core.deadline import Deadline
from core.documents import Passage, Space
from core.errors import SotayError
from core.experiments import Arm
from core.kinds import Kind, Sorted
from core.routing import Strategy
from core.stopwatch import Stopwatch
from core.texts import translate
from core.threads import says_nothing
from core.writing import Written

NAMED = 3
"""Passages that are named where no answer is."""
SEARCHED = (Outcome.ANSWERED, Outcome.NOT_FOUND)

KeepAnswer = Callable[[Answer], Awaitable[None]]
"""Stores an answer before it is given."""


@dataclass(slots=True)
class Case:
    """One question while it is worked on: what is known of it so far.

    `refused` are the files that came with it and cannot be read; every answer says so below its text. `arm` is the
    asker's, where an experiment is under way.
    """

    question: Question
    language: Language
    deadline: Deadline
    keep: KeepAnswer
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    query: str = ""
    passages: tuple[Passage, ...] = ()
    degraded: bool = False
    reasons: tuple[str, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    arm: Arm | None = None

    @property
    def strategy(self) -> Strategy | None:
        """What the asker's arm wants, None where the office's own strategy holds."""
        return self.arm.strategy if self.arm else None

    def say(self, message_id: str, **facts: object) -> str:
        return translate(self.language, message_id, **facts)


def answered(case: Case, written: Written) -> Answer:
    """The completion with its citations; a warning below it when the check was not sure."""
    text, citations = cite(written.text, written.cited, case.query, case.passages)
    if written.is_unsure:
        text = f"{text}\n\n{case.say('answer.unsure')}"
    return _close(case, Outcome.ANSWERED, text, written, citations=citations)


def not_found(case: Case, written: Written | None = None) -> Answer:
    """Says that the documents do not say, and which document is nearest."""
    if not case.passages:
        return _close(case, Outcome.NOT_FOUND, case.say("answer.not_found"), written)
    where = place_of(case, case.passages[0])
    return _close(case, Outcome.NOT_FOUND, case.say("answer.not_found_nearest", nearest=where), written)


def written(case: Case, written: Written) -> Answer:
    """What the check's verdict on the completion makes of it."""
    replaced = (f"redacted: {written.completion.redacted}",) if written.completion.redacted else ()
    case.reasons = (*case.reasons, *replaced, f"check: {written.judgement.reason}")
    if written.is_shown:
        return answered(case, written)
    return unsettled(case, written) if written.judgement.verdict is Verdict.POOR else not_found(case, written)


def unsettled(case: Case, written: Written) -> Answer:
    """Says that the documents do not settle it, and where in them it would have to stand: the asker reads there."""
    places = dict.fromkeys(place_of(case, passage) for passage in case.passages)
    lines = [case.say("answer.unsettled"), *(f"- {place}" for place in list(places)[:NAMED])]
    return _close(case, Outcome.NOT_FOUND, "\n".join(lines), written)


def place_of(case: Case, passage: Passage) -> str:
    """Title, file and page or heading of a passage, for people."""
    place = case.say("place.page", page=passage.page) if passage.page else passage.heading
    return f"{passage.title} ({passage.document}{', ' if place else ''}{place})"


def chatted(case: Case, message_id: str, **facts: object) -> Answer:
    """The sentence that small talk gets."""
    return _close(case, Outcome.ANSWERED, case.say(message_id, **facts))


def sorted_out(case: Case, kind: Sorted) -> Answer:
    """The sentence for a message that is no question for the office; no passage was used."""
    case.reasons = (*case.reasons, f"{kind.kind.value}: {kind.reason}")
    case.passages = ()
    outcome = Outcome.DENIED if kind.kind is Kind.ATTACK else Outcome.ANSWERED
    return _close(case, outcome, case.say(kind.message_id))


def unasked(case: Case) -> Answer:
    """To files without a question: asks for one, or says only why no file can be read. No passage was used."""
    is_read = any(passage.space == ATTACHED for passage in case.passages)
    case.passages = ()
    if is_read or not case.refused:
        minutes = round(FILES_WAIT.total_seconds() / 60)
        return chatted(case, "answer.file_without_question", minutes=minutes)
    return _close(case, Outcome.NOT_FOUND, "")


def greeting(case: Case) -> str | None:
    """The message for somebody who only calls: nothing is asked, nothing was said before, nothing was sent along."""
    came_alone = not (case.question.attachments or case.question.refused)
    return "answer.greeting" if came_alone and says_nothing(case.query) else None


def denial(question: Question, spaces: Iterable[Space]) -> str:
    """The message for who finds nothing to search: it is the person, or only the place, where others read along."""
    alone = searchable(question.person, Place(question.place.id), spaces)
    return "answer.denied_here" if alone else "answer.denied"


def denied(case: Case, message_id: str) -> Answer:
    return _close(case, Outcome.DENIED, case.say(message_id))


def failed(case: Case, error: SotayError) -> Answer:
    case.reasons = (*case.reasons, error.message_id)
    return _close(case, Outcome.FAILED, error.text(case.language))


def _close(
    case: Case, outcome: Outcome, text: str, written: Written | None = None, citations: tuple[Citation, ...] = ()
) -> Answer:
    refusals = dict.fromkeys(refused.text(case.language) for refused in case.refused)
    degraded = case.say("answer.degraded") if case.degraded and outcome in SEARCHED else ""
    text = "\n\n".join(part for part in (text, degraded, *refusals) if part)
    answer = Answer(
        id=uuid.uuid4().hex,
        question_id=case.question.id,
        text=text,
        outcome=outcome,
        language=case.language,
        query=case.query,
        citations=citations,
        passages=case.passages,
        reasons=case.reasons,
        timings=case.stopwatch.finish(),
        arm=str(case.arm or ""),
    )
    if written is None:
        return answer
    completion = written.completion
    return replace(
        answer,
        prompt=tuple({"role": message.role, "content": message.content} for message in written.prompt.messages),
        route=written.route,
        model=completion.model,
        confidence=completion.mean_logprob,
        cost_usd=completion.cost_usd,
        timings={**answer.timings, "first_token": completion.first_token_ms or 0.0},
    )
