"""`/sotay link`: one person on two platforms. A code that one of them gives is typed on the other."""

from dataclasses import dataclass

from bots.reading import Payload, word
from bots.slack.ids import person_of
from bots.slack.telling import Telling
from core.admission import Admission
from core.clock import Clock
from core.folding import fold
from core.texts import translate

LINK = frozenset({"link", "lien ket"})
"""What is typed after the command, folded."""


@dataclass(frozen=True, slots=True)
class Linking:
    """Links are durable when a method returns."""

    admission: Admission
    telling: Telling
    clock: Clock

    async def typed(self, body: Payload) -> str | None:
        """What is said to who typed `link`, with the code of the other platform or without; None for other words.

        Raises StoreError.
        """
        words = word(body.get("text")).split()
        length = next((n for n in (1, 2) if fold(" ".join(words[:n])) in LINK), None)
        if length is None:
            return None
        user, now = word(body.get("user_id")), self.clock.now()
        language = await self.telling.language(user)
        if len(words) == length:
            code = await self.admission.link_code(person_of(user), now)
            return translate(language, "slack.link_code", code=code)
        is_linked = await self.admission.link(words[length], person_of(user), now) is not None
        return translate(language, "slack.linked" if is_linked else "slack.bad_code")
