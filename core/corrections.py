"""Corrections: a reader says what an answer should have been, an administrator decides, the conversation is told.

A correction that was rejected is no longer learnt from; one that nobody has decided is.
"""

from datetime import datetime

from core.errors import SotayError
from core.store.corrections import Correction, CorrectionRepository, CorrectionState
from core.store.database import Database

__all__ = ["Correction", "CorrectionState", "Corrections"]


class Corrections:
    """The corrections of all answers. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._rows = CorrectionRepository(database)

    async def propose(self, answer_id: str, person: str, text: str, now: datetime) -> Correction:
        """What the answer should have been, for the administrators and, in the feedback, for training.

        One that the same person proposed before is withdrawn, unless it has been decided. Raises SotayError for an
        unknown answer or a text without a word.
        """
        if not text.strip():
            raise SotayError("feedback.empty_correction")
        added = await self._rows.add(answer_id, person, text.strip(), now)
        if added is None:
            raise SotayError("feedback.unknown_answer", answer_id=answer_id)
        return added

    async def get(self, correction_id: str) -> Correction | None:
        """The correction as it stands."""
        return await self._rows.get(correction_id)

    async def unannounced(self, surface: str | None = None) -> list[Correction]:
        """Proposals that no administrator has been shown yet, oldest first, the first hundred of them.

        With `surface` only those for answers to what was asked there.
        """
        return await self._rows.unannounced(surface)

    async def announced(self, correction_id: str, message_id: str) -> None:
        """The administrators are shown it by this message."""
        await self._rows.announced(correction_id, message_id)

    async def decide(self, correction_id: str, by: str, *, accept: bool, now: datetime) -> Correction | None:
        """The correction with the decision; None where there is nothing to decide (any more).

        Whoever decides first decides: of two at once exactly one gets it.
        """
        state = CorrectionState.ACCEPTED if accept else CorrectionState.REJECTED
        return await self._rows.decide(correction_id, by, state, now)

    async def unreturned(self, surface: str | None = None) -> list[Correction]:
        """Accepted corrections of which their conversation has not been told, oldest first, the first hundred.

        With `surface` only those for answers to what was asked there.
        """
        return await self._rows.unreturned(surface)

    async def returned(self, correction_id: str, message_id: str) -> None:
        """Their conversation is told by this message."""
        await self._rows.returned(correction_id, message_id)
