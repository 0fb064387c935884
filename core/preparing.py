"""Between the search and the writing: how far the prompt may go, and which model is asked."""

from collections.abc import Mapping

from core.documents import Space
from core.ports import SearchResult
from core.privacy import PrivacyGate
from core.replies import Case
from core.routing import Router
from core.signals import signals_of
from core.threads import Understood, shown_remarks
from core.writing import Task, Writer


async def prepared(
    case: Case,
    asked: Understood,
    found: SearchResult,
    spaces: Mapping[str, Space],
    *,
    gate: PrivacyGate,
    router: Router,
    writer: Writer,
    open_questions: int = 0,
) -> Task:
    """The gate's word on all that the prompt will hold, then the route. The reasons of both are noted in `case`.

    `open_questions` are all that wait or are being answered.
    """
    remarks = shown_remarks(case.question.remarks)
    history = (text for turn in asked.turns for text in (turn.question, turn.answer))
    typed = (case.query, *history, *(remark.text for remark in remarks))
    drawn_on = (*found.passages, *(passage for turn in asked.turns for passage in turn.passages))
    clearance, signals = gate.clear(typed, drawn_on, spaces), signals_of(found, drawn_on)
    plan = router.plan(
        case.query,
        clearance,
        api_available=await writer.api_available(case.question.person.id),
        strategy=case.strategy,
        signals=signals,
        open_questions=open_questions,
    )
    case.reasons = plan.reasons
    return Task(
        query=found.query,
        turns=asked.turns,
        passages=found.passages,
        language=case.language,
        plan=plan,
        clearance=clearance,
        deadline=case.deadline,
        remarks=remarks,
        person=case.question.person.id,
        question_id=case.question.id,
        signals=signals,
    )
