"""What comes in: deliveries of the platforms become questions, each once, whatever comes twice or out of order."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, bindparam, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.intake import OPEN, InboxLimits, Incoming, Notice, Receipt, State, Verdict
from core.queueing import is_fragment
from core.store import tables
from core.store.database import Database
from core.store.exclusive import exclusive

inbox, inbox_message, inbox_post = tables.inbox, tables.inbox_message, tables.inbox_post

STOPPED: Final = Notice("inbox.stopped")
TOO_MANY, QUEUE_FULL = "inbox.too_many", "inbox.queue_full"
LONGEST_JOIN = 3  # windows that a sentence in pieces may take in all
BUSY = (State.NEW, State.ANSWERING)

# Statements that every delivery needs are put together once.
KNOWN = select(inbox_message.c.question_id, inbox_message.c.text, inbox_message.c.version).where(
    inbox_message.c.key == bindparam("key")
)
HAS_TEXT = select(
    exists().where(inbox_message.c.question_id == bindparam("question_id"), inbox_message.c.text.is_not(None))
)
MESSAGES = select(func.count()).where(inbox_message.c.question_id == inbox.c.question_id).correlate(inbox)
LATEST = (
    select(inbox_message.c.text)
    .where(inbox_message.c.question_id == inbox.c.question_id)
    .order_by(inbox_message.c.position.desc())
    .limit(1)
    .correlate(inbox)
)
UNFINISHED = (
    select(
        inbox.c.question_id,
        inbox.c.accepted_at,
        MESSAGES.scalar_subquery().label("messages"),
        LATEST.scalar_subquery().label("latest"),
    )
    .where(
        inbox.c.conversation == bindparam("conversation"),
        inbox.c.person == bindparam("person"),
        inbox.c.state == State.NEW,
        inbox.c.ready_at > bindparam("now", type_=tables.Moment),
    )
    .limit(1)
)
MINE = inbox.c.person == bindparam("person")
TOLD = select(func.max(inbox.c.number)).where(
    MINE, inbox.c.notice.in_((TOO_MANY, QUEUE_FULL)), inbox.c.question_id != bindparam("question_id")
)
POSTED = select(exists().where(inbox_post.c.question_id == bindparam("question_id")))
LOAD = select(
    func.count().label("total"),
    func.count().filter(MINE).label("mine"),
    func.min(inbox.c.number).label("oldest"),
    func.min(inbox.c.number).filter(MINE).label("my_oldest"),
    TOLD.scalar_subquery().label("told"),
    POSTED.scalar_subquery().label("posted"),
).where(inbox.c.state.in_(BUSY))
"""Questions under way, in all and of one person, the number of the oldest of each, and of the last refusal told.

