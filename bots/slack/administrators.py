"""What the administrators' channel is told, and what goes back from there into the conversations.

A correction is announced in the channel and, once it is accepted, posted under the answer that it corrects. Both are
found in the store again after a crash, and on the platform before anything is posted twice: our messages bear the
correction's id as metadata. Only alarms live in memory, and go with the process.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bots.reading import mapping
from bots.slack.api import Refused, SlackApi, surface_error
from bots.slack.cards import Card, accepted_note, alarm_text
from bots.slack.corrections import Cards, is_of_slack
from bots.slack.identity import Identity
from bots.slack.ids import SURFACE, Spot, channel_and_ts, message_id
from bots.stopping import until_stopped
from core.alarms import Alarm, Alarms
from core.clock import Clock, wait_at_most
from core.corrections import Correction, Corrections, CorrectionState
from core.errors import StoreError
from core.store.threads import OurMessage, ThreadBook
from core.surfaces import MessageGone, SurfaceBusy, SurfaceError, Undeliverable
from core.texts import translate
from core.unbroken import unbroken

log = logging.getLogger(__name__)

ANNOUNCED, RETURNED = "sotay_correction", "sotay_correction_returned"
"""Event types in the metadata of our messages: a card in the channel, a note in the conversation."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds between tries while Slack or the store fails; each pause is twice the one before."""
LOOK_AGAIN = 300.0
"""Seconds after which the store is looked at though nobody has said that there is news."""
CLOCKS_APART = timedelta(minutes=10)
"""How far Slack's clock may be from ours, when a message of ours is looked for."""
PAGE = 200
MOST_ALARMS = 100
"""Alarms that are kept while they cannot be told; the oldest go first."""
NOWHERE = "-"
"""Stands for the note of a correction whose conversation is closed to us for good."""

Keep = Callable[[str, str], Awaitable[None]]
"""Stores which message tells of a correction: the correction's id, the message's."""


@dataclass(frozen=True, slots=True)
class Marked:
    """Messages of ours that bear the id of a correction. Calls raise `Refused` and SurfaceError."""

    api: SlackApi
    identity: Identity

    async def post_once(self, spot: Spot, kind: str, correction_id: str, since: datetime, card: Card) -> str:
        """The id of the message that stands there, looked for since then, or is sent now."""
        found = await self._find(spot, kind, correction_id, since - CLOCKS_APART)
        if found is not None:
            return found
        reply = await self.api.call(
            "chat.postMessage",
            channel=spot.channel,
            thread_ts=spot.ts,
            text=card.text,
            blocks=card.blocks,
            metadata={"event_type": kind, "event_payload": {"correction_id": correction_id}},
            unfurl_links=False,
            unfurl_media=False,
        )
        return message_id(reply["channel"], reply["ts"])

    async def _find(self, spot: Spot, kind: str, correction_id: str, since: datetime) -> str | None:
        method = "conversations.history" if spot.ts is None else "conversations.replies"
        where = {"channel": spot.channel, "ts": spot.ts, "oldest": f"{since.timestamp():.6f}"}
        async for message in self.api.pages(method, "messages", limit=PAGE, include_all_metadata=True, **where):
            mark = mapping(message.get("metadata"))
            is_this = mapping(mark.get("event_payload")).get("correction_id") == correction_id
            if message.get("user") == self.identity.user and mark.get("event_type") == kind and is_this:
                return message_id(spot.channel, message["ts"])
        return None


