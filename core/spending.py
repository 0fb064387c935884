"""What models have cost, by day, route or space, and what the office's own model has saved: an estimate."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from core.conversation import Route
from core.metering import Standing

NOWHERE = "-"
"""The space of what was asked without an answer, or answered without a passage."""


class By(StrEnum):
    """What the lines of a report stand for."""

    DAY = "day"
    ROUTE = "route"
    SPACE = "space"


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a model, as the journal has it."""

    at: datetime
    route: Route
    question_id: str | None
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Payment:
    """One reservation. `micros` is what it has cost, or all that it may cost while that is not known."""

    at: datetime
    question_id: str | None
    state: Standing
    micros: int


@dataclass(frozen=True, slots=True)
class Answered:
    """How a question was answered last: by which route, and from which space first (None: from none)."""

    route: Route
    space: str | None


@dataclass(frozen=True, slots=True)
class Books:
    """Everything of a period."""

    calls: tuple[Call, ...]
    payments: tuple[Payment, ...]
    answers: Mapping[str, Answered]

    def served_locally(self, call: Call) -> bool:
        """Whether the call's text is what the person got: it saved a call outside."""
        answer = self.answers.get(call.question_id or "")
        return call.route is Route.LOCAL and answer is not None and answer.route is Route.LOCAL


@dataclass(frozen=True, slots=True)
class Rate:
    """Micro-dollars a token. `is_paid`: what was really paid on the mean; else the limit that the settings allow."""

    prompt: float
    completion: float
    is_paid: bool

    def of(self, call: Call) -> float:
        return call.prompt_tokens * self.prompt + call.completion_tokens * self.completion


@dataclass(slots=True)
class Line:
    """One line of a report; money in micro-dollars, `saved` being an estimate.

    `open` is counted for calls whose cost is not known: the most that they may cost. Tokens are those of all routes.
    """

    key: str
    local_answers: int = 0
    cloud_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    spent: int = 0
    open: int = 0
    saved: float = 0.0


def rate_of(books: Books, limit: tuple[float, float]) -> Rate:
    """The mean price paid for a token in the period; where nothing was paid, `limit` for prompt and completion."""
    paid = sum(payment.micros for payment in books.payments if payment.state is Standing.SETTLED)
    tokens = sum(call.prompt_tokens + call.completion_tokens for call in books.calls if call.route is Route.API)
    if paid and tokens:
        return Rate(paid / tokens, paid / tokens, is_paid=True)
    return Rate(*limit, is_paid=False)


def report(books: Books, by: By, zone: tzinfo, rate: Rate) -> list[Line]:
    """The lines in the order of their keys."""
    lines: dict[str, Line] = {}
    entries: tuple[Call | Payment, ...] = (*books.calls, *books.payments)
    for entry in entries:
        key = _key(entry, books, by, zone)
        _add(lines.setdefault(key, Line(key)), entry, books, rate)
    return [lines[key] for key in sorted(lines)]


def total(lines: Iterable[Line]) -> Line:
    whole = Line("")
    for line in lines:
        for name in _SUMMED:
            setattr(whole, name, getattr(whole, name) + getattr(line, name))
    return whole


_SUMMED = tuple(name for name in Line.__slots__ if name != "key")


def _key(entry: Call | Payment, books: Books, by: By, zone: tzinfo) -> str:
    if by is By.DAY:
        return entry.at.astimezone(zone).date().isoformat()
    if by is By.ROUTE:
        return entry.route if isinstance(entry, Call) else Route.API
    answer = books.answers.get(entry.question_id or "")
    return (answer and answer.space) or NOWHERE


def _add(line: Line, entry: Call | Payment, books: Books, rate: Rate) -> None:
    if isinstance(entry, Payment):
        line.cloud_calls += 1
        if entry.state is Standing.SETTLED:
            line.spent += entry.micros
        else:
            line.open += entry.micros
        return
    line.prompt_tokens += entry.prompt_tokens
    line.completion_tokens += entry.completion_tokens
    if books.served_locally(entry):
        line.local_answers += 1
        line.saved += rate.of(entry)


def in_doubt(payments: Iterable[Payment]) -> Iterator[Payment]:
    """Those whose cost is not known, or not yet."""
    return (payment for payment in payments if payment.state is not Standing.SETTLED)
