"""Sentences for people and chats, in their language. They are said after the update is durable: losing one is no harm.

A text is sent as it stands: commands in it can be tapped, so words of others in it must have been quieted.
What Telegram refuses goes to the log, except in `send` and `rewrite`, for who must know.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bots.telegram.controls import Button
from bots.telegram.escaping import one_line
from bots.telegram.ids import person_of
from bots.telegram.presses import Press, Where
from core.clock import Clock
from core.errors import StoreError
from core.people import People
from core.surfaces import MarkupRefused, Part, SurfaceError
from core.texts import LANGUAGES, translate

log = logging.getLogger(__name__)

TOAST = 200
"""Characters that Telegram shows of what answers a press."""
MOST_KEYS = 10_000

Keyboard = Sequence[Sequence[Button]]
Canonical = Callable[[str], Awaitable[str]]
"""The person whom an id names: `core.admission.Admission.canonical`."""


class Calls(Protocol):
    """What of the Bot API sentences need: `bots.telegram.api`. Calls raise `SurfaceError`."""

    async def say(self, where: Where, text: str, *, is_html: bool = False, keyboard: Keyboard = ()) -> int: ...

    async def rewrite(
        self, chat: int, message: int, text: str, *, is_html: bool = False, keyboard: Keyboard = ()
    ) -> None: ...

    async def take_away(self, chat: int, message: int) -> None: ...

    async def answer_press(self, press_id: str, text: str, *, is_alert: bool = False) -> None: ...


@dataclass(frozen=True, slots=True)
class Telling:
    """`office_language` is for those of whom no language is known that we speak."""

    bot: Calls
    people: People
    canonical: Canonical
    office_language: str

    async def person(self, user: int) -> str:
        """The person behind a user of Telegram. Raises StoreError."""
        return await self.canonical(person_of(user))

    async def language(self, user: int, language_code: str = "", fallback: str | None = None) -> str:
        """The language that the person has chosen; else `fallback`, their Telegram's, or the office's."""
        try:
            chosen = (await self.people.preference(await self.person(user))).language
        except StoreError as error:
            log.warning("the language of %s is not known: %s", user, error)
            chosen = None
        spoken = language_code.partition("-")[0].lower()
        return chosen or fallback or (spoken if spoken in LANGUAGES else self.office_language)

    async def is_news(self, user: int) -> bool:
        """Whether the person is still to be told that votes are kept."""
        try:
            return not (await self.people.preference(await self.person(user))).told
        except StoreError:
            return False

    async def was_news(self, user: int) -> None:
        """They have been told now."""
        try:
            await self.people.told(await self.person(user))
        except StoreError as error:
            log.warning("%s will be told once more that votes are kept: %s", user, error)

    async def say(self, where: Where, text: str | Part, keyboard: Keyboard = ()) -> int | None:
        """Sends the text; the id of the message, None where Telegram did not take it."""
        try:
            return await self.send(where, text, keyboard)
        except SurfaceError as error:
            log.info("chat %s was not told: %s", where.chat, error)
            return None

    async def send(self, where: Where, text: str | Part, keyboard: Keyboard = ()) -> int:
        """Sends the text, or the part in its markup; the id of the message. Raises SurfaceError."""
        if isinstance(text, str):
            return await self.bot.say(where, text, keyboard=keyboard)
        try:
            return await self.bot.say(where, text.text, is_html=True, keyboard=keyboard)
        except MarkupRefused:
            return await self.bot.say(where, text.plain, keyboard=keyboard)

    async def rewrite(self, chat: int, message: int, text: str | Part, keyboard: Keyboard = ()) -> None:
        """Gives a message of ours another text. Raises SurfaceError."""
        if isinstance(text, str):
            await self.bot.rewrite(chat, message, text, keyboard=keyboard)
            return
        try:
            await self.bot.rewrite(chat, message, text.text, is_html=True, keyboard=keyboard)
        except MarkupRefused:
            await self.bot.rewrite(chat, message, text.plain, keyboard=keyboard)

    async def change(self, press: Press, text: str, keyboard: Keyboard = ()) -> None:
        """Gives the message that was pressed another text, and other buttons or none."""
        try:
            await self.rewrite(press.chat, press.message, text, keyboard)
        except SurfaceError as error:
            log.info("message %s of chat %s stays as it is: %s", press.message, press.chat, error)

    async def take_away(self, chat: int, message: int) -> None:
        """Deletes a message of ours."""
        try:
            await self.bot.take_away(chat, message)
        except SurfaceError as error:
            log.warning("message %s of chat %s stays: %s", message, chat, error)

    async def toast(self, press: Press, text: str = "", *, is_alert: bool = False) -> bool:
        """Answers the press, so that the button rests; whether Telegram took it. Only who pressed sees the text."""
        try:
            await self.bot.answer_press(press.id, one_line(text, TOAST), is_alert=is_alert)
        except SurfaceError as error:
            log.info("a press was not answered: %s", error)
            return False
        return True

    async def rest(self, press_id: str) -> None:
        """Answers a press of which nothing else is known."""
        try:
            await self.bot.answer_press(press_id, "")
        except SurfaceError as error:
            log.info("a press was not answered: %s", error)

    async def toast_text(self, press: Press, text_id: str, *, is_alert: bool = False) -> None:
        """The same with a sentence of the catalogues, in the language of who pressed."""
        language = await self.language(press.user, press.language_code)
        await self.toast(press, translate(language, text_id), is_alert=is_alert)


@dataclass(slots=True)
class Recently:
    """What is done for each key once in so many `seconds` at most. It is remembered in memory only."""

    clock: Clock
    seconds: float
    _last: dict[object, float]

    @classmethod
    def within(cls, clock: Clock, seconds: float) -> "Recently":
        return cls(clock, seconds, {})

    def may(self, key: object) -> bool:
        """Whether it may be done for this key now; then it counts as done."""
        now = self.clock.monotonic()
        if len(self._last) >= MOST_KEYS:
            self._last = {known: at for known, at in self._last.items() if now - at < self.seconds}
        if len(self._last) >= MOST_KEYS or now - self._last.get(key, float("-inf")) < self.seconds:
            return False
        self._last[key] = now
        return True
