"""What a surface must know of its conversations: which are quiet, which are ours, and whose answer a message holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.conversation import takes_votes
from core.intake import State
from core.store import tables
from core.store.database import Database
from core.store.upsert import upsert

inbox, inbox_message, inbox_post = tables.inbox, tables.inbox_message, tables.inbox_post
mute, answer = tables.thread_mute, tables.answer

LOOKED_THROUGH = 2000  # of the newest questions, to find the conversations that are still going on
CONVERSATIONS = 200  # that are returned of those


@dataclass(frozen=True, slots=True)
class OurMessage:
    """A question with the messages of ours that answer it.

    `person` is the asker and `text` what they wrote. `answer_id` and `language` are those of the answer that is shown
    now: None while there is none or it is being made anew; `takes_votes`, whether that answer can be voted on.
    `message_ids` are in the order of the parts.
    """

    question_id: str
    surface: str
    conversation: str
    place: str
    person: str
    text: str
    answer_id: str | None
    language: str | None
    message_ids: tuple[str, ...]
    takes_votes: bool


@dataclass(frozen=True)
class ThreadBook:
    """The conversations of a database. Every method raises StoreError."""

    database: Database

    async def mute(self, conversation: str, person: str, now: datetime) -> None:
        """We only speak there when we are named. Who mutes what is quiet already changes nothing."""
        row = {"conversation": conversation, "person": person, "muted_at": now}
        async with self.database.writing() as connection:
            await upsert(connection, mute, row)

    async def unmute(self, conversation: str) -> None:
        async with self.database.writing() as connection:
            await connection.execute(delete(mute).where(mute.c.conversation == conversation))

    async def is_muted(self, conversation: str) -> bool:
        return await self._is_so(exists().where(mute.c.conversation == conversation))

    async def has_answered(self, conversation: str) -> bool:
        """Whether something of ours stands there: a message, or an answer that was shown."""
        posted = exists().where(inbox_post.c.question_id == inbox.c.question_id, inbox_post.c.message_id.is_not(None))
        ours = (inbox.c.state == State.ANSWERED) | posted.correlate(inbox)
        return await self._is_so(exists().where(inbox.c.conversation == conversation, ours))

    async def questions(self, conversation: str) -> frozenset[str]:
        """The keys of the messages there that were questions to us."""
        statement = select(inbox_message.c.key).join_from(inbox_message, inbox)
        async with self.database.reading() as connection:
            return frozenset(await connection.scalars(statement.where(inbox.c.conversation == conversation)))

    async def conversation_of(self, surface: str, message_id: str) -> str | None:
        """The conversation that a message of ours stands in; None for a message that is not ours."""
        posted = (inbox.c.surface == surface) & (inbox_post.c.message_id == message_id)
        statement = select(inbox.c.conversation).join_from(inbox_post, inbox).where(posted)
        async with self.database.reading() as connection:
            return await connection.scalar(statement.order_by(inbox.c.number.desc()).limit(1))

    async def conversation_with(self, key: str) -> str | None:
        """The conversation that the question with this key was asked in; None where it is not known."""
        statement = select(inbox.c.conversation).join_from(inbox_message, inbox).where(inbox_message.c.key == key)
        async with self.database.reading() as connection:
            return await connection.scalar(statement)

    async def recent_conversations(self, surface: str, since: datetime) -> list[tuple[str, str]]:
        """Conversations with their places in which somebody has asked since, the newest first.

        At most two hundred, out of the last two thousand questions of all surfaces.
        """
        newest = select(inbox).order_by(inbox.c.number.desc()).limit(LOOKED_THROUGH).subquery()
        statement = (
            select(newest.c.conversation, newest.c.place)
            .where(newest.c.surface == surface, newest.c.accepted_at >= since)
            .order_by(newest.c.number.desc())
        )
        async with self.database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return list(dict.fromkeys((row.conversation, row.place) for row in rows))[:CONVERSATIONS]

    async def owner_of(self, surface: str, message_id: str, place: str | None = None) -> OurMessage | None:
        """The question that a message of ours belongs to; None for a message that is not ours.

        `place` is needed where the platform's ids are its own in each place. Of several questions the newest counts.
        """
        which = select(inbox_post.c.question_id).where(inbox_post.c.message_id == message_id)
        there = (inbox.c.surface == surface) & inbox.c.question_id.in_(which)
        return await self._ours(there if place is None else there & (inbox.c.place == place))

    async def question_by_answer(self, answer_id: str) -> OurMessage | None:
        """The question that this answer was given to; its `answer_id` is another when it was answered anew."""
        asked = select(answer.c.question_id).where(answer.c.id == answer_id).scalar_subquery()
        return await self._ours(inbox.c.question_id == asked)

    async def _is_so(self, what: ColumnElement[bool]) -> bool:
        async with self.database.reading() as connection:
            return bool(await connection.scalar(select(what)))

    async def _ours(self, which: ColumnElement[bool]) -> OurMessage | None:
        names = ("question_id", "surface", "conversation", "place", "person", "answer_id")
        columns = [*(inbox.c[name] for name in names), answer.c.language]
        judged = [answer.c[name] for name in ("outcome", "route", "query")]
        statement = select(*columns, *judged).join_from(inbox, answer, isouter=True)
        async with self.database.reading() as connection:
            found = await connection.execute(statement.where(which).order_by(inbox.c.number.desc()).limit(1))
            row = found.mappings().first()
            if row is None:
                return None
            texts = await self._texts(connection, _written(row["question_id"]))
            ids = await self._texts(connection, _posted(row["question_id"]))
        return OurMessage(
            **{column.name: row[column] for column in columns},
            text=" ".join(texts),
            message_ids=tuple(ids),
            takes_votes=row["answer_id"] is not None and takes_votes(*(row[column] for column in judged)),
        )

    @staticmethod
    async def _texts(connection: AsyncConnection, statement: Select[str | None]) -> Sequence[str]:
        return [text for text in await connection.scalars(statement) if text is not None]


def _written(question_id: str) -> Select[str | None]:
    """The pieces of a question, in the order in which a claim joins them."""
    written = select(inbox_message.c.text).where(inbox_message.c.question_id == question_id)
    return written.order_by(inbox_message.c.sent_at, inbox_message.c.position)


def _posted(question_id: str) -> Select[str | None]:
    return select(inbox_post.c.message_id).where(inbox_post.c.question_id == question_id).order_by(inbox_post.c.part)
