"""What people choose about themselves: their language, whether their votes are learnt from, that all is deleted.

And what they are shown of their rights.
"""

import functools
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from bots.telegram import menus
from bots.telegram.addressing import Message
from bots.telegram.admission import Identities
from bots.telegram.escaping import one_line, quieted
from bots.telegram.ids import SURFACE, chat_and_message
from bots.telegram.menus import BY_QUESTION, LANGUAGES, OFF, ON, Chosen
from bots.telegram.presses import After, Press, under
from bots.telegram.telling import Telling
from core.access import ADMINISTRATORS, searchable
from core.conversation import Person, Place
from core.documents import Space
from core.errors import StoreError
from core.people import Forgotten, Unfinished
from core.texts import translate

log = logging.getLogger(__name__)

SHOWN_SPACES = 30
SPACE = 100
"""Characters of a space's name."""

Readers = Callable[[str], Awaitable[frozenset[Person] | None]]
"""Who reads in a place beside the asker: nobody in a private chat, None where that is not known."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of people, by commands and by the buttons that these show."""

    telling: Telling
    identities: Identities
    spaces: Callable[[], Awaitable[Iterable[Space]]]
    readers: Readers

    async def show_languages(self, message: Message) -> None:
        """`/ngonngu`."""
        language = await self._language(message)
        keyboard = menus.languages(language, await self._chosen(message.user or 0))
        await self.telling.say(under(message), translate(language, "telegram.choose_language"), keyboard)

    async def choose_language(self, press: Press, chosen: Chosen) -> After | None:
        """Stores the language of who pressed, whoever called for the buttons. Raises StoreError."""
        if chosen.value not in LANGUAGES:
            return functools.partial(self.telling.rest, press.id)
        language = None if chosen.value == BY_QUESTION else chosen.value
        await self.telling.people.choose_language(await self.telling.person(press.user), language)
        return functools.partial(self._language_chosen, press, language)

    async def _language_chosen(self, press: Press, chosen: str | None) -> None:
        language = await self.telling.language(press.user, press.language_code)
        await self.telling.toast(press, translate(language, "telegram.language_chosen"))
        if press.is_private:
            keyboard = menus.languages(language, chosen)
            await self.telling.change(press, translate(language, "telegram.choose_language"), keyboard)

    async def show_rights(self, message: Message) -> After:
        """`/quyen`: what may be read here, and in private what can be done about it. Raises StoreError."""
        person = await self.identities.person(message.user or 0)
        place = Place(message.spot.place, frozenset() if message.is_private else await self.readers(message.spot.place))
        names = sorted(searchable(person, place, await self.spaces()))
        training = (await self.telling.people.preference(person.id)).training
        return functools.partial(self._tell_rights, message, names, person, training=training)

    async def _tell_rights(self, message: Message, names: Sequence[str], person: Person, *, training: bool) -> None:
        language = await self._language(message)
        keyboard: menus.Rows = []
        if message.is_private:
            may_invite = ADMINISTRATORS in person.groups
            keyboard = menus.rights(language, allows_training=training, may_invite=may_invite)
        await self.telling.say(under(message), rights_text(language, names), keyboard)

    async def consent(self, press: Press, chosen: Chosen) -> After | None:
        """Stores whether the votes of who pressed may be learnt from. Raises StoreError."""
        if chosen.value not in {ON, OFF}:
            return functools.partial(self.telling.rest, press.id)
        person = await self.telling.person(press.user)
        await self.telling.people.allow_training(person, allowed=chosen.value == ON)
        return functools.partial(self.telling.toast_text, press, f"telegram.consent_{chosen.value}", is_alert=True)

    async def ask_forgetting(self, message: Message) -> None:
        """`/xoadulieu`: asks whether that is meant."""
        language = await self._language(message)
        keyboard = menus.forget(language, message.user or 0)
        await self.telling.say(under(message), translate(language, "telegram.forget_text"), keyboard)

    async def forget(self, press: Press, chosen: Chosen) -> After | None:
        """Deletes everything of who pressed, if the button was made for them. Raises StoreError."""
        if chosen.value != str(press.user):
            return functools.partial(self.telling.toast_text, press, "telegram.not_yours", is_alert=True)
        language = await self.telling.language(press.user, press.language_code)
        forgotten = await self.telling.people.forget(await self.telling.person(press.user))
        return functools.partial(self._forgotten, press, language, forgotten)

    async def _forgotten(self, press: Press, language: str, forgotten: Forgotten) -> None:
        """Says what was deleted, and takes away what nobody will finish."""
        counts = {name: getattr(forgotten, name) for name in ("questions", "answers", "votes", "corrections")}
        await self.telling.toast(press)
        await self.telling.change(press, translate(language, "telegram.forgotten", **counts))
        await self._take_away(forgotten.unfinished)
        try:
            await self.telling.people.clean_up(forgotten)
        except StoreError as error:
            log.warning("what was forgotten is not out of the files yet, until `sotay forget` is run: %s", error)

    async def _take_away(self, unfinished: Sequence[Unfinished]) -> None:
        for message in unfinished:
            if message.surface == SURFACE:
                await self.telling.take_away(*chat_and_message(message.message_id))
            else:
                log.warning("message %s of a forgotten question stays on %s", message.message_id, message.surface)

    async def _language(self, message: Message) -> str:
        return await self.telling.language(message.user or 0, message.language_code)

    async def _chosen(self, user: int) -> str | None:
        """The language that the person has chosen; none where that is not known."""
        try:
            return (await self.telling.people.preference(await self.telling.person(user))).language
        except StoreError as error:
            log.warning("the language of %s is not known: %s", user, error)
            return None


def rights_text(language: str, names: Sequence[str]) -> str:
    """The spaces that are read for an answer here."""
    if not names:
        return translate(language, "telegram.rights_none")
    lines = [f"• {quieted(one_line(name, SPACE))}" for name in names[:SHOWN_SPACES]]
    more = len(names) - len(lines)
    lines += [translate(language, "telegram.rights_more", count=more)] if more else []
    return "\n".join([translate(language, "telegram.rights"), *lines])
