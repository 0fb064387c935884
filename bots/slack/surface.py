"""Slack as a chat surface: status line, streams or edits, blocks, and the way back to a message that was lost."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bots.slack.api import CLOSED, GONE, Refused, Reply, SlackApi, surface_error
from bots.slack.audience import Audience
from bots.slack.files import SlackFiles
from bots.slack.identity import Identity
from bots.slack.ids import SURFACE, Spot, channel_and_ts, message_id, user_of
from bots.slack.render import Renderer, notification, plain_blocks
from bots.slack.streams import OFF, Streams
from bots.slack.threads import Threads
from core.clock import Clock
from core.conversation import Answer, Attachment, Remark
from core.intake import SharedFile
from core.surfaces import Action, MessageGone, Part, Posting, Rates, SurfaceUnavailable, Undeliverable

log = logging.getLogger(__name__)

EVENT_TYPE = "sotay_answer"
STATUS_OFF_SECONDS = 600.0
"""How long a workspace that shows no status line is not asked again."""
UNBOUNDED = 1e9
RATES = Rates(
    place_burst=4.0,
    place_per_second=1.0,
    burst=UNBOUNDED,
    per_second=UNBOUNDED,
    reserve=0.0,
    preview_seconds=0.8,
    call_seconds=10.0,
)
"""A channel bears a message a second and short bursts; what counts over the workspace is counted by method."""
POSTS = {Action.PLACEHOLDER, Action.OPEN, Action.PART}
STREAMING = "streaming_state_conflict"


@dataclass(slots=True)
class SlackSurface:
    """`core.surfaces.ChatSurface` over one workspace."""

    api: SlackApi
    renderer: Renderer
    streams: Streams
    audience: Audience
    threads: Threads
    files: SlackFiles
    clock: Clock
    identity: Identity
    name: str = SURFACE
    rates: Rates = RATES
    _status_off_until: float = field(default=float("-inf"))

    def cost(self, action: Action, place: str) -> float:
        del place
        return 1.0 if action in POSTS else 0.0

    def render(self, answer: Answer) -> Sequence[Part]:
        return self.renderer.parts(answer)

    async def announce(self, posting: Posting, text: str) -> bool:
        spot = Spot.of(posting.conversation)
        if spot.ts is None or self.clock.monotonic() < self._status_off_until:
            return False
        try:
            await self.api.call("assistant.threads.setStatus", channel_id=spot.channel, thread_ts=spot.ts, status=text)
        except Refused as refusal:
            log.info("no status line: %s", refusal)
            if refusal.code in OFF:
                self._status_off_until = self.clock.monotonic() + STATUS_OFF_SECONDS
            return False
        return True

    async def post_placeholder(self, posting: Posting, text: str) -> str:
        return await self._post(posting, text)

    async def open_answer(self, posting: Posting, text: str) -> str:
        return await self.streams.start(posting, text) or await self._post(posting, text)

    async def post_part(self, posting: Posting, text: str) -> str:
        return await self._post(posting, text)

    async def edit(self, posting: Posting, message_id: str, text: str) -> None:
        async with translated():
            if self.streams.is_open(message_id) and await self.streams.append(message_id, text):
                return
        await self._update(message_id, text, self.renderer.waiting(text), posting, preview=True)

    async def finish(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> None:
        if part.is_refused:
            await self._end_stream(message_id)
            await self._update(message_id, part.plain, plain_blocks(part.plain), posting)
        elif not await self._complete_stream(posting, message_id, answer, part):
            blocks = self.renderer.blocks(answer, posting.part, part)
            await self._update(message_id, part.plain, blocks, posting)

    async def _complete_stream(self, posting: Posting, message_id: str, answer: Answer, part: Part) -> bool:
        """Whether the message was a stream, and is whole now."""
        if not self.streams.is_open(message_id):
            return False
        tail = self.renderer.tail_blocks(answer, posting.part)
        async with translated():
            return await self.streams.complete(message_id, part.text, tail, metadata_of(posting))

    async def fail(self, posting: Posting, message_id: str, text: str) -> None:
        await self._end_stream(message_id)
        await self._update(message_id, text, self.renderer.failure(text), posting)

    async def remove(self, posting: Posting, message_id: str) -> None:
        del posting
        await self._end_stream(message_id)
        try:
            await self._change("chat.delete", message_id)
        except MessageGone:
            return

    async def find(self, posting: Posting, known: frozenset[str]) -> str | None:
        """By its mark, in the thread and, where nothing of the kind stands there, in private.

        A stream that has not ended bears no mark, and is known by belonging to nobody else.
        """
        if not self.identity.is_known:
            raise SurfaceUnavailable("Slack has not been reached yet")
        spot = Spot.of(posting.conversation)
        found = await self._found(spot, posting, known)
        if found is not None:
            return found
        private = await self._private(posting)
        return None if private.channel == spot.channel else await self._found(private, posting, known)

    async def _found(self, spot: Spot, posting: Posting, known: frozenset[str]) -> str | None:
        """The message there; none where Slack does not let us look, as it did not let us write either."""
        since, stray = Spot.of(posting.reply_to).ts, None
        try:
            async for message in self.threads.messages(spot, since=since):
                name, mark = message_id(spot.channel, message["ts"]), payload_of(message)
                if message.get("user") != self.identity.user or name in known:
                    continue
                if mark == payload(posting):
                    return name
                if mark is None and spot.ts is not None:
                    stray = stray or name
        except Refused as refusal:
            if refusal.code not in CLOSED | GONE:
                raise surface_error(refusal) from refusal
        return stray

    async def readers(self, place: str) -> frozenset[str] | None:
        return await self.audience.readers(place)

    async def groups(self, person: str) -> frozenset[str]:
        return await self.audience.groups(person)

    async def remarks(self, conversation: str, reply_to: str) -> Sequence[Remark]:
        async with translated():
            return await self.threads.remarks(conversation, reply_to)

    async def fetch(self, file: SharedFile) -> Attachment:
        async with translated():
            return await self.files.fetch(file)

    async def _post(self, posting: Posting, text: str) -> str:
        """Sends a message into the thread; where we may not (any more) speak there, to the asker in private."""
        spot = Spot.of(posting.conversation)
        try:
            return await self._send(spot, text, posting)
        except (Undeliverable, MessageGone) as closed:
            private = await self._private(posting)
            if spot == private:
                raise Undeliverable(str(closed)) from closed
            log.info("answered in private: %s", closed)
        return await self._send(private, text, posting)

    async def _private(self, posting: Posting) -> Spot:
        """The direct messages with the asker."""
        async with translated():
            opened = await self.api.call("conversations.open", users=user_of(posting.person))
        return Spot(self.identity.team, opened["channel"]["id"])

    async def _send(self, spot: Spot, text: str, posting: Posting) -> str:
        async with translated():
            reply = await self.api.call(
                "chat.postMessage",
                channel=spot.channel,
                thread_ts=spot.ts,
                text=notification(text),
                blocks=self.renderer.waiting(text),
                metadata=metadata_of(posting),
                unfurl_links=False,
                unfurl_media=False,
            )
        return message_id(reply["channel"], reply["ts"])

    async def _update(
        self, name: str, text: str, blocks: list[dict[str, Any]], posting: Posting, *, preview: bool = False
    ) -> None:
        """Nothing in the text becomes a link or a mention by itself, as it would where `parse` is not given."""
        content = {"text": notification(text), "blocks": blocks, "metadata": metadata_of(posting), "parse": "none"}
        await self._change("chat.update", name, preview=preview, **content)

    async def _change(self, method: str, name: str, *, preview: bool = False, **content: object) -> None:
        """Changes a message of ours; one that an earlier process left streaming is ended first."""
        channel, ts = channel_and_ts(name)
        arguments = {"channel": channel, "ts": ts, **content}
        async with translated():
            try:
                await self.api.call_with(method, arguments, preview=preview)
            except Refused as refusal:
                if refusal.code != STREAMING:
                    raise
                await self.streams.end(name)
                await self.api.call_with(method, arguments, preview=preview)

    async def _end_stream(self, name: str) -> None:
        if self.streams.is_open(name):
            async with translated():
                await self.streams.end(name)


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Slack's refusals as the core knows them."""
    try:
        yield
    except Refused as refusal:
        raise surface_error(refusal) from refusal


def payload(posting: Posting) -> dict[str, object]:
    return {"question_id": posting.question_id, "part": posting.part}


def metadata_of(posting: Posting) -> dict[str, object]:
    """What marks a message as the part of an answer; people do not see it."""
    return {"event_type": EVENT_TYPE, "event_payload": payload(posting)}


def payload_of(message: Reply) -> dict[str, object] | None:
    """What a message of ours is marked with, None where it bears no mark."""
    marked: dict[str, object] | None = (message.get("metadata") or {}).get("event_payload")
    return marked
