"""Counts for people: how a day went, what waits, what the handbook holds."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.conversation import Outcome, Route
from core.intake import OPEN, State
from core.store import tables
from core.store.database import Database

inbox, answer, feedback, model_call = tables.inbox, tables.answer, tables.feedback, tables.model_call
space, document = tables.space, tables.document


@dataclass(frozen=True, slots=True)
class Today:
    """What came in since a moment, and what became of it so far; what was withdrawn is not counted.

    `failed` includes what was refused or came too late. `up` and `down` are the votes given since, on any answer.
    `by_route` counts answers by the name of their route.
    """

    questions: int
    answered: int
    not_found: int
    denied: int
    failed: int
    up: int
    down: int
    cost_usd: float
    by_route: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Queue:
    """How many questions have not ended, and when the oldest of them came."""

    open: int
    oldest_accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class SpaceState:
    """A space with the count of its indexed documents, and when the last one was indexed."""

    name: str
    documents: int
    last_indexed: datetime | None


@dataclass(frozen=True)
class Figures:
    """The counts of a database, as of now. Every method raises StoreError."""

    database: Database

    async def today(self, since: datetime) -> Today:
        """What has happened since."""
        outcomes, routes = await self._outcomes(since)
        votes = await self._votes(since)
        return Today(
            questions=outcomes.total(),
            answered=outcomes[Outcome.ANSWERED],
            not_found=outcomes[Outcome.NOT_FOUND],
            denied=outcomes[Outcome.DENIED],
            failed=outcomes[Outcome.FAILED],
            up=votes.get(1, 0),
            down=votes.get(-1, 0),
            cost_usd=await self._cost(since),
            by_route=routes,
        )

    async def queue(self, surfaces: Collection[str] | None = None) -> Queue:
        """What waits on these surfaces, or on all."""
        statement = select(func.count(), func.min(inbox.c.accepted_at)).where(inbox.c.state.in_(OPEN))
        if surfaces is not None:
            statement = statement.where(inbox.c.surface.in_(surfaces))
        async with self.database.reading() as connection:
            return Queue(*(await connection.execute(statement)).one())

    async def votes(self, since: datetime, until: datetime) -> Mapping[int, int]:
        """How many votes of each kind (1, -1, 0) were given after `since`, up to `until`; by the last word of each."""
        given_at = func.coalesce(feedback.c.voted_at, feedback.c.updated_at)
        statement = select(feedback.c.vote, func.count().label("times")).group_by(feedback.c.vote)
        statement = statement.where(feedback.c.updated_at > since, given_at > since, given_at <= until)
        async with self.database.reading() as connection:
            return {row.vote: row.times for row in await connection.execute(statement)}

    async def open_questions(self) -> int:
        """How many questions wait or are being answered."""
        return (await self.queue()).open

    async def spaces(self) -> list[SpaceState]:
        """Every space by name, empty ones too."""
        statement = (
            select(space.c.name, func.count(document.c.indexed_at), func.max(document.c.indexed_at))
            .join_from(space, document, isouter=True)
            .group_by(space.c.name)
            .order_by(space.c.name)
        )
        async with self.database.reading() as connection:
            return [SpaceState(*row) for row in await connection.execute(statement)]

    async def documents_in(self, spaces: Collection[str]) -> int:
        """How many documents of these spaces are indexed."""
        statement = select(func.count(document.c.indexed_at)).where(document.c.space.in_(spaces))
        async with self.database.reading() as connection:
            return await connection.scalar(statement) or 0

    async def _outcomes(self, since: datetime) -> tuple[Counter[str | None], Counter[str]]:
        """The questions by outcome, and the answers by route. What has none yet has the outcome None."""
        state = func.coalesce(inbox.c.ending, inbox.c.state)
        statement = (
            select(state.label("state"), answer.c.outcome, answer.c.route, func.count().label("count"))
            .join_from(inbox, answer, isouter=True)
            .where(inbox.c.accepted_at >= since, state != State.CANCELLED)
            .group_by(state, answer.c.outcome, answer.c.route)
        )
        outcomes: Counter[str | None] = Counter()
        routes: Counter[str] = Counter()
        async with self.database.reading() as connection:
            for row in (await connection.execute(statement)).mappings():
                failed = Outcome.FAILED if row["state"] == State.FAILED else None
                outcomes[row["outcome"] or failed] += row["count"]
                if row["route"] is not None:
                    routes[row["route"]] += row["count"]
        return outcomes, routes

    async def _votes(self, since: datetime) -> dict[int, int]:
        given_at = func.coalesce(feedback.c.voted_at, feedback.c.updated_at)
        statement = select(feedback.c.vote, func.count().label("times")).group_by(feedback.c.vote)
        statement = statement.where(feedback.c.updated_at >= since, given_at >= since)
        async with self.database.reading() as connection:
            found = await connection.execute(statement)
            return {row.vote: row.times for row in found}

    async def _cost(self, since: datetime) -> float:
        """US dollars for calls of models since, failed ones too; the routes are named for the index's sake."""
        statement = select(func.sum(model_call.c.cost_usd))
        statement = statement.where(model_call.c.route.in_(tuple(Route)), model_call.c.started_at >= since)
        async with self.database.reading() as connection:
            return await connection.scalar(statement) or 0.0
