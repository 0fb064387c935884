"""Telegram's Bot API as this adapter uses it: one call at a time, every failure told apart, none repeated unasked."""

import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bots.telegram.controls import Button
from bots.telegram.presses import Where
from bots.telegram.refusals import Moved, Same, translated
from core.surfaces import MessageGone, SurfaceError, SurfaceUnavailable, Undeliverable

log = logging.getLogger(__name__)

MOST_NOTES = 1_000
"""Messages beside the answers whose ids are kept in mind."""

Keyboard = Sequence[Sequence[Button]]
Migrated = Callable[[int, int], Awaitable[None]]
"""Is told the old and the new id of a group that has become a supergroup; raises StoreError."""


async def unheard(_old: int, _new: int) -> None:
    """Nobody keeps ids of groups."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of ours, and where it really stands."""

    chat: int
    message: int


@dataclass(slots=True)
class TelegramApi:
    """Calls raise `SurfaceError`, and what `migrated` raises.

    What is sent to a group that has become a supergroup is sent there. Messages of the old group can be changed no
    more, and their numbers are those of other messages in the new one: they are `MessageGone`.
    """

    bot: Bot
    migrated: Migrated = unheard
    _notes: deque[Sent] = field(default_factory=lambda: deque(maxlen=MOST_NOTES))

    async def post(self, where: Where, text: str, *, is_html: bool = False, keyboard: Keyboard = ()) -> Sent:
        """Sends a message, of which no preview of a page is shown; a reply to a message that is gone is no reply."""
        try:
            return await self._send(where, text, is_html=is_html, keyboard=keyboard)
        except Moved as moved:
            await self.migrated(where.chat, moved.chat)
            return await self._send(Where(moved.chat), text, is_html=is_html, keyboard=keyboard)

    async def say(self, where: Where, text: str, *, is_html: bool = False, keyboard: Keyboard = ()) -> int:
        """Sends a message that is no answer; its id, in the chat where it stands."""
        sent = await self.post(where, text, is_html=is_html, keyboard=keyboard)
        self._notes.append(sent)
        return sent.message

    def is_note(self, chat: int, message: int) -> bool:
        """Whether it was sent lately, and is no answer."""
        return Sent(chat, message) in self._notes

    async def rewrite(
        self, chat: int, message: int, text: str, *, is_html: bool = False, keyboard: Keyboard = ()
    ) -> None:
        """Gives a message of ours this text and these buttons, if it has not got them already."""
        try:
            async with self._changing(chat):
                await self.bot.edit_message_text(
                    text=text,
                    chat_id=chat,
                    message_id=message,
                    parse_mode=ParseMode.HTML if is_html else None,
                    reply_markup=_markup(keyboard),
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                )
        except Same:
            log.debug("message %s of chat %s said that already", message, chat)

    async def put_buttons(self, chat: int, message: int, keyboard: Keyboard) -> Message | None:
        """Gives a message of ours these buttons; as it stands then, None where it had the very same already.

        Whatever Telegram has against that is `MessageGone`: it says no in many words.
        """
        try:
            async with self._changing(chat):
                changed = await self.bot.edit_message_reply_markup(
                    chat_id=chat, message_id=message, reply_markup=_markup(keyboard)
                )
        except Same:
            return None
        except SurfaceUnavailable as refused:
            if not isinstance(refused.__cause__, BadRequest):
                raise
            raise MessageGone(str(refused)) from refused
        return changed if isinstance(changed, Message) else None

    async def take_away(self, chat: int, message: int) -> None:
        """Deletes a message; one that is gone is no error, one that Telegram keeps is `Undeliverable`."""
        try:
            async with self._changing(chat):
                await self.bot.delete_message(chat_id=chat, message_id=message)
        except MessageGone as gone:
            log.debug("message %s of chat %s was gone: %s", message, chat, gone)

    async def draft(self, where: Where, draft_id: int, text: str) -> bool:
        """Shows a text for half a minute that is no message; False where Telegram does not do that (for us)."""
        try:
            async with translated():
                return await self.bot.send_message_draft(where.chat, draft_id, text, message_thread_id=where.thread)
        except SurfaceError as refused:
            if isinstance(refused, Undeliverable) or not isinstance(refused.__cause__, BadRequest):
                raise
            log.info("no drafts: %s", refused)
            return False

    async def answer_press(self, press_id: str, text: str, *, is_alert: bool = False) -> None:
        """Lets the pressed button rest, and shows the text, of 200 characters at most, to who pressed it."""
        async with translated():
            await self.bot.answer_callback_query(press_id, text or None, show_alert=is_alert)

    async def _send(self, where: Where, text: str, *, is_html: bool, keyboard: Keyboard) -> Sent:
        reply = ReplyParameters(where.reply_to, allow_sending_without_reply=True) if where.reply_to else None
        async with translated():
            message = await self.bot.send_message(
                where.chat,
                text,
                parse_mode=ParseMode.HTML if is_html else None,
                reply_markup=_markup(keyboard),
                message_thread_id=where.thread,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_parameters=reply,
            )
        return Sent(message.chat_id, message.message_id)

    @asynccontextmanager
    async def _changing(self, chat: int) -> AsyncIterator[None]:
        """What is done to a message of the chat."""
        try:
            async with translated():
                yield
        except Moved as moved:
            await self.migrated(chat, moved.chat)
            raise MessageGone(str(moved)) from moved


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    rows = [[InlineKeyboardButton(button.text, callback_data=button.data) for button in row] for row in keyboard]
    return InlineKeyboardMarkup(rows) if rows else None
