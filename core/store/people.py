"""What is kept of a person by name: what they prefer, and what they asked."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update

from core.store import tables
from core.store.database import Database
from core.store.upsert import upsert

preference, question, answer = tables.person_preference, tables.question, tables.answer


@dataclass(frozen=True, slots=True)
class Preference:
    """What a person has chosen. `language` None: that of each question. `training`: their votes may be learnt from.

    `told`: they know that their votes are kept.
    """

    language: str | None = None
    training: bool = True
    told: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the past with the outcome of its newest answer, None where there is none."""

    question_id: str
    text: str
    asked_at: datetime
    outcome: str | None


@dataclass(frozen=True)
class PeopleRepository:
    """The people of a database."""

    database: Database

    async def preference(self, person: str) -> Preference:
        columns = (preference.c.language, preference.c.training, preference.c.told_at.is_not(None))
        async with self.database.reading() as connection:
            row = (await connection.execute(select(*columns).where(preference.c.person == person))).first()
            return Preference(row[0], row[1], bool(row[2])) if row else Preference()

    async def choose(self, person: str, field: str, value: str | bool | None) -> None:
        """Set one column of the person's preferences."""
        row = {"person": person, "updated_at": datetime.now(UTC), field: value}
        async with self.database.writing() as connection:
            await upsert(connection, preference, row, changing=(field, "updated_at"))

    async def tell(self, person: str) -> bool:
        """Note that the person has been told; False when they had been."""
        now = datetime.now(UTC)
        untold = (preference.c.person == person) & preference.c.told_at.is_(None)
        async with self.database.writing() as connection:
            await upsert(connection, preference, {"person": person, "updated_at": now})
            done = await connection.execute(update(preference).where(untold).values(told_at=now, updated_at=now))
            return done.rowcount == 1

    async def recent_questions(self, person: str, limit: int) -> list[Asked]:
        newest = (
            select(answer.c.outcome)
            .where(answer.c.question_id == question.c.id)
            .order_by(answer.c.created_at.desc(), answer.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        statement = (
            select(question.c.id, question.c.text, question.c.asked_at, newest)
            .where(question.c.person == person, question.c.text != "")
            .order_by(question.c.asked_at.desc(), question.c.id.desc())
            .limit(limit)
        )
        async with self.database.reading() as connection:
            return [Asked(*row) for row in await connection.execute(statement)]
