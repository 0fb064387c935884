"""What becomes of a question, step by step, without asking any model that writes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bots.bootstrap import Handbook, budget_of
from bots.choosing import policy_of, router_of, sorter_of
from bots.settings import Settings
from core.access import searchable
from core.conversation import Person, Place, Route
from core.kinds import Sorted
from core.ports import SearchResult
from core.privacy import Clearance, PrivacyGate
from core.routing import Plan
from core.signals import signals_of

HERE = Place("console")


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything that decided. Where code answers, nothing was searched and nothing planned."""

    question: str
    kind: Sorted
    found: SearchResult | None = None
    clearance: Clearance | None = None
    plan: Plan | None = None


async def decided(settings: Settings, handbook: Handbook, text: str, person: Person, *, has_remote: bool) -> Explained:
    """The steps of `core.pipeline` up to the model, for a question without a history.

    `has_remote`: there is a model outside the office.
    """
    policy = policy_of(settings, handbook.embedder)
    sorter = sorter_of(policy)
    if (kind := sorter.before_search(text)).is_answered:
        return Explained(text, kind)
    spaces = await handbook.spaces.all()
    allowed = searchable(person, HERE, spaces.values())
    found = await handbook.retriever.search(text, allowed, settings.search.passages)
    signals = signals_of(found, found.passages)
    if (kind := sorter.after_search(text, signals)).is_answered:
        return Explained(text, kind, found)
    clearance = PrivacyGate().clear([text], found.passages, spaces)
    available = has_remote and await budget_of(settings, handbook.database).has_room(person.id)
    plan = router_of(settings, policy).plan(text, clearance, api_available=available, signals=signals)
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
