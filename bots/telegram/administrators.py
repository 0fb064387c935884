"""What the administrators' chat is told, and what goes back from there into the conversations.

A correction is announced in the chat and, once it is accepted, posted under the answer that it corrects. Both are found
in the store again after a crash. Bots cannot look for what they have sent, so what was sent and not noted, because no
word came back or the process died just then, is sent once more: at least once. Alarms live in memory, and go with the
process.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass, field

from bots.stopping import until_stopped
from bots.telegram.cards import accepted_note, alarm_card
from bots.telegram.corrections import Cards
from bots.telegram.ids import SURFACE, Spot, chat_and_message, message_id
from bots.telegram.presses import Where
from bots.telegram.telling import Telling
from core.alarms import Alarm, Alarms
from core.clock import Clock, wait_at_most
from core.corrections import Correction, Corrections, CorrectionState
from core.errors import StoreError
from core.store.threads import OurMessage, ThreadBook
from core.surfaces import Part, SurfaceBusy, SurfaceError, SurfaceSilent, Undeliverable
from core.texts import translate
from core.unbroken import unbroken

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds between tries while Telegram or the store fails; each pause is twice the one before."""
LOOK_AGAIN = 300.0
"""Seconds after which the store is looked at though nobody has said that there is news."""
MOST_ALARMS = 100
"""Alarms that are kept while they cannot be told; the oldest go first."""
NOWHERE = "-"
"""Stands for the note of a correction whose conversation is closed to us for good."""


@dataclass(slots=True)
class Administrators:
    """One task works on all of it. `chat` is the id of the administrators' chat, None where they have none here."""

    telling: Telling
    corrections: Corrections
    cards: Cards
    threads: ThreadBook
    alarms: Alarms
    clock: Clock
    chat: int | None
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _untold: deque[Alarm] = field(default_factory=lambda: deque(maxlen=MOST_ALARMS))

    def wake(self) -> None:
        """There is a correction to announce or to return."""
        self._woken.set()

    def moved(self, old: int, new: int) -> None:
        """The administrators' group may have become a supergroup, which has another id."""
        if self.chat == old:
            log.warning("the administrators' chat %s is now %s: put that into the settings", old, new)
            self.chat = new

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
        """Tries everything that waits, once. For each that must be tried again the seconds that Telegram asks for."""
        try:
            announcing = await self.corrections.unannounced(SURFACE) if self.chat is not None else []
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
        except SurfaceSilent as error:
            log.warning("a correction may have been told, and is told once more to be sure: %s", error)
            return 0.0
        except (SurfaceError, StoreError) as error:
            log.warning("a correction could not be told: %s", error)
            return 0.0
        return None

    async def _announce(self, listed: Correction) -> None:
        """Shows it to the administrators, unless it has been withdrawn meanwhile."""
        correction = await self.corrections.get(listed.id)
        if correction is None or self.chat is None or correction.state is not CorrectionState.PROPOSED:
            return
        card, keyboard = await self.cards.card(correction)
        posted = await self.telling.send(Where(self.chat), card, keyboard)
        await self.corrections.announced(correction.id, message_id(self.chat, posted))

    async def _return(self, correction: Correction) -> None:
        """Posts it under the answer that it corrects; where nothing can be posted any more, the log says so."""
        ours = await self.threads.question_by_answer(correction.answer_id)
        if ours is None or ours.surface != SURFACE or not ours.message_ids:
            return
        where, note = under_answer(ours), accepted_note(ours.language or self.cards.language, correction.text)
        await self.corrections.returned(correction.id, await self._post_back(correction.id, where, note))

    async def _post_back(self, correction_id: str, where: Where, note: Part) -> str:
        try:
            return message_id(where.chat, await self.telling.send(where, note))
        except Undeliverable as error:
            log.warning("correction %s goes back to nobody: %s", correction_id, error)
            return NOWHERE

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
        """One try: None when it is done with, else the seconds that Telegram asks to wait."""
        card = told(alarm, self.cards.language)
        try:
            if self.chat is None:
                ids = ", ".join(alarm.question_ids)
                log.warning("nobody is there to be told: %s, %d times (%s)", alarm.kind, alarm.count, ids)
            else:
                await self.telling.send(Where(self.chat), card)
        except SurfaceError as error:
            log.warning("the administrators were not told of %s yet: %s", alarm.kind, error)
            return error.retry_after if isinstance(error, SurfaceBusy) else 0.0
        self._untold.popleft()
        return None


def under_answer(ours: OurMessage) -> Where:
    """Where an accepted correction goes: under the first message of the answer, in its topic."""
    chat, message = chat_and_message(ours.message_ids[0])
    asked = Spot.of(ours.conversation)
    return Where(chat, asked.topic if asked.chat == chat else None, message)


def told(alarm: Alarm, language: str) -> Part:
    """The alarm for people. Kinds and details that are names of texts are told as these texts."""
    kind, detail = (translate(language, said) if said else "" for said in (alarm.kind, alarm.detail))
    return alarm_card(language, kind, alarm.count, alarm.question_ids, detail)
