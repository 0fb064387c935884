"""The life of a question, from the platform's delivery to its one visible outcome.

    accept   the platform's message becomes a durable question; only then is it acknowledged
    serve    a worker claims it in its turn, answers it, delivers it, and notes its end
    stop     its asker no longer wants it

Whatever ends a worker in between, its questions go back and are taken up again: at once where no other worker can be
alive (SQLite), else when its sign of life has stood still for `InboxLimits.lease_seconds`. The transactions are in
`core/store/intake.py` and `core/store/claims.py`; how an answer reaches people is in `core/delivery.py`.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Protocol

from core.access import Directory
from core.clock import Clock, wait_at_most
from core.conversation import Answer, Language, Outcome, Person, Question
from core.deadline import Deadline
from core.delivery import Channel, Delivery
from core.errors import StoreError
from core.first_error import first_error
from core.following import following
from core.heartbeat import Heartbeat
from core.intake import Claim, ClaimLost, Incoming, Notice, Receipt, State
from core.pacing import Pacer
from core.pipeline import Event, Searching
from core.ports import Delta
from core.replies import KeepAnswer
from core.store.claims import TOO_LATE, Claims
from core.store.intake import Intake
from core.surfaces import Undeliverable
from core.surroundings import Links, Surroundings, nobody_linked
from core.texts import translate
from core.waiting import Estimate, WaitingRoom, give_back
from core.writing import Restarted

log = logging.getLogger(__name__)

POLL = 0.25
"""Seconds after which a worker looks for what other processes have accepted, changed or stopped."""
GRACE = 1.0
"""Seconds after the deadline in which the answer may still say by itself that it is too late."""
BROKEN = Notice("inbox.broken")


Alarm = Callable[[str, str, str], None]
"""Told what goes wrong: of what kind (a message id), for which question, and what is known of the cause."""


def unheard(_kind: str, _question_id: str, _detail: str) -> None:
    """Nobody is told."""


class Answering(Protocol):
    """`core.pipeline.Pipeline` as the inbox needs it."""

    def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]: ...


@dataclass(frozen=True, slots=True)
class Capacity:
    """`slots` answers are written at once; when the worker is asked to stop they get `drain_seconds` to end."""

    slots: int = 4
    drain_seconds: float = 20.0


@dataclass(slots=True)
class _Work:
    """A question in hand: under which revision, whether it takes one of the slots, whether it is being given back."""

    task: asyncio.Task[None]
    revision: int
    takes_slot: bool
    is_let_go: bool = False


class Inbox:
    """Accepts and serves the questions of its surfaces. Several may work on one PostgreSQL database."""

    def __init__(
        self,
        intake: Intake,
        claims: Claims,
        *,
        answering: Answering,
        channels: Mapping[str, Channel],
        directory: Directory,
        language_of: Callable[[str], Language],
        clock: Clock,
        capacity: Capacity,
        alarm: Alarm = unheard,
        links: Links = nobody_linked,
    ) -> None:
        self._intake = intake
        self._claims = claims
        self._answering = answering
        self._channels = channels
        surfaces = {name: channel.surface for name, channel in channels.items()}
        self._surroundings = Surroundings(directory, surfaces, links)
        self._alarm = alarm
        self._language_of = language_of
        self._clock = clock
        self._capacity = capacity
        self._estimate = Estimate(capacity.slots)
        self._waiting_room = WaitingRoom(claims, channels, language_of, clock, self._estimate)
        self._changed = asyncio.Event()
        self._revised = asyncio.Event()
        self._stopping = asyncio.Event()
        self._work: dict[str, _Work] = {}
        self._strays: dict[str, float] = {}
        self._tellings: set[asyncio.Task[None]] = set()

    def pacer(self, surface: str) -> Pacer:
        """The budgets of a surface, for what its adapter says beside the answers."""
        return self._channels[surface].pacer

    async def accept(self, message: Incoming) -> Receipt:
        """Makes the delivery durable. Raises StoreError, and then the platform must deliver it again."""
        receipt = await self._intake.accept(message, self._clock.now())
        self._wake()
        with following(receipt.question_id or ""):
            self._channels[message.surface].trace(receipt.verdict.value, receipt.question_id or "")
        return receipt

    async def asker(self, person: str, surface: str) -> Person:
        """Who would ask there by this id, with the rights as they are now. Raises StoreError."""
        return await self._surroundings.asker(person, self._channels[surface].surface)

    async def stop(self, question_id: str, person: str) -> Receipt:
        """The asker wants no answer to this question any more. Raises StoreError."""
        receipt = await self._intake.stop(question_id, person, self._clock.now())
        self._wake()
        return receipt

    async def stop_newest(self, conversations: Sequence[str], person: str, event: str) -> Receipt | None:
        """The same for the person's newest open question in the first of these conversations that has one.

        None where the event has come before. Raises StoreError.
        """
        receipt = await self._intake.stop_newest(conversations, person, event, self._clock.now())
        self._wake()
        return receipt

    def drain(self) -> None:
        """Ends `serve` soon: nothing more is begun, what is being answered may end, the rest is given back."""
        self._stopping.set()
        self._changed.set()

    async def serve(self) -> None:
        """Works until `drain`, or until it is cancelled. What is unfinished then, the next worker finds.

        Raises StoreError when the database is away at the start.
        """
        heartbeat = Heartbeat(self._claims, self._clock, self._intake.limits.lease_seconds, self._changed.set)
        await heartbeat.start()
        try:
            async with asyncio.TaskGroup() as group:
                chores = [group.create_task(heartbeat.run()), group.create_task(self._watch())]
                while not self._stopping.is_set():
                    self._changed.clear()
                    await self._take_turns(group)
                    await wait_at_most(self._clock, self._changed, POLL)
                await self._wind_up()
                for chore in chores:
                    chore.cancel()
        finally:
            with suppress(StoreError):  # then the next worker finds this one dead
                await self._claims.leave()

    def _wake(self) -> None:
        self._changed.set()
        self._revised.set()

    async def _take_turns(self, group: asyncio.TaskGroup) -> None:
        """Begins what there is room for; whoever has to wait is told so."""
        try:
            while not self._stopping.is_set() and (claim := await self._next()):
                task = group.create_task(self._attend(claim))
                self._work[claim.question_id] = _Work(task, claim.revision, claim.state is State.ANSWERING)
            for waiting, position in await self._waiting_room.due(self._room, self._work):
                telling = group.create_task(self._waiting_room.tell(waiting, position))
                self._tellings.add(telling)
                telling.add_done_callback(self._told)
        except StoreError as error:
            log.warning("no question could be taken up: %s", error)

    async def _next(self) -> Claim | None:
        claim = await self._claims.claim(self._clock.now(), room=self._room > 0, in_hand=self._work)
        if claim is not None:
            with following(claim.question_id):
                self._channels[claim.surface].trace("claimed", claim.question_id)
        return claim

    @property
    def _room(self) -> int:
        """How many more answers may be written at once."""
        return max(0, self._capacity.slots - sum(work.takes_slot for work in self._work.values()))

    def _told(self, telling: asyncio.Task[None]) -> None:
        self._tellings.discard(telling)
        self._changed.set()

    async def _attend(self, claim: Claim) -> None:
        """One question in hand, until it has ended or is given back."""
        with following(claim.question_id):
            try:
                if not await self._bring_to_end(claim):
                    self._work[claim.question_id].is_let_go = True
                    await self._give_back(claim, counted=True)
            except asyncio.CancelledError:
                await self._give_back(claim, counted=False)
                raise
            finally:
                del self._work[claim.question_id]
                self._changed.set()

    async def _bring_to_end(self, claim: Claim) -> bool:
        """Whether the question has ended. Whatever happens is said in the log, and to the asker where that is due."""
        try:
            done = await self._serve(claim, self._channels[claim.surface])
            if done.ending is not None:
                await self._finish(done)
                return True
            log.warning("the answer to %s was shown and could not be stored: it is made again", claim.question_id)
        except ClaimLost:
            log.info("%s was changed or taken over meanwhile", claim.question_id)
        except StoreError as error:
            log.warning("%s is given back: %s", claim.question_id, error)
        except Undeliverable as error:
            log.warning("the answer to %s cannot be delivered: %s", claim.question_id, error)
            self._alarm("alarm.undeliverable", claim.question_id, str(error))
            return await self._end(claim)
        except Exception as error:
            # The one outer edge: whatever is wrong in our code, the asker gets a sentence and the log the rest.
            log.exception("%s could not be answered", claim.question_id)
            self._alarm("alarm.broken", claim.question_id, repr(error))
            return await self._apologise(claim)
        return False

    async def _serve(self, claim: Claim, channel: Channel) -> Claim:
        """Makes the answer while its delivery shows it; returns the claim with the ending that is to be noted."""
        delivery = Delivery(claim, channel, self._language_of(claim.text))
        with first_error():
            async with asyncio.TaskGroup() as group:
                group.create_task(delivery.run())
                if claim.state is State.ANSWERING:
                    claim = await self._answer(claim, channel, delivery)
                else:
                    delivery.settle(await self._claims.answer(claim) or claim.notice)
        return claim

    async def _answer(self, claim: Claim, channel: Channel, delivery: Delivery) -> Claim:
        """An answer by the deadline, or the word that it is too late. Stored before it is settled, if that can be."""
        began, kept = self._clock.monotonic(), claim

        async def keep(answer: Answer) -> None:
            nonlocal kept
            channel.trace("answered", claim.question_id)
            kept = await self._claims.keep_answer(claim, answer)
            channel.trace("answer stored", claim.question_id)

        deadline = Deadline.after((claim.deadline - self._clock.now()).total_seconds())
        try:
            async with asyncio.timeout(deadline.remaining() + GRACE):
                delivery.settle(await self._stream(claim, channel, delivery, deadline, keep))
        except TimeoutError:
            self._alarm("alarm.failed", claim.question_id, TOO_LATE.message_id)
            with suppress(StoreError):  # the person is told, also when that cannot be kept
                kept = await self._claims.fail(claim, TOO_LATE)
            delivery.settle(TOO_LATE)
        self._estimate.took(self._clock.monotonic() - began)
        self._work[claim.question_id].takes_slot = False
        self._changed.set()
        return kept

    async def _stream(
        self, claim: Claim, channel: Channel, delivery: Delivery, deadline: Deadline, keep: KeepAnswer
    ) -> Answer:
        question = await self._surroundings.question(claim, channel.surface)
        language, text = self._language_of(claim.text), ""
        async with aclosing(self._answering.answer(question, deadline, keep)) as events:
            async for event in events:
                match event:
                    case Answer():
                        self._tell_of(event)
                        return event
                    case Searching(documents) if documents:
                        delivery.tell_status(translate(language, "inbox.searching_in", documents=documents))
                    case Delta(piece):
                        text += piece
                        delivery.show(text)
                    case Restarted():
                        text = ""
        raise AssertionError("the pipeline ended without an answer")

    def _tell_of(self, answer: Answer) -> None:
        if answer.outcome is Outcome.FAILED:
            self._alarm("alarm.failed", answer.question_id, answer.reasons[-1] if answer.reasons else "")

    async def _watch(self) -> None:
        """Lets go of what was edited, stopped or taken over, here or by another process."""
        while True:
            await wait_at_most(self._clock, self._revised, POLL)
            self._revised.clear()
            before = dict(self._work)
            try:
                held = await self._claims.held()
                await self._let_strays_go(held.keys() - before.keys())
            except StoreError as error:
                log.warning("changed questions could not be looked for: %s", error)
                continue
            for question_id, work in before.items():
                is_void = held.get(question_id) != work.revision
                if is_void and not work.is_let_go and not work.task.cancelling():
                    work.task.cancel()

    async def _let_strays_go(self, unknown: AbstractSet[str]) -> None:
        """A claim may be committed although the database's word of it was lost: then the question is in nobody's hands.

        Once it has been seen so for a whole lease it goes back; before, it may be on its way into hands or out of them.
        """
        now = self._clock.monotonic()
        strays = unknown - self._work.keys() - self._waiting_room.telling
        self._strays = {question_id: self._strays.get(question_id, now) for question_id in strays}
        for question_id, since in self._strays.items():
            if now - since >= self._intake.limits.lease_seconds:
                with following(question_id):
                    log.warning("%s was held and not worked on: it is given back", question_id)
                    await self._claims.let_go(question_id)

    async def _wind_up(self) -> None:
        """What is in hand may end; then the rest is let go, for the next worker to find."""
        for telling in self._tellings:
            telling.cancel()
        tasks = [work.task for work in self._work.values()]
        if not tasks:
            return
        async with asyncio.TaskGroup() as group:
            patience = group.create_task(self._clock.sleep(self._capacity.drain_seconds))
            ending = group.create_task(_all(tasks))
            await asyncio.wait([patience, ending], return_when=asyncio.FIRST_COMPLETED)
            patience.cancel()
            for task in tasks:
                task.cancel()

    async def _finish(self, claim: Claim) -> None:
        await self._claims.finish(claim, self._clock.now())
        self._channels[claim.surface].trace("finished", claim.question_id)

    async def _end(self, claim: Claim) -> bool:
        """Ends a question that nothing can be shown for; whether that could be stored."""
        with suppress(StoreError, ClaimLost):
            await self._finish(replace(claim, ending=State.FAILED))
            return True
        return False

    async def _apologise(self, claim: Claim) -> bool:
        """Has a sentence shown instead of the answer; where even that failed, ends the question."""
        if claim.notice == BROKEN:
            return await self._end(claim)
        with suppress(StoreError, ClaimLost):
            await self._claims.fail(claim, BROKEN)
        return False

    async def _give_back(self, claim: Claim, *, counted: bool) -> None:
        await give_back(self._claims, self._clock, claim, counted=counted)


async def _all(tasks: list[asyncio.Task[None]]) -> None:
    await asyncio.wait(tasks)
