"""What goes out: one worker's hold on questions, from the claim to the end.

Every change asks whether the question is still in this worker's hands, under the revision that it was claimed with.
Time plays no part in that: a worker that is dead is known by its beat standing still (`beat`), as the others count it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, RowMapping, Select, bindparam, case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.conversation import FILES_WAIT, Answer, Outcome
from core.intake import OPEN, Claim, ClaimLost, InboxLimits, Notice, Post, SharedFile, State
from core.queueing import Waiting, to_claim
from core.store import tables
from core.store.answers import values, write_answer
from core.store.database import Database
from core.store.exclusive import exclusive
from core.store.intake import LONGEST_JOIN
from core.store.journal import Journal
from core.store.tables import Moment
from core.store.upsert import upsert

inbox, inbox_message, inbox_post, inbox_worker = (
    tables.inbox,
    tables.inbox_message,
    tables.inbox_post,
    tables.inbox_worker,
)

COPIED = ("question_id", "surface", "conversation", "place", "person", "revision", "answer_id")
MOST_WAITING_FILES = 10  # messages with a file and without a word that wait for their question
KNOWN_MESSAGES = 200  # messages of a place, those nearest to a lost one, that a search for it is told of
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TOO_LATE, GAVE_UP = Notice("answer.too_late"), Notice("inbox.gave_up")

# Statements that every question needs are put together once.
IS_READY = (inbox.c.ready_at <= bindparam("now", type_=Moment)) | (
    inbox.c.ready_at > bindparam("plausible", type_=Moment)
)
IS_OVERDUE = (inbox.c.deadline <= bindparam("now", type_=Moment)) & (
    inbox.c.accepted_at >= bindparam("since", type_=Moment)
)
OPEN_QUESTIONS = (
    select(
        *(inbox.c[name] for name in ("question_id", "number", "conversation", "person", "state", "worker", "attempts")),
        case((IS_READY, 1), else_=0),
        case((IS_OVERDUE, 1), else_=0),
    )
    .where(inbox.c.surface.in_(bindparam("surfaces", expanding=True)), inbox.c.state.in_(OPEN))
    .order_by(inbox.c.number)
)
"""The columns of `Waiting`."""
MESSAGES_AND_POSTS = (
    select(
        inbox_message.c.key,
        inbox_message.c.text,
        inbox_message.c.sent_at,
        inbox_message.c.files,
        inbox_post.c.part,
        inbox_post.c.message_id,
    )
    .join_from(inbox_message, inbox_post, inbox_post.c.question_id == inbox_message.c.question_id, isouter=True)
    .where(inbox_message.c.question_id == bindparam("question_id"))
    .order_by(inbox_message.c.sent_at, inbox_message.c.position, inbox_post.c.part)
)
"""Every message of a question with every post: few of either."""
EARLIER = (
    select(inbox_message.c.text, inbox_message.c.files, inbox_message.c.sent_at)
    .join_from(inbox_message, inbox)
    .where(
        inbox.c.conversation == bindparam("conversation"),
        inbox.c.person == bindparam("person"),
        inbox.c.number < bindparam("number"),
        inbox.c.state != State.CANCELLED,
    )
    .order_by(inbox.c.number.desc(), inbox_message.c.position.desc())
    .limit(MOST_WAITING_FILES)
)
"""What the person has sent there before the question, the last first."""
INSERT_POST = insert(inbox_post)
HOLDERS = select(inbox.c.worker).where(inbox.c.state.in_(OPEN), inbox.c.worker.is_not(None)).distinct()
GIVEN_BACK = case((inbox.c.state == State.ANSWERING, State.NEW), else_=inbox.c.state)
"""A question that is not finished goes back to where the next worker begins."""


@dataclass(frozen=True)
class Claims:
    """The hands of one worker, for the surfaces that it can write to. `started` is when it began.

    Every method raises StoreError. Those that take a claim raise ClaimLost when it no longer holds.
    """

    database: Database
    limits: InboxLimits
    worker: str
    surfaces: Collection[str]
    started: datetime

    async def open_questions(self, now: datetime) -> list[Waiting]:
        """Every question of these surfaces that has not ended, oldest first."""
        async with self.database.reading() as connection:
            return await self._open_questions(connection, now)

    async def claim(self, now: datetime, *, room: bool, in_hand: Collection[str] = ()) -> Claim | None:
        """The next question to work on, None when there is none; with `room` also one to be answered.

        A question that is overdue, or that has cost too many workers their life, comes as one that failed. Those that
        this worker still has `in_hand` are not taken, even where they have just been given back.
        """
        async with exclusive(self.database) as connection:
            rows = await self._open_questions(connection, now)
            rows = [row._replace(worker=self.worker) if row.question_id in in_hand else row for row in rows]
            chosen = to_claim(rows, room=room)
            if chosen is None:
                return None
            return await self._take(connection, chosen, self._begun(chosen), now)

    async def hold(self, question_id: str, now: datetime) -> Claim | None:
        """A question that waits, to tell its asker so; None when it no longer waits or is in other hands."""
        async with exclusive(self.database) as connection:
            rows = await self._open_questions(connection, now, inbox.c.question_id == question_id)
            if not rows or rows[0].state != State.NEW or rows[0].worker is not None:
                return None
            return await self._take(connection, rows[0], {}, now)

    async def answer(self, claim: Claim) -> Answer | None:
        """The answer that is to be shown, None where a notice is."""
        return await Journal(self.database).answer(claim.answer_id) if claim.answer_id else None

    async def keep_answer(self, claim: Claim, answer: Answer) -> Claim:
        """Answer and state in one transaction: from here on only the delivery is left to do."""
        ending = State.FAILED if answer.outcome is Outcome.FAILED else State.ANSWERED
        changes = {"state": State.DELIVERING, "ending": ending, "answer_id": answer.id}
        async with exclusive(self.database) as connection:
            await write_answer(connection, answer)
            await self._update(connection, claim, changes)
        return replace(claim, state=State.DELIVERING, ending=ending, answer_id=answer.id)

    async def fail(self, claim: Claim, notice: Notice) -> Claim:
        """No answer could be made: `notice` is to be shown."""
        changes = _failed(notice)
        async with exclusive(self.database) as connection:
            await self._update(connection, claim, changes)
        return replace(claim, state=State.DELIVERING, ending=State.FAILED, notice=notice)

    async def intend(self, claim: Claim, part: int) -> Post:
        """The intention to post a part, durable before it is sent."""
        async with exclusive(self.database) as connection:
            await self._update(connection, claim, {})
            row = {"question_id": claim.question_id, "part": part}
            new = await upsert(connection, inbox_post, row)
            return Post(part, in_doubt=not new)

    async def posted(self, claim: Claim, part: int, message_id: str) -> bool:
        """The platform's id of a part, durable before the message is edited.

        False when the message is another's. Who looked for a lost one may have written into it, so whatever stood there
        is shown once more.
        """
        this = _this(claim.question_id, part)
        async with exclusive(self.database) as connection:
            await self._update(connection, claim, {}, any_revision=True)
            owner = await connection.scalar(_owner(claim, message_id).where(~this))
            if owner is not None:
                if owner != claim.question_id:
                    await self._show_again(connection, owner)
                return False
            await connection.execute(update(inbox_post).where(this).values(message_id=message_id))
            return True

    async def taken_away(self, claim: Claim, part: int) -> None:
        """A part is no longer on the platform."""
        async with exclusive(self.database) as connection:
            await self._update(connection, claim, {}, any_revision=True)
            await connection.execute(delete(inbox_post).where(_this(claim.question_id, part)))

    async def known(self, claim: Claim) -> frozenset[str]:
        """The ids of messages in the claim's place that belong to other questions, or to this one already.

        Those of the questions that were asked nearest to it: an old question may be edited, and looked after again.
        """
        number = select(inbox.c.number).where(inbox.c.question_id == claim.question_id).scalar_subquery()
        statement = select(inbox_post.c.message_id).join(inbox)
        statement = statement.where(_in_place(claim), inbox_post.c.message_id.is_not(None))
        statement = statement.order_by(func.abs(inbox.c.number - number)).limit(KNOWN_MESSAGES)
        async with self.database.reading() as connection:
            return frozenset(await connection.scalars(statement))

    async def finish(self, claim: Claim, now: datetime) -> None:
        """All is shown: the question has ended."""
        async with exclusive(self.database) as connection:
            changes = {"state": claim.ending, "settled_at": now, "worker": None}
            await self._update(connection, claim, changes)

    async def release(self, claim: Claim, *, counted: bool) -> None:
        """The question back to whoever comes next; not `counted`, this try does not bring it nearer to its last."""
        tries = 0 if counted else case((inbox.c.state == State.ANSWERING, 1), else_=0)
        row = {"state": GIVEN_BACK, "worker": None, "attempts": inbox.c.attempts - tries}
        async with exclusive(self.database) as connection:
            await connection.execute(update(inbox).where(self._mine(claim)).values(row))

    async def let_go(self, question_id: str) -> None:
        """A question that is in these hands without a claim, back to whoever comes next."""
        mine = (inbox.c.question_id == question_id) & (inbox.c.worker == self.worker)
        async with exclusive(self.database) as connection:
            await connection.execute(update(inbox).where(mine).values(state=GIVEN_BACK, worker=None))

    async def held(self) -> dict[str, int]:
        """The questions in these hands with their revision now."""
        mine = inbox.c.state.in_(OPEN) & (inbox.c.worker == self.worker)
        statement = select(inbox.c.question_id, inbox.c.revision).where(mine)
        async with self.database.reading() as connection:
            return {row.question_id: row.revision for row in await connection.execute(statement)}

    async def beat(self) -> Mapping[str, int]:
        """Gives a sign of life; returns the count of signs of every other worker.

        One that holds questions and has given none since it was taken for dead counts with 0.
        """
        mine = inbox_worker.c.worker == self.worker
        async with exclusive(self.database) as connection:
            done = await connection.execute(update(inbox_worker).where(mine).values(beat=inbox_worker.c.beat + 1))
            if not done.rowcount:
                await connection.execute(insert(inbox_worker).values(worker=self.worker, beat=1))
            known = await connection.execute(select(inbox_worker.c.worker, inbox_worker.c.beat))
            holders = await connection.scalars(HOLDERS)
            beats = dict.fromkeys(holders, 0) | {row.worker: row.beat for row in known}
        return {worker: beat for worker, beat in beats.items() if worker != self.worker}

    async def take_over(self, workers: Collection[str]) -> int:
        """Gives back what these workers held, all of it: they are dead. How many questions that were."""
        return await self._give_back(inbox.c.worker.in_(workers), inbox_worker.c.worker.in_(workers))

    async def take_over_all(self) -> int:
        """The same for every worker but this one."""
        return await self._give_back(inbox.c.worker != self.worker, inbox_worker.c.worker != self.worker)

    async def leave(self) -> None:
        """This worker ends, and holds nothing any more."""
        await self._give_back(inbox.c.worker == self.worker, inbox_worker.c.worker == self.worker)

    @property
    def is_alone(self) -> bool:
        """Whether no other worker can be alive beside this one."""
        return self.database.serves_one_process

    async def _give_back(self, theirs: ColumnElement[bool], them: ColumnElement[bool]) -> int:
        async with exclusive(self.database) as connection:
            taken = await connection.execute(update(inbox).where(theirs).values(state=GIVEN_BACK, worker=None))
            await connection.execute(delete(inbox_worker).where(them))
            return taken.rowcount

    async def _open_questions(
        self, connection: AsyncConnection, now: datetime, *only: ColumnElement[bool]
    ) -> list[Waiting]:
        found = await connection.execute(OPEN_QUESTIONS.where(*only), self._times(now))
        return [Waiting._make(row) for row in found.all()]

    def _times(self, now: datetime) -> dict[str, object]:
        """What `OPEN_QUESTIONS` compares with.

        Who waited while nobody worked gets the whole time anew, so is not overdue before this worker has had it. A time
        to be ready that no joining of messages explains was written by a clock that was ahead.
        """
        is_new = now < self.started + self._whole
        plausible = now + LONGEST_JOIN * timedelta(seconds=self.limits.join_seconds)
        since = self.started if is_new else EPOCH
        return {"now": now, "plausible": plausible, "since": since, "surfaces": list(self.surfaces)}

    def _deadline(self, row: RowMapping, now: datetime) -> datetime:
        """The row's deadline as this worker reads it, whatever clock it was written by."""
        deadline: datetime = row["deadline"]
        if row["accepted_at"] < self.started:
            deadline = max(deadline, self.started + self._whole)
        return min(deadline, now + self._whole)

    @property
    def _whole(self) -> timedelta:
        return timedelta(seconds=self.limits.deadline_seconds)

    def _begun(self, chosen: Waiting) -> dict[str, object]:
        """What a claim makes of a row."""
        if chosen.state != State.NEW:
            return {}
        if chosen.attempts >= self.limits.attempts:
            return _failed(GAVE_UP)
        if chosen.is_overdue:
            return _failed(TOO_LATE)
        return {"state": State.ANSWERING, "attempts": chosen.attempts + 1}

    async def _take(
        self, connection: AsyncConnection, chosen: Waiting, changes: Mapping[str, object], now: datetime
    ) -> Claim:
        this = update(inbox).where(inbox.c.question_id == chosen.question_id)
        taken = await connection.execute(this.values({"worker": self.worker, **changes}).returning(inbox))
        row = taken.mappings().one()
        question = {"question_id": chosen.question_id}
        found = (await connection.execute(MESSAGES_AND_POSTS, question)).all()
        messages = list({message.key: message for message in found}.values())
        text = " ".join(message.text for message in messages if message.text is not None)
        own = [SharedFile(**file) for message in messages for file in message.files]
        earlier = await self._earlier_files(connection, row, messages[0].sent_at) if text.strip() else []
        return Claim(
            worker=self.worker,
            text=text,
            reply_to=messages[0].key,
            asked_at=messages[0].sent_at,
            deadline=self._deadline(row, now),
            posts=await self._posts(connection, question, found),
            state=State(row["state"]),
            ending=State(row["ending"]) if row["ending"] else None,
            notice=Notice(row["notice"], row["facts"]) if row["notice"] else None,
            files=tuple({(file.name, file.size): file for file in (*earlier, *own)}.values()),
            **values(row, COPIED),
        )

    @staticmethod
    async def _earlier_files(connection: AsyncConnection, row: RowMapping, asked_at: datetime) -> list[SharedFile]:
        """The files that the asker sent right before the question without a word, while they wait for one."""
        found = await connection.execute(EARLIER, {name: row[name] for name in ("conversation", "person", "number")})
        waiting: list[SharedFile] = []
        for message in found.all():
            if (message.text or "").strip() or asked_at - message.sent_at > FILES_WAIT:
                break
            waiting[:0] = [SharedFile(**file) for file in message.files]
        return waiting

    @staticmethod
    async def _posts(
        connection: AsyncConnection,
        question: Mapping[str, str],
        found: Sequence[Row[str, str | None, datetime, list[dict[str, Any]], int | None, str | None]],
    ) -> tuple[Post, ...]:
        """What was posted; where nothing was, the intention to post the placeholder."""
        ids = {row.part: row.message_id for row in found if row.part is not None}
        if ids:
            return tuple(Post(part, message_id, in_doubt=message_id is None) for part, message_id in ids.items())
        await connection.execute(INSERT_POST, {**question, "part": 0})
        return (Post(0),)

    @staticmethod
    async def _show_again(connection: AsyncConnection, question_id: str) -> None:
        """What has ended, or is being shown, is shown anew; what is not that far will be shown anyway."""
        this = inbox.c.question_id == question_id
        ended = this & inbox.c.state.in_((State.ANSWERED, State.FAILED, State.CANCELLED))
        reopened = {"state": State.DELIVERING, "ending": inbox.c.state, "settled_at": None}
        await connection.execute(update(inbox).where(ended).values(reopened))
        shown = this & (inbox.c.state == State.DELIVERING)
        await connection.execute(update(inbox).where(shown).values(worker=None))

    async def _update(
        self, connection: AsyncConnection, claim: Claim, changes: Mapping[str, object], *, any_revision: bool = False
    ) -> None:
        mine = self._mine(claim) if any_revision else self._mine(claim) & (inbox.c.revision == claim.revision)
        done = await connection.execute(update(inbox).where(mine).values({"worker": self.worker, **changes}))
        if not done.rowcount:
            raise ClaimLost(claim.question_id)

    def _mine(self, claim: Claim) -> ColumnElement[bool]:
        return (inbox.c.question_id == claim.question_id) & (inbox.c.worker == self.worker)


def _in_place(claim: Claim) -> ColumnElement[bool]:
    return (inbox.c.place == claim.place) & (inbox.c.surface == claim.surface)


def _owner(claim: Claim, message_id: str) -> Select[str]:
    """The question that a message in the claim's place belongs to."""
    statement = select(inbox_post.c.question_id).join(inbox)
    return statement.where(_in_place(claim), inbox_post.c.message_id == message_id).limit(1)


def _this(question_id: str, part: int) -> ColumnElement[bool]:
    return (inbox_post.c.question_id == question_id) & (inbox_post.c.part == part)


def _failed(notice: Notice) -> dict[str, object]:
    return {
        "state": State.DELIVERING,
        "ending": State.FAILED,
        "notice": notice.message_id,
        "facts": dict(notice.facts),
        "answer_id": None,
    }
