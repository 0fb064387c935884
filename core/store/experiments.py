"""Experiments as rows: what each arm's people asked and got, and what another model would have said."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, Text, and_, cast, func, insert, select

from core.comparing import Entry, Pair
from core.conversation import Outcome, Route, is_asked, takes_votes
from core.experiments import Arm
from core.money import as_usd
from core.routing import Strategy
from core.store import tables
from core.store.budget import CHARGE, COUNTED
from core.store.database import Database
from core.store.exclusive import exclusive

question, answer, feedback = tables.question, tables.answer, tables.feedback
shadow, reservation = tables.shadow_answer, tables.reservation

NOTHING = "[]"
"""A prompt that was emptied, as it is stored."""
TALK = and_(answer.c.outcome == Outcome.ANSWERED, answer.c.route == Route.NONE)
"""Sentences of ours, such as a greeting: no arm has a part in them."""


@dataclass(frozen=True, slots=True)
class ShadowAnswer:
    """What the other route's model would have said in the place of an answer. Nobody is shown it.

    `outcome` is what people would have got, `verdict` the check's word. `arm` is that of the answer.
    """

    id: str
    answer_id: str
    arm: str
    route: Route
    model: str
    text: str
    outcome: Outcome
    verdict: str
    prompt: tuple[Mapping[str, str], ...]
    cost_usd: float | None
    first_token_ms: float | None
    total_ms: float
    created_at: datetime


@dataclass(frozen=True)
class ExperimentBook:
    """The experiments of a database. Every method raises StoreError."""

    database: Database

    async def newest(self) -> str | None:
        """The name of the experiment that the newest answer with an arm belongs to."""
        statement = select(answer.c.arm).where(answer.c.arm.is_not(None)).order_by(answer.c.created_at.desc()).limit(1)
        async with self.database.reading() as connection:
            arm = Arm.read(await connection.scalar(statement) or "")
        return arm.experiment if arm else None

    async def entries(self, experiment: str) -> list[Entry]:
        """Every question that took part, by its last answer; small talk and what was denied are no part of it."""
        arms = _arms(experiment)
        async with self.database.reading() as connection:
            rows = (await connection.execute(_entries(experiment))).mappings()
            return [_entry(row, arms[row["arm"]]) for row in rows]

    async def pairs(self, experiment: str) -> list[Pair]:
        """The questions that both routes have answered."""
        columns = (shadow.c.created_at, shadow.c.route, shadow.c.outcome, shadow.c.cost_usd, answer.c.outcome)
        statement = select(*columns).join_from(shadow, answer).where(shadow.c.arm.in_(_arms(experiment)))
        async with self.database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return [_pair(*row) for row in rows]

    async def keep(self, made: ShadowAnswer) -> bool:
        """Keep it beside its answer; False where that is gone, or its prompt has been taken out.

        No forgetting of a person and no purge overlaps: they would not see it.
        """
        still_there = select(answer.c.id).where(answer.c.id == made.answer_id, cast(answer.c.prompt, Text) != NOTHING)
        row = asdict(made) | {"prompt": [dict(message) for message in made.prompt]}
        async with exclusive(self.database) as connection:
            if await connection.scalar(still_there) is None:
                return False
            await connection.execute(insert(shadow), row)
            return True


def _arms(experiment: str) -> dict[str, Arm]:
    """The arms that an experiment can have, by how they are kept."""
    return {str(arm): arm for arm in (Arm(experiment, strategy) for strategy in Strategy)}


def _entries(experiment: str) -> Select[*tuple[Any, ...]]:
    order = (answer.c.created_at.desc(), answer.c.id.desc())
    age = func.row_number().over(partition_by=answer.c.question_id, order_by=order).label("age")
    last = select(answer.c.id, age).subquery()
    paid = (
        select(reservation.c.question_id, func.sum(CHARGE).label("micros"))
        .where(COUNTED)
        .group_by(reservation.c.question_id)
        .subquery()
    )
    of_answer = ("id", "query", "arm", "outcome", "route", "timings", "created_at")
    columns = (answer.c[name] for name in of_answer)
    asker = and_(feedback.c.answer_id == answer.c.id, feedback.c.person == question.c.person)
    return (
        select(*columns, question.c.person, feedback.c.vote, feedback.c.voted_at, paid.c.micros)
        .join_from(answer, last, and_(last.c.id == answer.c.id, last.c.age == 1))
        .join(question, question.c.id == answer.c.question_id)
        .outerjoin(feedback, asker)
        .outerjoin(paid, paid.c.question_id == question.c.id)
        .where(answer.c.arm.in_(_arms(experiment)), answer.c.outcome != Outcome.DENIED, ~TALK)
    )


def _entry(row: RowMapping, arm: Arm) -> Entry:
    timings: Mapping[str, float] = row["timings"]
    return Entry(
        arm=arm,
        person=row["person"],
        at=row["created_at"],
        outcome=Outcome(row["outcome"]),
        route=Route(row["route"]),
        first_token_ms=first_token_of(timings),
        total_ms=timings.get("total"),
        usd=as_usd(int(row["micros"] or 0)),
        vote=row["vote"] or 0,
        voted_at=row["voted_at"],
        is_asked=is_asked(row["id"]) and takes_votes(row["outcome"], row["route"], row["query"]),
    )


def first_token_of(timings: Mapping[str, float]) -> float | None:
    """From when the question was taken up to the first token, in milliseconds; None where no model was asked.

    The answer's `first_token` counts from the call of the model, which is the last stage.
    """
    if "write" not in timings or "first_token" not in timings:
        return None
    return timings.get("total", 0.0) - timings["write"] + timings["first_token"]


def _pair(at: datetime, route: str, outcome: str, usd: float | None, served: str) -> Pair:
    other, own = outcome == Outcome.ANSWERED, served == Outcome.ANSWERED
    local, api = (own, other) if route == Route.API else (other, own)
    return Pair(at, local, api, usd or 0.0)
