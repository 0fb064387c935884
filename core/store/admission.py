"""Who is let in, the codes that let in and link, and how often a wrong one may be tried, as rows."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, func, insert, literal, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store import tables
from core.store.database import Database
from core.store.exclusive import exclusive
from core.store.merging import move_rows
from core.store.upsert import upsert

admission, code, wrong, link = tables.admission, tables.admission_code, tables.wrong_code, tables.person_link

WRONG_TRIES = 10
A_WHILE = timedelta(hours=1)
"""After so many wrong codes within that time a subject is refused for as long."""
HOME = "slack:"
"""Where one of a person's ids begins so, it is the person's own: the platform that vouches for its people."""


class CodeKind(StrEnum):
    """What a code is good for."""

    INVITATION = "invitation"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A person or a chat that may ask: let in by whom, None where that is not known any more, and when."""

    subject: str
    by: str | None
    at: datetime


@dataclass(frozen=True)
class AdmissionRepository:
    """Admissions and links of a database. A link lets its alias in for as long as it stands."""

    database: Database

    async def admit(self, subject: str, by: str, now: datetime) -> None:
        async with self.database.writing() as connection:
            await _admit(connection, subject, by, now)

    async def expel(self, subject: str) -> None:
        async with self.database.writing() as connection:
            await connection.execute(delete(admission).where(admission.c.subject == subject))
            await connection.execute(delete(link).where(link.c.alias == subject))

    async def is_admitted(self, subject: str) -> bool:
        async with self.database.reading() as connection:
            return await _is_in(connection, subject)

    async def admitted(self, prefix: str) -> list[Admitted]:
        """Those whose id begins so, by id; who was let in twice, as first let in by hand or by an invitation."""
        by_hand = select(admission.c.subject, admission.c.admitted_by, admission.c.admitted_at, literal(0).label("way"))
        by_link = select(link.c.alias, link.c.person, link.c.linked_at, literal(1))
        rows = union_all(
            by_hand.where(_begins(admission.c.subject, prefix)), by_link.where(_begins(link.c.alias, prefix))
        )
        async with self.database.reading() as connection:
            found = (await connection.execute(rows)).all()
        ways = sorted(found, key=lambda row: (row.subject, -row.way))
        return list({row.subject: Admitted(row.subject, row.admitted_by, row.admitted_at) for row in ways}.values())

    async def issue(self, kind: CodeKind, digest: str, by: str, now: datetime, lasts: timedelta) -> None:
        """A new code; those that have ended are swept out."""
        row = {"digest": digest, "kind": kind, "issued_by": by, "ends_at": now + lasts}
        async with self.database.writing() as connection:
            await connection.execute(delete(code).where(code.c.ends_at <= now))
            await connection.execute(insert(code).values(row))

    async def kind(self, digest: str) -> CodeKind | None:
        """What the code is good for, by whoever; None for one that is not known. No try is counted."""
        async with self.database.reading() as connection:
            found = await connection.scalar(select(code.c.kind).where(code.c.digest == digest))
            return None if found is None else CodeKind(found)

    async def redeem(self, digest: str, subject: str, now: datetime) -> bool:
        """Lets the subject in. The same code once more by the same subject is no wrong try, and changes nothing."""
        async with exclusive(self.database) as connection:
            found = await _tried(connection, CodeKind.INVITATION, digest, subject, now)
            if found is None:
                return False
            if found.used_by is None:
                await _use(connection, digest, subject)
                await _admit(connection, subject, await _canonical(connection, found.issued_by), now)
            return await _is_in(connection, subject)

    async def link(self, digest: str, typed_by: str, now: datetime) -> str | None:
        """The person that both ids are from now on; None where the code does not fit, or both are of one platform."""
        async with exclusive(self.database) as connection:
            found = await _tried(connection, CodeKind.LINK, digest, typed_by, now)
            if found is None or platform(found.issued_by) == platform(typed_by):
                return None
            chosen, alias = sides(found.issued_by, typed_by)
            person = await _canonical(connection, chosen)
            if found.used_by is not None:
                return person if await _canonical(connection, alias) == person else None
            await _use(connection, digest, typed_by)
            if person != alias:
                await _link(connection, alias, person, now)
            return person

    async def unlink(self, alias: str) -> bool:
        async with self.database.writing() as connection:
            return bool((await connection.execute(delete(link).where(link.c.alias == alias))).rowcount)

    async def canonical(self, alias: str) -> str:
        async with self.database.reading() as connection:
            return await _canonical(connection, alias)

    async def aliases(self, person: str) -> list[str]:
        async with self.database.reading() as connection:
            found = await connection.scalars(select(link.c.alias).where(link.c.person == person))
            return sorted(found)

    async def links(self) -> Mapping[str, str]:
        async with self.database.reading() as connection:
            return {row.alias: row.person for row in await connection.execute(select(link.c.alias, link.c.person))}


