"""The home tab: what can be asked about, what was asked last, how the person wants it, and the state of the service.

The state is for administrators. Times are shown in the office's time zone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bots.slack import controls
from bots.slack.blocks import Block, actions, button, confirm, context, divider, header, mrkdwn, option, packed, section
from bots.slack.escaping import escape, fitted, one_line
from core.conversation import Outcome
from core.texts import translate

SPACES, QUESTIONS, HEALTH = 60, 20, 30
"""Lines of each list that are shown; of spaces, how many more there are is said."""
NAME, QUESTION, DETAIL = 100, 200, 300
"""Characters of a name, question or detail that are shown."""
LANGUAGES = ("auto", "vi", "en")
CONSENTS = "consents"
"""The value of the ticked box."""

MARKS = {
    Outcome.ANSWERED: "✓",
    Outcome.NOT_FOUND: "?",
    Outcome.DENIED: "✗",
    Outcome.FAILED: "✗",
    None: "…",
}
"""What stands before a question: how it ended."""


@dataclass(frozen=True, slots=True)
class SpaceLine:
    """A space that the person may read; `indexed_at` is when its newest document came in."""

    name: str
    documents: int
    indexed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A question of the person's; `outcome` is None while it is open."""

    text: str
    asked_at: datetime
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One part of the service and whether it works."""

    label: str
    is_ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AdminFigures:
    """The state of the service, as counted today. `oldest_seconds` is None when nobody waits."""

    waiting: int
    oldest_seconds: float | None
    questions: int
    answered: int
    not_found: int
    failed: int
    up: int
    down: int
    cost_usd: float
    health: Sequence[HealthLine] = ()


@dataclass(frozen=True, slots=True)
class HomeState:
    """What a person's home tab shows. `preference` is one of `LANGUAGES`; `figures` are for administrators only."""

    language: str
    timezone: str
    spaces: Sequence[SpaceLine] = ()
    questions: Sequence[AskedLine] = ()
    preference: str = "auto"
    consents: bool = True
    is_admin: bool = False
    figures: AdminFigures | None = None


def home(state: HomeState) -> Block:
    """The view of the tab. Raises ZoneInfoNotFoundError for a time zone that is none."""
    blocks = [*_admin(state), *_spaces(state), divider(), *_questions(state), divider(), *_wishes(state)]
    return {"type": "home", "blocks": blocks}


def _say(state: HomeState, name: str, **facts: object) -> str:
    return escape(translate(state.language, f"slack.home_{name}", **facts))


def _short(text: str, limit: int) -> str:
    return fitted(one_line(text, limit), limit)


def _title(state: HomeState, name: str) -> Block:
    return header(translate(state.language, f"slack.home_{name}"))


def _date(state: HomeState, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(state.timezone)).strftime("%d/%m/%Y %H:%M")


def _spaces(state: HomeState) -> Iterator[Block]:
    yield _title(state, "spaces")
    if not state.spaces:
        yield section(_say(state, "no_spaces"))
        return
    lines = [_space(state, space) for space in state.spaces[:SPACES]]
    if len(state.spaces) > SPACES:
        lines.append(_say(state, "more", count=len(state.spaces) - SPACES))
    yield from packed(lines)


def _space(state: HomeState, space: SpaceLine) -> str:
    told = _say(state, "documents", count=space.documents)
    when = _say(state, "indexed", when=_date(state, space.indexed_at)) if space.indexed_at else ""
    return " · ".join(part for part in (f"*{_short(space.name, NAME)}*", told, when) if part)


def _questions(state: HomeState) -> Iterator[Block]:
    yield _title(state, "questions")
    if not state.questions:
        yield section(_say(state, "no_questions"))
    for asked in state.questions[:QUESTIONS]:
        text = _short(asked.text, QUESTION)
        yield context(mrkdwn(f"{MARKS[asked.outcome]}  {text} · {_date(state, asked.asked_at)}"))


def _wishes(state: HomeState) -> Iterator[Block]:
    yield _title(state, "wishes")
    choices = {name: option(translate(state.language, f"slack.home_language_{name}"), name) for name in LANGUAGES}
    chosen = choices.get(state.preference, choices["auto"])
    menu = {
        "type": "static_select",
        "action_id": controls.LANGUAGE,
        "options": list(choices.values()),
        "initial_option": chosen,
    }
    yield section(_say(state, "language"), menu)
    yield actions(_consent(state))
    yield section(_say(state, "forget_text"), _forget(state))


def _consent(state: HomeState) -> Block:
    box = option(translate(state.language, "slack.home_consent"), CONSENTS)
    ticked = {"initial_options": [box]} if state.consents else {}
    return {"type": "checkboxes", "action_id": controls.CONSENT, "options": [box], **ticked}


def _forget(state: HomeState) -> Block:
    say = translate
    ask = confirm(
        say(state.language, "slack.forget_title"),
        say(state.language, "slack.forget_text"),
        say(state.language, "slack.forget_submit"),
        say(state.language, "slack.cancel"),
        is_dangerous=True,
    )
    forget = button(controls.FORGET, say(state.language, "slack.home_forget"), "forget", style="danger")
    return {**forget, "confirm": ask}


def _admin(state: HomeState) -> Iterator[Block]:
    figures = state.figures
    if not state.is_admin or figures is None:
        return
    yield _title(state, "admin")
    yield section("\n".join(_counts(state, figures)))
    yield from packed([_health(line) for line in figures.health[:HEALTH]])
    yield divider()


def _counts(state: HomeState, figures: AdminFigures) -> Iterator[str]:
    if figures.oldest_seconds is None:
        yield _say(state, "queue_empty")
    else:
        yield _say(state, "queue", count=figures.waiting, seconds=f"{figures.oldest_seconds:.0f}")
    yield _say(
        state,
        "today",
        questions=figures.questions,
        answered=figures.answered,
        not_found=figures.not_found,
        failed=figures.failed,
    )
    yield _say(state, "votes", up=figures.up, down=figures.down)
    cost = f"{figures.cost_usd:.2f}"
    yield _say(state, "cost", cost=cost.replace(".", ",") if state.language == "vi" else cost)


def _health(line: HealthLine) -> str:
    detail = f" · {_short(line.detail, DETAIL)}" if line.detail.strip() else ""
    return f"{'✓' if line.is_ok else '✗'}  *{_short(line.label, NAME)}*{detail}"


def read_consent(action: dict[str, object]) -> bool:
    """Whether the box is ticked, of a click on it."""
    return bool(action.get("selected_options"))
