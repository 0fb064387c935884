"""What Slack delivers becomes durable here, before it is acknowledged. Raises StoreError where it could not."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from bots.reading import Payload, is_ts, mapping, word
from bots.slack.addressing import Call, Message, call_of
from bots.slack.files import shared_files
from bots.slack.identity import Identity
from bots.slack.ids import SURFACE, Spot, message_id, person_of
from bots.slack.threads import is_direct, moment
from bots.slack.typed import mentions, plain
from core.clock import Clock
from core.intake import Incoming, Receipt, Verdict
from core.store.threads import ThreadBook

log = logging.getLogger(__name__)


class Accepting(Protocol):
    """`core.inbox.Inbox` as the events need it."""

    async def accept(self, message: Incoming) -> Receipt: ...

    async def stop_newest(self, conversations: Sequence[str], person: str, event: str) -> Receipt | None: ...


class ThreadNotes(Protocol):
    """What is known of a thread: `core.store.threads.ThreadBook`."""

    async def mute(self, conversation: str, person: str, now: datetime) -> None: ...

    async def unmute(self, conversation: str) -> None: ...

    async def is_muted(self, conversation: str) -> bool: ...

    async def has_answered(self, conversation: str) -> bool: ...

    async def questions(self, conversation: str) -> AbstractSet[str]: ...

    async def conversation_of(self, surface: str, message_id: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A sentence for one person, once the delivery has been acknowledged; losing it loses nothing."""

    channel: str
    user: str
    message_id: str
    thread_ts: str | None = None


React = Callable[[Payload, str], Awaitable[Confirmation | None]]
"""Keeps a reaction as a vote: the event, the workspace."""


Stop = Callable[[str, str], Awaitable[object]]
LATE = timedelta(minutes=10)
"""How long after its message an edit may come first: Slack delivers again for some six minutes. The edit of an older
message that was none of ours is none of ours either.
"""
StopMessage = Callable[[str, str], Awaitable[bool]]
"""Stops the question whose answer is written in a message of ours: its id, who wants that; whether there is one."""


async def unknown(_message_id: str, _person: str) -> bool:
    """No message is known."""
    return False


async def stop_answer_in(stop: Stop, threads: ThreadBook, message: str, person: str) -> bool:
    """`StopMessage` by what is stored of our messages."""
    ours = await threads.owner_of(SURFACE, message)
    if ours is not None:
        await stop(ours.question_id, person)
    return ours is not None