@dataclass(frozen=True, slots=True)
class _Code:
    """A code that fits; `used_by` who tried it, where they have used it already."""

    issued_by: str
    used_by: str | None


async def _tried(connection: AsyncConnection, kind: CodeKind, digest: str, subject: str, now: datetime) -> _Code | None:
    """The code, where the subject may use it; else the try is counted. Either way the same is looked up."""
    is_held_off = await _is_held_off(connection, subject, now)
    fits = (code.c.digest == digest) & (code.c.kind == kind) & (code.c.ends_at > now)
    columns = (code.c.issued_by, code.c.used_by)
    mine = or_(code.c.used_by.is_(None), code.c.used_by == subject)
    row = (await connection.execute(select(*columns).where(fits, mine))).first()
    if is_held_off:
        return None
    if row is None:
        await connection.execute(delete(wrong).where(wrong.c.tried_at <= now - 2 * A_WHILE))
        await connection.execute(insert(wrong).values(id=uuid.uuid4().hex, subject=subject, tried_at=now))
        return None
    return _Code(*row)


async def _is_held_off(connection: AsyncConnection, subject: str, now: datetime) -> bool:
    """Whether the last ten wrong tries came within an hour, and the last of them less than an hour ago."""
    newest = select(wrong.c.tried_at).where(wrong.c.subject == subject).order_by(wrong.c.tried_at.desc())
    tries = (await connection.scalars(newest.limit(WRONG_TRIES))).all()
    return len(tries) == WRONG_TRIES and tries[0] - tries[-1] <= A_WHILE and now - tries[0] < A_WHILE


async def _use(connection: AsyncConnection, digest: str, subject: str) -> None:
    await connection.execute(update(code).where(code.c.digest == digest).values(used_by=subject))


async def _admit(connection: AsyncConnection, subject: str, by: str, now: datetime) -> None:
    await upsert(connection, admission, {"subject": subject, "admitted_by": by, "admitted_at": now})


async def _is_in(connection: AsyncConnection, subject: str) -> bool:
    by_hand = select(admission.c.subject).where(admission.c.subject == subject)
    by_link = select(link.c.alias).where(link.c.alias == subject)
    return (await connection.execute(union_all(by_hand, by_link))).first() is not None


async def _link(connection: AsyncConnection, alias: str, person: str, now: datetime) -> None:
    """The alias is the person, and so is whoever was the alias; what was written under it is theirs."""
    row = {"alias": alias, "person": person, "linked_at": now}
    await upsert(connection, link, row, changing=("person", "linked_at"))
    await connection.execute(update(link).where(link.c.person == alias).values(person=person))
    await move_rows(connection, alias, person)


async def _canonical(connection: AsyncConnection, alias: str) -> str:
    return await connection.scalar(select(link.c.person).where(link.c.alias == alias)) or alias


def sides(issuer: str, typed_by: str) -> tuple[str, str]:
    """The person's own id and its alias: the own is the one on Slack, else that of who issued the code."""
    is_at_home = typed_by.startswith(HOME) and not issuer.startswith(HOME)
    return (typed_by, issuer) if is_at_home else (issuer, typed_by)


def platform(person: str) -> str:
    """Empty for an id without a platform, such as those of the terminal."""
    return person.partition(":")[0] if ":" in person else ""


def _begins(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """As written: LIKE would take capitals and small letters for the same on one of the databases."""
    return func.substr(column, 1, len(prefix)) == prefix
