"""Telegram's drafts: a text that is shown in a private chat for half a minute, and is no message.

They say what is being done until the first words are there. The words themselves are a message from the beginning: a
draft is gone with the process that shows it, a message can be completed by the next one.
"""

import zlib
from dataclasses import dataclass, field

from bots.telegram.api import TelegramApi
from bots.telegram.ids import Spot
from bots.telegram.presses import Where
from core.surfaces import Posting

SECONDS = 30.0
"""How long Telegram shows a draft."""


@dataclass(slots=True)
class Drafts:
    """The drafts of this process. Once Telegram has refused one, no more are tried."""

    api: TelegramApi
    is_wanted: bool = True
    _are_refused: bool = field(default=False)

    async def show(self, posting: Posting, text: str) -> bool:
        """Shows the text to the asker; False where there are no drafts. Raises SurfaceError.

        Nothing takes a draft back: with an empty text it is left to fade.
        """
        chat = Spot.of(posting.place).chat
        if chat < 0 or not self.is_wanted or self._are_refused:
            return False
        if not text:
            return True
        where = Where(chat, Spot.of(posting.conversation).topic)
        is_shown = await self.api.draft(where, number_of(posting.question_id), text)
        if not is_shown:
            self._are_refused = True
        return is_shown


def number_of(question_id: str) -> int:
    """The number of the question's draft, never 0; the texts of one number pass into each other."""
    return zlib.crc32(question_id.encode()) or 1