@dataclass(frozen=True, slots=True)
class Events:
    """The deliveries of one workspace."""

    inbox: Accepting
    threads: ThreadNotes
    react: React
    audience_changed: Callable[[str], None]
    identity: Identity
    clock: Clock
    stop_message: StopMessage = unknown

    async def take(self, envelope: Payload) -> Confirmation | None:
        """Makes one delivery of the Events API durable; what is none of ours is passed over."""
        event, team = mapping(envelope.get("event")), word(envelope.get("team_id"))
        match event.get("type"):
            case "message" | "app_mention":
                return await self.take_message(event, team, word(envelope.get("event_id")))
            case "reaction_added" | "reaction_removed":
                return await self.react(event, team)
            case "agent_session_stopped" | "message_stream_stopped":
                await self._stop(event, team)
            case "member_joined_channel" | "member_left_channel" | "channel_shared" | "channel_unshared":
                self.audience_changed(word(event.get("channel")))
        return None

    async def take_message(self, event: Payload, team: str, delivery: str) -> Confirmation | None:
        """A message, new, edited or deleted."""
        before, now = mapping(event.get("previous_message")), mapping(event.get("message"))
        match event.get("subtype"):
            case "message_deleted":
                await self._delete(message_of(event, {**before, "ts": event.get("deleted_ts")}), team, delivery)
            case "message_changed" if now.get("subtype") == "tombstone":
                await self._delete(message_of(event, before), team, delivery)
            case "message_changed":
                edited = mapping(now.get("edited")).get("ts")
                if is_ts(edited) and now.get("text") != before.get("text"):
                    return await self._say(message_of(event, now), now, team, delivery, float(word(edited)))
            case _:
                return await self._say(message_of(event, event), event, team, delivery)
        return None

    async def _say(
        self, message: Message | None, told: Payload, team: str, delivery: str, version: float = 0.0
    ) -> Confirmation | None:
        """What somebody said, or says now."""
        if message is None:
            return None
        key = Spot(team, message.channel, message.ts).name
        call = await self._settled(call_of(message, self.identity.user), message, team, key, is_edit=version > 0)
        match call:
            case Call.QUESTION:
                asked = await self._incoming(message, team, delivery, plain(message.text, self.identity.user))
                await self.inbox.accept(replace(asked, version=version, files=shared_files(told)))
            case Call.MUTE | Call.UNMUTE if message.thread_ts is not None or not message.is_direct:
                return await self._hush(call, message, team)
            case Call.STOP:
                return await self._stopped(message, team)
        return None

    async def _settled(self, call: Call, message: Message, team: str, key: str, *, is_edit: bool) -> Call:
        """The call, where the thread decides: whether it is one of ours, and may be spoken in."""
        if call is Call.QUESTION or (call in {Call.MUTE, Call.UNMUTE} and not is_edit):
            return call
        conversation = await self._conversation(message, team)
        if is_edit:
            was_asked = message.user is not None and key in await self.threads.questions(conversation)
            if was_asked or call is not Call.FOLLOW_UP or self.clock.now() - moment(message.ts) > LATE:
                return Call.QUESTION if was_asked else Call.NOTHING
        if call is Call.FOLLOW_UP or (call is Call.STOP and not self._is_named(message)):
            is_ours = await self.threads.has_answered(conversation)
            is_open = is_ours and not await self.threads.is_muted(conversation)
            return {Call.FOLLOW_UP: Call.QUESTION}.get(call, call) if is_open else Call.NOTHING
        return call

    def _is_named(self, message: Message) -> bool:
        return message.is_direct or self.identity.user in mentions(message.text)

    async def _conversation(self, message: Message, team: str) -> str:
        """Its thread; one that begins with a message of ours is that of the question answered there."""
        if message.thread_ts is not None and message.thread_ts != message.ts:
            begun = await self.threads.conversation_of(SURFACE, message_id(message.channel, message.thread_ts))
            if begun is not None:
                return begun
        return Spot(team, message.channel, message.root).name

    async def _hush(self, call: Call, message: Message, team: str) -> Confirmation:
        conversation = await self._conversation(message, team)
        if call is Call.MUTE:
            await self.threads.mute(conversation, person_of(message.user or ""), self.clock.now())
            return confirmation(message, "slack.muted")
        await self.threads.unmute(conversation)
        return confirmation(message, "slack.unmuted")

    async def _stopped(self, message: Message, team: str) -> Confirmation | None:
        """The word comes twice, as message and as mention, and more often where an acknowledgement was lost."""
        conversation, event = await self._conversation(message, team), Spot(team, message.channel, message.ts).name
        receipt = await self.inbox.stop_newest([conversation], person_of(message.user or ""), f"{event}:stop")
        is_told = receipt is None or receipt.verdict is Verdict.CANCELLED
        return None if is_told else confirmation(message, "slack.nothing_to_stop")

    async def _delete(self, message: Message | None, team: str, delivery: str) -> None:
        """A question that is taken back, also when it is not known yet."""
        if message is None:
            return
        key = Spot(team, message.channel, message.ts).name
        call, conversation = call_of(message, self.identity.user), await self._conversation(message, team)
        may_come = call is Call.FOLLOW_UP and await self.threads.has_answered(conversation)
        if call is Call.QUESTION or may_come or key in await self.threads.questions(conversation):
            await self.inbox.accept(await self._incoming(message, team, delivery, None))

    async def _incoming(self, message: Message, team: str, delivery: str, text: str | None) -> Incoming:
        key = Spot(team, message.channel, message.ts).name
        return Incoming(
            surface=SURFACE,
            key=key,
            event=f"{SURFACE}:{delivery or key}",
            conversation=await self._conversation(message, team),
            place=Spot(team, message.channel).place,
            person=person_of(message.user or ""),
            text=text,
            sent_at=moment(message.ts),
        )

    async def _stop(self, event: Payload, team: str) -> None:
        """The Stop button of Slack's own: it stops what is being written, not what was asked after that."""
        channel, thread, user = (word(event.get(name)) for name in ("channel", "thread_ts", "user"))
        if not (channel and thread and user):
            return
        several = event.get("streaming_message_ts")
        streaming = [event.get("message_ts"), *(several if isinstance(several, list) else [several])]
        known = [await self.stop_message(message_id(channel, ts), person_of(user)) for ts in map(word, streaming) if ts]
        if not any(known):
            conversation, when = Spot(team, channel, thread).name, word(event.get("event_ts"))
            await self.inbox.stop_newest([conversation], person_of(user), f"{conversation}:stop:{when}")


def message_of(event: Payload, told: Payload) -> Message | None:
    """The message that an event tells of; None where it lacks what every message has."""
    channel, ts, thread_ts = word(event.get("channel")), word(told.get("ts")), told.get("thread_ts")
    if not channel or not is_ts(ts):
        return None
    return Message(
        channel=channel,
        ts=ts,
        text=word(told.get("text")),
        user=word(told.get("user")) or None,
        thread_ts=word(thread_ts) if is_ts(thread_ts) else None,
        subtype=word(told.get("subtype")) or None,
        bot_id=word(told.get("bot_id")) or None,
        has_files=bool(told.get("files")),
        is_direct=is_direct(channel),
    )


def confirmation(message: Message, message_id: str) -> Confirmation:
    return Confirmation(message.channel, message.user or "", message_id, message.thread_ts)