`posted`: whether the question that is looked at has messages of ours.
"""
ARRIVAL = LOAD.add_columns(
    exists().where(tables.inbox_event.c.event == bindparam("event")).label("is_repeated"),
    KNOWN.with_only_columns(inbox_message.c.question_id).scalar_subquery().label("known"),
    UNFINISHED.with_only_columns(inbox.c.question_id).scalar_subquery().label("unfinished"),
)
"""The same, and whether the event was seen, which question the message belongs to, and which one it may complete."""
INSERT_EVENT = insert(tables.inbox_event)
INSERT = insert(inbox).values(
    number=select(func.coalesce(func.max(inbox.c.number), 0) + 1).scalar_subquery(),
    **{
        column.name: bindparam(column.name, type_=column.type)
        for column in inbox.columns
        if column.name not in {"number", "answer_id", "worker"}
    },
)
INSERT_MESSAGE = insert(inbox_message)
NOTHING_SHOWN: Mapping[str, object] = {"ending": None, "notice": None, "facts": {}, "settled_at": None}
VOID: Mapping[str, object] = {**NOTHING_SHOWN, "answer_id": None}


@dataclass(frozen=True)
class Intake:
    """The side of the inbox that platforms deliver to. Every method raises StoreError and has then changed nothing."""

    database: Database
    limits: InboxLimits

    async def accept(self, message: Incoming, now: datetime) -> Receipt:
        """Makes the delivery durable: when this returns it may be acknowledged to the platform."""
        async with exclusive(self.database) as connection:
            arrival = (await connection.execute(ARRIVAL, _looked_for(message, now))).one()
            if arrival.is_repeated:
                return Receipt(Verdict.KNOWN)
            await connection.execute(INSERT_EVENT, {"event": message.event, "seen_at": now})
            if arrival.known is not None:
                return await self._change(connection, message, now)
            if message.text is None:
                return await self._bury(connection, message, now)
            if arrival.unfinished is not None and (joined := await self._join(connection, message, now)):
                return joined
            refusal = self._refusal(arrival, now)
            question_id = await self._insert(connection, message, now, refusal or {"state": State.NEW})
            return Receipt(Verdict.REFUSED if refusal else Verdict.ACCEPTED, question_id)

    async def stop(self, question_id: str, person: str, now: datetime) -> Receipt:
        """Its asker wants no answer any more. KNOWN where there is nothing to stop."""
        mine = (inbox.c.question_id == question_id) & (inbox.c.person == person)
        return await self._stop(mine, now)

    async def stop_newest(self, conversations: Sequence[str], person: str, event: str, now: datetime) -> Receipt | None:
        """The same for the person's newest open question in the first of these conversations that has one.

        None where the event has come before: a word that comes twice would else stop a second question, or one that
        was asked after it.
        """
        mine = (inbox.c.person == person) & inbox.c.state.in_(OPEN)
        async with exclusive(self.database) as connection:
            if await connection.scalar(select(exists().where(tables.inbox_event.c.event == event))):
                return None
            await connection.execute(INSERT_EVENT, {"event": event, "seen_at": now})
            for conversation in conversations:
                receipt = await self._stop_in(connection, mine & (inbox.c.conversation == conversation), now)
                if receipt.verdict is Verdict.CANCELLED:
                    return receipt
        return Receipt(Verdict.KNOWN)

    async def abandon(self, surface_prefix: str, before: datetime, now: datetime) -> int:
        """Ends open questions of surfaces that are gone for good, with all who asked there; how many they were."""
        gone = inbox.c.surface.startswith(surface_prefix) & inbox.c.state.in_(OPEN) & (inbox.c.accepted_at < before)
        row = {**VOID, "state": State.CANCELLED, "settled_at": now, "worker": None, "revision": inbox.c.revision + 1}
        async with exclusive(self.database) as connection:
            return (await connection.execute(update(inbox).where(gone).values(row))).rowcount

    async def _stop(self, which: ColumnElement[bool], now: datetime) -> Receipt:
        async with exclusive(self.database) as connection:
            return await self._stop_in(connection, which, now)

    async def _stop_in(self, connection: AsyncConnection, which: ColumnElement[bool], now: datetime) -> Receipt:
        newest = select(inbox.c.question_id).where(which).order_by(inbox.c.number.desc()).limit(1)
        question_id = await connection.scalar(newest)
        if question_id is None:
            return Receipt(Verdict.KNOWN)
        return await self._cancel(connection, question_id, STOPPED, now)

    async def _change(self, connection: AsyncConnection, message: Incoming, now: datetime) -> Receipt:
        """An edit or a deletion, or once more what is known; what is older than what is known changes nothing."""
        question_id, text, version = (await connection.execute(KNOWN, {"key": message.key})).one()
        if text is None or (message.text is not None and message.version <= version):
            return Receipt(Verdict.KNOWN, question_id)
        row = {"text": message.text, "version": message.version}
        await connection.execute(update(inbox_message).where(inbox_message.c.key == message.key).values(row))
        if message.text is not None and tables.storable(message.text) == text:
            return Receipt(Verdict.KNOWN, question_id)
        if message.text is None and not await connection.scalar(HAS_TEXT, {"question_id": question_id}):
            return await self._cancel(connection, question_id, None, now)
        return await self._reopen(connection, question_id, now)

    async def _reopen(self, connection: AsyncConnection, question_id: str, now: datetime) -> Receipt:
        """The question reads otherwise than before: whatever was done for it is void, and it is answered anew."""
        this = inbox.c.question_id == question_id
        row = (await connection.execute(select(inbox.c.state, inbox.c.person).where(this))).one()
        fresh: dict[str, object] = {"state": State.NEW, "attempts": 0, "ready_at": now, "deadline": self._deadline(now)}
        verdict = Verdict.CHANGED
        if row.state not in BUSY:
            load = await connection.execute(LOAD, {"person": row.person, "question_id": question_id})
            if refusal := self._refusal(load.one(), now):
                fresh, verdict = refusal, Verdict.REFUSED
        changes = {**VOID, "revision": inbox.c.revision + 1, **fresh}
        await connection.execute(update(inbox).where(this).values(changes))
        return Receipt(verdict, question_id)

    async def _cancel(
        self, connection: AsyncConnection, question_id: str, notice: Notice | None, now: datetime
    ) -> Receipt:
        """No answer is wanted: `notice` is said instead; without one, what was posted is taken away."""
        this = inbox.c.question_id == question_id
        state, ending = (await connection.execute(select(inbox.c.state, inbox.c.ending).where(this))).one()
        if state not in OPEN or (notice and ending == State.CANCELLED):
            return Receipt(Verdict.KNOWN, question_id)
        row = {**VOID, "revision": inbox.c.revision + 1, "state": State.CANCELLED, "settled_at": now}
        if notice or await connection.scalar(select(exists().where(inbox_post.c.question_id == question_id))):
            row |= {"state": State.DELIVERING, "ending": State.CANCELLED, "settled_at": None}
            row["notice"] = notice.message_id if notice else None
        await connection.execute(update(inbox).where(this).values(row))
        return Receipt(Verdict.CANCELLED, question_id)

    async def _bury(self, connection: AsyncConnection, message: Incoming, now: datetime) -> Receipt:
        """A deletion that came before its message: when that comes, it is not answered."""
        state = {"state": State.CANCELLED, "settled_at": now}
        question_id = await self._insert(connection, message, now, state)
        return Receipt(Verdict.CANCELLED, question_id)

    async def _join(self, connection: AsyncConnection, message: Incoming, now: datetime) -> Receipt | None:
        """The rest of a sentence whose start waits for it.

        The time alone does not tell: of messages that come together, one may be accepted before an earlier one.
        """
        whose = {"conversation": message.conversation, "person": message.person, "now": now}
        start = (await connection.execute(UNFINISHED, whose)).first()
        if message.is_whole or start is None or not self._waits(start.latest):
            return None
        longest = start.accepted_at + LONGEST_JOIN * timedelta(seconds=self.limits.join_seconds)
        row = {"ready_at": min(longest, self._ready_at(message, now)), "revision": inbox.c.revision + 1}
        await connection.execute(update(inbox).where(inbox.c.question_id == start.question_id).values(row))
        await self._add(connection, message, start.question_id, position=start.messages)
        return Receipt(Verdict.JOINED, start.question_id)

    def _refusal(self, load: Row[Any], now: datetime) -> dict[str, object] | None:
        """How the row of one question too many looks; None while there is room.

        The person is told with the first one. Later ones are refused in silence until what was open then is done,
        unless a message of ours stands there already: it must not go on showing what no longer holds.
        """
        if load.mine < self.limits.per_person and load.total < self.limits.queue:
            return None
        notice, oldest = (
            (TOO_MANY, load.my_oldest) if load.mine >= self.limits.per_person else (QUEUE_FULL, load.oldest)
        )
        if not load.posted and load.told is not None and oldest is not None and load.told > oldest:
            return {"state": State.FAILED, "settled_at": now}
        facts = {"count": self.limits.per_person if notice == TOO_MANY else self.limits.queue}
        return {"state": State.DELIVERING, "ending": State.FAILED, "notice": notice, "facts": facts}

    async def _insert(
        self, connection: AsyncConnection, message: Incoming, now: datetime, state: dict[str, object]
    ) -> str:
        question_id = uuid.uuid4().hex
        row = {
            "question_id": question_id,
            "surface": message.surface,
            "conversation": message.conversation,
            "place": message.place,
            "person": message.person,
            "revision": 0,
            "attempts": 0,
            "accepted_at": now,
            "ready_at": self._ready_at(message, now),
            "deadline": self._deadline(now),
        }
        await connection.execute(INSERT, {**NOTHING_SHOWN, **row, **state})
        await self._add(connection, message, question_id)
        return question_id

    async def _add(self, connection: AsyncConnection, message: Incoming, question_id: str, position: int = 0) -> None:
        row = {
            "key": message.key,
            "question_id": question_id,
            "position": position,
            "version": message.version,
            "text": message.text,
            "sent_at": message.sent_at,
            "files": [asdict(file) for file in message.files],
        }
        await connection.execute(INSERT_MESSAGE, row)

    def _deadline(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.limits.deadline_seconds)

    def _ready_at(self, message: Incoming, now: datetime) -> datetime:
        waits = not message.is_whole and self._waits(message.text)
        return now + timedelta(seconds=self.limits.join_seconds if waits else 0.0)

    def _waits(self, text: str | None) -> bool:
        """Whether a message with this text waits for the rest of its sentence, unless it is said to be whole."""
        return self.limits.join_seconds > 0 and is_fragment(text or ".")


def _looked_for(message: Incoming, now: datetime) -> dict[str, object]:
    """The parameters of `ARRIVAL`; a new message has no question yet."""
    return {
        "event": message.event,
        "key": message.key,
        "conversation": message.conversation,
        "person": message.person,
        "question_id": "",
        "now": now,
    }
