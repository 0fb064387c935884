"""Sentences for one person, in their language. They are said after the acknowledgement; losing one loses nothing."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass

from bots.slack.api import Refused, SlackApi
from bots.slack.blocks import Block
from bots.slack.escaping import escape
from bots.slack.events import Confirmation
from bots.slack.ids import person_of
from core.errors import StoreError
from core.people import People
from core.surfaces import SurfaceError
from core.texts import translate

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Telling:
    """`office_language` is for those who have not chosen one."""

    api: SlackApi
    people: People
    office_language: str

    async def language(self, user: str, fallback: str | None = None) -> str:
        """The language that the person has chosen; else `fallback`, or the office's. It is no reason to fail."""
        try:
            chosen = (await self.people.preference(person_of(user))).language
        except StoreError as error:
            log.warning("the language of %s is not known: %s", user, error)
            chosen = None
        return chosen or fallback or self.office_language

    async def is_news(self, user: str) -> bool:
        """Whether the person is still to be told that votes are kept."""
        try:
            return not (await self.people.preference(person_of(user))).told
        except StoreError:
            return False

    async def was_news(self, user: str) -> None:
        """They have been told now."""
        try:
            await self.people.told(person_of(user))
        except StoreError as error:
            log.warning("%s will be told once more that votes are kept: %s", user, error)

    async def confirm(self, confirmation: Confirmation) -> bool:
        """Shows the sentence to the person alone; whether Slack took it."""
        text = translate(await self.language(confirmation.user), confirmation.message_id)
        return await self.show(confirmation.channel, confirmation.user, escape(text), confirmation.thread_ts)

    async def show(
        self, channel: str, user: str, text: str, thread_ts: str | None = None, blocks: list[Block] | None = None
    ) -> bool:
        """Shows the text, escaped by the caller, to the person alone; whether Slack took it."""
        call = self.api.call(
            "chat.postEphemeral", channel=channel, user=user, thread_ts=thread_ts, text=text, blocks=blocks
        )
        return await _is_done(call)

    async def open(self, trigger_id: str, view: Block) -> bool:
        """Opens a modal, within three seconds of what gave the trigger; whether Slack did."""
        return await _is_done(self.api.call("views.open", trigger_id=trigger_id, view=view))

    async def write(self, user: str, text: str) -> bool:
        """Sends the text, escaped by the caller, as a direct message; whether Slack took it."""
        return await _is_done(self._write(user, text))

    async def _write(self, user: str, text: str) -> None:
        opened = await self.api.call("conversations.open", users=user)
        channel = opened["channel"]["id"]
        await self.api.call("chat.postMessage", channel=channel, text=text, unfurl_links=False, unfurl_media=False)


async def _is_done(call: Awaitable[object]) -> bool:
    try:
        await call
    except (Refused, SurfaceError) as error:
        log.info("somebody was not told: %s", error)
        return False
    return True
