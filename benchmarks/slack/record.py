"""What the local Slack saw: when it delivered what, when what stood on the screen, and what stands there now."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.slack.script import bare, number_in
from core.clock import Clock
from core.texts import translate
from tests.slack_server import Json, Message, SlackServer
from tests.slack_server.deliveries import Carrier, Unheard, Way

STATUSES = ("inbox.searching", "inbox.searching_in", "inbox.waiting")
"""What is shown of a question while it is worked on."""
NOTICES = ("inbox.gave_up", "answer.too_late", "inbox.broken", "inbox.stopped")
"""What may be said instead of an answer."""


def _pattern(message_id: str) -> str:
    return re.sub(r"\\\{\w+\\\}", r"\\d+", re.escape(translate("vi", message_id)))


def is_status(text: str) -> bool:
    return any(re.fullmatch(_pattern(name), text.strip()) for name in STATUSES)


@dataclass(eq=False)
class Watch:
    """`deliveries.Carrier` that notes by event id when it was first sent, and when it was acknowledged.

    While it `is_deaf` everything is lost on its way, as over a connection that only looks open.
    """

    carrier: Carrier
    clock: Clock
    sent: dict[str, float] = field(default_factory=dict)
    acked: dict[str, float] = field(default_factory=dict)
    is_deaf: bool = False

    async def carry(self, way: Way, payload: Json, attempt: int, reason: str) -> Json:
        event_id = payload.get("event_id", "")
        if self.is_deaf:
            raise Unheard("timeout")
        self.sent.setdefault(event_id, self.clock.monotonic())
        answer = await self.carrier.carry(way, payload, attempt, reason)
        self.acked.setdefault(event_id, self.clock.monotonic())
        return answer


def watched(slack: SlackServer) -> Watch:
    """A watch over what is delivered from now on."""
    watch = Watch(slack.deliveries.carrier, slack.workspace.clock)
    slack.deliveries.carrier = watch
    return watch


def delivered_at(slack: SlackServer, watch: Watch) -> dict[str, float]:
    """By the ts of new messages: when the app was first sent one of the events that tell of it."""
    times: dict[str, float] = {}
    for delivery in slack.deliveries.all:
        event, sent = delivery.event, watch.sent.get(delivery.payload.get("event_id", ""))
        if sent is not None and event.get("type") in {"message", "app_mention"} and "subtype" not in event:
            times[event["ts"]] = min(sent, times.get(event["ts"], sent))
    return times


@dataclass(slots=True)
class Seen:
    """What was seen under one question, times on the server's clock; None for what never was."""

    placed_at: float | None = None
    opened_at: float | None = None
    ended_at: float | None = None


def seen_under(slack: SlackServer) -> dict[str, Seen]:
    """By the ts of the question that began the thread: its status or placeholder, its stream, its last writing."""
    found: dict[str, Seen] = {}
    roots = {m.ts: m.thread_ts for channel in slack.workspace.channels.values() for m in channel.messages.values()}
    for call in slack.calls:
        root = call.given.get("thread_ts") or roots.get(call.given.get("ts", ""))
        if not (call.ok and root):
            continue
        seen = found.setdefault(root, Seen())
        match call.method:
            case "assistant.threads.setStatus" | "chat.postMessage" if call.given.get("status", "-"):
                seen.placed_at = seen.placed_at or call.at
            case "chat.startStream":
                seen.placed_at, seen.opened_at = seen.placed_at or call.at, seen.opened_at or call.at
            case "chat.stopStream" | "chat.update":
                seen.ended_at = call.at
    return found


@dataclass(frozen=True, slots=True)
class Ours:
    """A message of ours as it stands there now. `number`: the question that its text names, None for no answer's."""

    message: Message
    body: str
    number: int | None
    question_id: str | None
    part: int

    @property
    def is_unfinished(self) -> bool:
        stream = self.message.stream
        is_live = stream is not None and stream.over is None
        return is_live or self.question_id is None or is_status(self.body)

    @property
    def is_last_part(self) -> bool:
        """Whether it is the end of an answer: buttons for feedback stand below it, and nowhere else."""
        return any(block["type"] == "context_actions" for block in self.message.blocks)

    @property
    def is_notice(self) -> bool:
        """Whether it says why there is no answer."""
        return not self.is_unfinished and self.number is None

    @property
    def is_ending(self) -> bool:
        return not self.is_unfinished and (self.is_last_part or self.is_notice)


def ours(message: Message) -> Ours:
    payload = (message.metadata or {}).get("event_payload", {})
    body = _body(message)
    return Ours(message, body, number_in(body), payload.get("question_id"), int(payload.get("part", 0)))


def _body(message: Message) -> str:
    """What was streamed, or the first block, or the text; without sources and buttons."""
    if message.stream and message.stream.text:
        return message.stream.text
    first = message.blocks[0].get("text", "") if message.blocks else message.text
    return str(first["text"]) if isinstance(first, dict) else str(first)


def all_ours(slack: SlackServer) -> Iterator[Ours]:
    for channel in slack.workspace.channels.values():
        for message in channel.messages.values():
            if message.user == slack.app.bot_user:
                yield ours(message)


def is_whole(parts: list[Ours], answer: str) -> bool:
    """Whether the messages, in the order of their parts, hold the answer and nothing else."""
    return bare("".join(one.body for one in sorted(parts, key=lambda one: one.part))) == bare(answer)


def ending_under(slack: SlackServer, channel: str, ts: str) -> Message | None:
    """The first finished answer or notice in the thread; None while there is none."""
    replies = slack.workspace.channels[channel].replies(ts)
    return next((m for m in replies if m.user == slack.app.bot_user and ours(m).is_ending), None)