@dataclass(slots=True)
class Administrators:
    """One task works on all of it. `channel` is the id of the administrators' channel, None where they have none."""

    marked: Marked
    corrections: Corrections
    cards: Cards
    threads: ThreadBook
    alarms: Alarms
    clock: Clock
    channel: str | None
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _untold: deque[Alarm] = field(default_factory=lambda: deque(maxlen=MOST_ALARMS))

    def wake(self) -> None:
        """There is a correction to announce or to return."""
        self._woken.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until `stopping` is set. What fails is tried again, at longer and longer intervals."""
        await until_stopped(stopping, self._run())

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._work())
            group.create_task(self._watch())

    async def _work(self) -> None:
        pause = FIRST_PAUSE
        while True:
            self._woken.clear()
            waits = await self._round()
            if waits:
                await self.clock.sleep(max(pause, *waits))
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                pause = FIRST_PAUSE
                await wait_at_most(self.clock, self._woken, LOOK_AGAIN)

    async def _round(self) -> list[float]:
        """Tries everything that waits, once. For each that must be tried again the seconds that Slack asks to wait."""
        if not self.marked.identity.is_known:
            return [0.0]
        try:
            announcing = await self.corrections.unannounced(SURFACE) if self.channel is not None else []
            returning = await self.corrections.unreturned(SURFACE)
        except StoreError as error:
            log.warning("corrections wait for the store: %s", error)
            return [0.0]
        waits = [await self._wait_after(self._announce(correction)) for correction in announcing]
        waits += [await self._wait_after(self._return(correction)) for correction in returning]
        return [wait for wait in waits if wait is not None]

    @staticmethod
    async def _wait_after(step: Awaitable[None]) -> float | None:
        """None when the step is done."""
        try:
            await unbroken(step)
        except SurfaceBusy as busy:
            return busy.retry_after
        except (Refused, SurfaceError, StoreError) as error:
            log.warning("a correction could not be told: %s", error)
            return 0.0
        return None

    async def _announce(self, listed: Correction) -> None:
        """Shows it to the administrators, unless it has been withdrawn meanwhile."""
        correction = await self.corrections.get(listed.id)
        is_open = correction is not None and correction.state is CorrectionState.PROPOSED
        if correction is None or self.channel is None or not (is_open and is_of_slack(correction)):
            return
        card = await self.cards.card(correction)
        spot = Spot("", self.channel)
        posted = await self.marked.post_once(spot, ANNOUNCED, correction.id, correction.proposed_at, card)
        await self.corrections.announced(correction.id, posted)

    async def _return(self, correction: Correction) -> None:
        """Posts it under the answer that it corrects; where nothing can be posted any more, the log says so."""
        ours = await self.threads.question_by_answer(correction.answer_id)
        if ours is None or ours.surface != SURFACE or not ours.message_ids:
            return
        language = ours.language or self.cards.language
        note = accepted_note(language, correction.text, self.cards.decider(correction))
        since = correction.decided_at or correction.proposed_at
        try:
            posted = await self.marked.post_once(thread_of(ours), RETURNED, correction.id, since, note)
        except Refused as refusal:
            if not isinstance(surface_error(refusal), (MessageGone, Undeliverable)):
                raise
            log.warning("correction %s goes back to nobody: %s", correction.id, refusal)
            posted = NOWHERE
        await self.corrections.returned(correction.id, posted)

    async def _watch(self) -> None:
        """Alarms, as they come."""
        while True:
            await self.alarms.wait()
            self._untold.extend(self.alarms.due())
            pause = FIRST_PAUSE
            while self._untold:
                if (wait := await self._tell(self._untold[0])) is None:
                    pause = FIRST_PAUSE
                else:
                    await self.clock.sleep(max(pause, wait))
                    pause = min(2 * pause, LONGEST_PAUSE)
                self._untold.extend(self.alarms.due())

    async def _tell(self, alarm: Alarm) -> float | None:
        """One try: None when it is done with, else the seconds that Slack asks to wait. Failures go to the log only."""
        text = sentence_of(alarm, self.cards.language)
        try:
            if self.channel is None:
                ids = ", ".join(alarm.question_ids)
                log.warning("nobody is there to be told: %s, %d times (%s)", alarm.kind, alarm.count, ids)
            else:
                unlinked = {"unfurl_links": False, "unfurl_media": False}
                await self.marked.api.call("chat.postMessage", channel=self.channel, text=text, **unlinked)
        except (Refused, SurfaceError) as error:
            log.warning("the administrators were not told of %s yet: %s", alarm.kind, error)
            return error.retry_after if isinstance(error, SurfaceBusy) else 0.0
        self._untold.popleft()
        return None


def thread_of(ours: OurMessage) -> Spot:
    """The thread that an answer stands in; one that stands in none begins its own."""
    channel, ts = channel_and_ts(ours.message_ids[0])
    asked = Spot.of(ours.conversation)
    return Spot(asked.team, channel, asked.ts if asked.channel == channel and asked.ts else ts)


def sentence_of(alarm: Alarm, language: str) -> str:
    """The alarm for people. Kinds and details that are names of texts are told as these texts."""
    kind, detail = (translate(language, said) if said else "" for said in (alarm.kind, alarm.detail))
    return alarm_text(language, kind, alarm.count, alarm.question_ids, detail)
