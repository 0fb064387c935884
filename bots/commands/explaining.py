"""`sotay route "question"`: what becomes of a question, step by step, without asking any model that writes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from rich.table import Table
from rich.text import Text

from bots.bootstrap import Handbook, budget_of, open_handbook, openrouter_of
from bots.choosing import policy_of, router_of, sorter_of
from bots.commands.ask import person_of
from bots.commands.running import Session
from core.access import searchable
from core.conversation import Person, Place, Route
from core.kinds import Sorted
from core.output import visible
from core.ports import SearchResult
from core.privacy import Clearance, PrivacyGate
from core.routing import Plan
from core.signals import signals_of
from core.texts import translate

HERE = Place("console")


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything that decided. Where code answers, nothing was searched and nothing planned."""

    question: str
    kind: Sorted
    found: SearchResult | None = None
    clearance: Clearance | None = None
    plan: Plan | None = None


async def explain(session: Session, text: str, person: str | None, *, as_json: bool) -> int:
    """Prints the steps, as a table or as JSON."""
    async with open_handbook(session.settings) as handbook:
        explained = await decided(session, handbook, text, person_of(session, handbook, person))
    if as_json:
        session.out.print(json.dumps(record(explained), ensure_ascii=False, indent=2), markup=False, emoji=False)
    else:
        session.out.print(table(explained, session.language))
    return 0


async def decided(session: Session, handbook: Handbook, text: str, person: Person) -> Explained:
    """The steps of `core.pipeline` up to the model, for a question without a history."""
    policy = policy_of(session.settings, handbook.embedder)
    sorter = sorter_of(policy)
    if (kind := sorter.before_search(text)).is_answered:
        return Explained(text, kind)
    spaces = await handbook.spaces.all()
    allowed = searchable(person, HERE, spaces.values())
    found = await handbook.retriever.search(text, allowed, session.settings.search.passages)
    signals = signals_of(found, found.passages)
    if (kind := sorter.after_search(text, signals)).is_answered:
        return Explained(text, kind, found)
    clearance = PrivacyGate().clear([text], found.passages, spaces)
    available = openrouter_of(session.settings) is not None
    available = available and await budget_of(session.settings, handbook.database).has_room(person.id)
    router = router_of(session.settings, policy)
    plan = router.plan(text, clearance, api_available=available, signals=signals)
    return Explained(text, kind, found, clearance, plan)


def steps(explained: Explained) -> Mapping[str, str]:
    """What each step said, by the last part of its label in the catalogues, in the order of the decisions."""
    said = {"kind": f"{explained.kind.kind.value} ({explained.kind.reason})"}
    if found := explained.found:
        spaces = ", ".join(sorted({passage.space for passage in found.passages})) or "-"
        near = f"nearness {found.nearness:.3f}, coverage {found.coverage:.2f}"
        said["search"] = f"{len(found.passages)} passages ({spaces}), {near}"
    if (clearance := explained.clearance) and (plan := explained.plan):
        held = ", ".join(clearance.reasons)
        said["privacy"] = f"{clearance.reach.name.lower()}{f' ({held})' if held else ''}"
        said["complexity"] = plan.reasons[0]
        said["strategy"] = plan.strategy.value
        said["because"] = "; ".join(plan.reasons[1:]) or "-"
        again = ", poor answers again" if plan.escalate_poor else ""
        said["route"] = plan.first.value + (f", then {plan.fallback.value}{again}" if plan.fallback else "")
    said["leaves"] = leaving(explained)
    return said


def leaving(explained: Explained) -> str:
    """What would be sent out of the office."""
    plan, found = explained.plan, explained.found
    if plan is None or found is None or Route.API not in {plan.first, plan.fallback}:
        return "nothing"
    documents = ", ".join(dict.fromkeys(passage.document for passage in found.passages))
    when = (
        "" if plan.first is Route.API else " if the local answer fails" + (" or is poor" if plan.escalate_poor else "")
    )
    return f"the question and {len(found.passages)} passages of {documents}{when}"


def table(explained: Explained, language: str) -> Table:
    """Two columns: the step in the terminal's language, and the words of the log."""
    shown = Table(box=None, pad_edge=False, show_header=False)
    for step, said in steps(explained).items():
        shown.add_row(Text(translate(language, f"route.{step}"), style="bold"), Text(visible(said)))
    return shown


def record(explained: Explained) -> dict[str, object]:
    """The same for programs."""
    plan, found = explained.plan, explained.found
    return {
        "question": explained.question,
        "kind": explained.kind.kind.value,
        "kind_reason": explained.kind.reason,
        "nearness": found.nearness if found else None,
        "coverage": found.coverage if found else None,
        "documents": list(dict.fromkeys(passage.document for passage in found.passages)) if found else [],
        "clearance": explained.clearance.reach.name.lower() if explained.clearance else None,
        "held_by": list(explained.clearance.reasons) if explained.clearance else [],
        "plan": asdict(plan) if plan else None,
        "leaves": leaving(explained),
    }
