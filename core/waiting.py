"""What those who wait are told: their place in the queue, and an honest guess at how long it will take."""

import asyncio
import logging
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from core.clock import Clock
from core.conversation import Language
from core.delivery import Channel, Delivery
from core.errors import StoreError
from core.following import following
from core.intake import Claim, ClaimLost
from core.queueing import Waiting, all_waiting, in_turn
from core.store.claims import Claims
from core.surfaces import SurfaceError
from core.texts import translate

log = logging.getLogger(__name__)

FIRST_GUESS = 10.0
"""Seconds that an answer is taken to need before one has been seen."""
WEIGHT = 0.2
"""How far the newest answer moves the guess."""
STEP = 5
"""Guesses are rounded up to a multiple of so many seconds: people notice being promised too little."""
TELL_AGAIN = 5.0
"""Seconds between two tellings of one question's place."""
AT_ONCE = 8
"""Tellings under way at the same time."""
RETRY = 1.0
"""Seconds between two tries to give a question back while the database is away."""


@dataclass(slots=True)
class Estimate:
    """Seconds that an answer takes, as those of this process did lately; `slots` are written at once."""

    slots: int
    seconds: float = FIRST_GUESS

    def took(self, seconds: float) -> None:
        """One more answer was made."""
        self.seconds += WEIGHT * (seconds - self.seconds)

    def wait(self, position: int) -> int:
        """Seconds until the answer at `position` (1 is next) is there: the rounds before it, and its own."""
        rounds = math.ceil(position / self.slots) + 1
        return max(STEP, STEP * math.ceil(rounds * self.seconds / STEP))


class WaitingRoom:
    """Tells everybody who waits where they stand, at once and again when they have moved up."""

    def __init__(
        self,
        claims: Claims,
        channels: Mapping[str, Channel],
        language_of: Callable[[str], Language],
        clock: Clock,
        estimate: Estimate,
    ) -> None:
        self._claims = claims
        self._channels = channels
        self._language_of = language_of
        self._clock = clock
        self._estimate = estimate
        self._turnstile = asyncio.Semaphore(AT_ONCE)
        self.telling: set[str] = set()
        self._told: dict[str, tuple[int, float]] = {}

    async def due(self, room: int = 0, in_hand: Collection[str] = ()) -> list[tuple[Waiting, int]]:
        """Who is to be told now, with their positions; each is counted as told. Raises StoreError.

        Those that the worker still has `in_hand` have just been given back and are taken up again at once. So are as
        many as it has `room` for: they have come since it looked.
        """
        rows = await self._claims.open_questions(self._clock.now())
        free = [row for row in in_turn(rows) if row.worker is None and row.question_id not in in_hand]
        places = list(enumerate((row for row in all_waiting(rows) if row not in free[:room]), start=1))
        waiting = {row.question_id for _, row in places}
        self._told = {question_id: told for question_id, told in self._told.items() if question_id in waiting}
        due = [
            (row, position)
            for position, row in places
            if row.question_id not in in_hand and self._is_due(row, position)
        ]
        for row, position in due:
            self._told[row.question_id] = (position, self._clock.monotonic())
        return due

    async def tell(self, waiting: Waiting, position: int) -> None:
        """Writes the position into the question's placeholder, which is sent where there is none.

        While it is in `telling` it is not due again: two tellings would take the question from each other.
        """
        with following(waiting.question_id):
            await self._tell(waiting, position)

    async def _tell(self, waiting: Waiting, position: int) -> None:
        self.telling.add(waiting.question_id)
        try:
            async with self._turnstile:
                claim = await self._claims.hold(waiting.question_id, self._clock.now())
                if claim is not None:
                    await self._say(claim, position)
        except (StoreError, ClaimLost, SurfaceError) as error:
            log.warning("%s could not be told that it waits: %r", waiting.question_id, error)
        except Exception:
            # An outer edge: a fault in an adapter must not end the worker that serves everybody.
            log.exception("%s could not be told that it waits", waiting.question_id)
        finally:
            self.telling.discard(waiting.question_id)

    async def _say(self, claim: Claim, position: int) -> None:
        language = self._language_of(claim.text)
        seconds = self._estimate.wait(position)
        text = translate(language, "inbox.waiting", position=position, seconds=seconds)
        delivery = Delivery(claim, self._channels[claim.surface], language)
        try:
            await delivery.tell(text)
        finally:
            await give_back(self._claims, self._clock, claim, counted=False)

    def _is_due(self, row: Waiting, position: int) -> bool:
        if row.worker is not None or row.question_id in self.telling:
            return False
        told, at = self._told.get(row.question_id, (0, -math.inf))
        return told != position and self._clock.monotonic() - at >= TELL_AGAIN


async def give_back(claims: Claims, clock: Clock, claim: Claim, *, counted: bool) -> None:
    """Lets go of the question, unless it has ended; waits for the database if need be, since nobody else answers it."""
    while True:
        try:
            return await claims.release(claim, counted=counted)
        except StoreError as error:
            log.warning("%s cannot be given back yet: %s", claim.question_id, error)
            await clock.sleep(RETRY)
