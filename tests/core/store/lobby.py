"""The two sides of an inbox over one database, on a clock that stands in the test's hands."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import RowMapping, delete, select, text

from core.conversation import Answer, Language, Outcome, Person, Place, Question, Route
from core.intake import Claim, InboxLimits, Incoming, Receipt, State
from core.store import tables
from core.store.claims import Claims
from core.store.database import Database, open_database
from core.store.intake import Intake
from core.store.journal import Journal
from tests.core.desk import QUESTION, incoming
from tests.core.store.databases import fresh_database, migrated_copy
from tests.manual_clock import ManualClock

TABLES = (
    tables.inbox,
    tables.inbox_message,
    tables.inbox_event,
    tables.inbox_post,
    tables.inbox_worker,
    tables.answer,
)
ENDS = (State.ANSWERED, State.FAILED, State.CANCELLED)

kept: list[str] = []  # the PostgreSQL database of these tests


@asynccontextmanager
async def empty_database(kind: str, folder: Path) -> AsyncIterator[Database]:
    """As `fresh_database`, but on PostgreSQL always the same one: to empty it is faster than to make one."""
    if kind == "sqlite":
        async with fresh_database(kind, folder) as database:
            yield database
        return
    if not kept:
        kept.append(await migrated_copy())
    async with open_database(kept[0]) as database:
        async with database.writing() as connection:
            for table in reversed(tables.metadata.sorted_tables):
                await connection.execute(delete(table))
        yield database


@dataclass
class Lobby:
    """Shorthand for what tests of the inbox's tables do all the time."""

    database: Database
    limits: InboxLimits = field(default_factory=lambda: InboxLimits(join_seconds=0.0))
    clock: ManualClock = field(default_factory=ManualClock)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def intake(self) -> Intake:
        return Intake(self.database, self.limits)

    def claims(
        self, worker: str = "w1", surfaces: Collection[str] = ("recorded",), started: datetime | None = None
    ) -> Claims:
        return Claims(self.database, self.limits, worker, surfaces, started or ManualClock().now())

    async def accept(self, message: Incoming) -> Receipt:
        return await self.intake.accept(message, self.now)

    async def ask(self, text: str | None = QUESTION, **changes: object) -> str:
        """The id of a question of its own."""
        question_id = (await self.accept(replace(incoming(text), **changes))).question_id  # type: ignore[arg-type]
        assert question_id is not None
        return question_id

    async def claim(self, worker: str = "w1", *, room: bool = True) -> Claim:
        claim = await self.claims(worker).claim(self.now, room=room)
        assert claim is not None
        return claim

    async def claim_new(self) -> Claim:
        """A new question in the hands of the worker `w1`."""
        await self.ask()
        return await self.claim()

    async def keep(self, claim: Claim, outcome: Outcome = Outcome.ANSWERED) -> Claim:
        """The claim with an answer, which is now in the journal."""
        answer = await self.an_answer(claim, outcome)
        return await self.claims(claim.worker).keep_answer(claim, answer)

    async def an_answer(self, claim: Claim, outcome: Outcome = Outcome.ANSWERED) -> Answer:
        """An answer that is not yet in the journal, to a question that is."""
        asked = Question(
            claim.question_id, claim.conversation, Person(claim.person), Place(claim.place), claim.text, claim.asked_at
        )
        await Journal(self.database).record_question(asked, claim.text)
        name = f"a-{claim.question_id}-{claim.revision}"
        return Answer(name, claim.question_id, "Mười bốn ngày.", outcome, Language.VIETNAMESE, claim.text, Route.LOCAL)

    async def bring_to(self, state: State, **changes: object) -> str:
        """A question that stands there; one that was worked on has a message `m1` of ours."""
        question_id = await self.ask(QUESTION, **changes)
        if state is State.NEW:
            return question_id
        claims, claim = self.claims(), await self.claim()
        await claims.posted(claim, 0, "m1")
        if state is State.ANSWERING:
            return question_id
        if state is State.CANCELLED:
            await self.intake.stop(question_id, claim.person, self.now)
            await claims.release(claim, counted=True)
            claim = await self.claim()
        else:
            claim = await self.keep(claim, Outcome.FAILED if state is State.FAILED else Outcome.ANSWERED)
        if state in ENDS:
            await claims.finish(claim, self.now)
        return question_id

    async def row(self, question_id: str) -> RowMapping:
        async with self.database.reading() as connection:
            found = await connection.execute(select(tables.inbox).where(tables.inbox.c.question_id == question_id))
            return found.mappings().one()

    async def posts(self, question_id: str) -> dict[int, str | None]:
        posts = tables.inbox_post
        async with self.database.reading() as connection:
            rows = await connection.execute(select(posts).where(posts.c.question_id == question_id))
            return {row.part: row.message_id for row in rows}

    async def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything that the inbox has written."""
        async with self.database.reading() as connection:
            rows = {table.name: await connection.execute(select(table)) for table in TABLES}
            return {name: sorted((tuple(row) for row in found), key=repr) for name, found in rows.items()}


async def fill(database: Database) -> None:
    """The SQLite file may not grow by a page any more."""
    async with database.writing() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))
