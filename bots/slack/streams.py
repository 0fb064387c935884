"""Slack's native streams: a message that grows while the answer is written, as long as Slack lets it.

A stream dies five minutes after its start, when its asker presses Stop, and with this process. Whatever becomes of it,
the message stays and can be written anew by `chat.update`: a stream is a preview, never the only copy of a text.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bots.slack.api import UNSURE, Refused, SlackApi, surface_error
from bots.slack.escaping import markdown_safe
from bots.slack.identity import Identity
from bots.slack.ids import Spot, channel_and_ts, message_id, user_of
from core.clock import Clock
from core.errors import StoreError
from core.surfaces import Posting, SurfaceBusy, SurfaceError, SurfaceUnavailable

log = logging.getLogger(__name__)

OFF_SECONDS = 600.0
"""How long a workspace that takes no streams is not asked again."""
OFF = frozenset({
    "access_denied", "app_missing_action_url", "ekm_access_denied", "enterprise_is_restricted", "feature_disabled",
    "feature_not_enabled", "method_deprecated", "missing_scope", "no_permission", "not_allowed_token_type",
    "team_access_not_granted", "unknown_method",
})  # fmt: skip
"""What is so in the whole workspace. Any other refusal is about one place or one message, and the next one is tried."""
LIVES_SECONDS = 270.0
"""Slack ends a stream after five minutes; ours end before."""
DEAD_SECONDS = 600.0
"""After so long an entry is forgotten that nobody has ended: its question has gone to another process."""
LONGEST = 11_000
"""Characters of a stream; its limit is 12,000 a call, and the blocks below it count."""
ENDED = frozenset({"message_not_in_streaming_state", "stopped_by_user", "message_not_found"})
STOPPED = "stopped_by_user"

StopQuestion = Callable[[str, str], Awaitable[object]]
"""Ends a question for its asker: question id, person."""


async def unheard(_question_id: str, _person: str) -> None:
    """Nobody ends it."""


@dataclass(slots=True)
class Stream:
    """One message that is being streamed; `shown` is what has been appended."""

    posting: Posting
    shown: str
    began: float


@dataclass(slots=True)
class Streams:
    """The open streams of this process, by message id. Calls raise SurfaceError."""

    api: SlackApi
    clock: Clock
    identity: Identity
    is_wanted: bool = True
    stop: StopQuestion = unheard
    _open: dict[str, Stream] = field(default_factory=dict)
    _off_until: float = float("-inf")

    async def start(self, posting: Posting, text: str) -> str | None:
        """The id of a new stream that shows `text`; None where none can be had, and then none was begun."""
        spot, shown = Spot.of(posting.conversation), markdown_safe(text)
        if spot.ts is None or not shown.strip() or len(shown) > LONGEST or self._is_off():
            return None
        try:
            reply = await self.api.call(
                "chat.startStream",
                channel=spot.channel,
                thread_ts=spot.ts,
                markdown_text=shown,
                recipient_user_id=user_of(posting.person),
                recipient_team_id=self.identity.team,
                is_stoppable=True,
            )
        except SurfaceBusy:
            return None
        except Refused as refusal:
            if refusal.code in UNSURE:
                raise surface_error(refusal) from refusal
            log.info("no stream: %s", refusal)
            if refusal.code in OFF:
                self._off_until = self.clock.monotonic() + OFF_SECONDS
            return None
        name = message_id(spot.channel, reply["ts"])
        self._forget_dead()
        self._open[name] = Stream(posting, shown, self.clock.monotonic())
        return name

    def is_open(self, name: str) -> bool:
        return name in self._open

    async def append(self, name: str, text: str) -> bool:
        """Shows the text so far; False where it is to be shown in another way, as this stream has ended.

        Where its asker has stopped it, nothing more is to be shown, and the question is stopped. A stream of which no
        word comes back is given up: what it shows is not known any more, and an append is no thing to do twice.
        """
        stream, shown = self._open[name], markdown_safe(text)
        if not self._can_grow(stream, shown):
            await self.end(name)
            return False
        rest = shown[len(stream.shown) :]
        if not rest:
            return True
        channel, ts = channel_and_ts(name)
        del self._open[name]
        try:
            await self.api.call("chat.appendStream", preview=True, channel=channel, ts=ts, markdown_text=rest)
        except Refused as refusal:
            return await self._ended(name, stream, refusal)
        except (SurfaceBusy, SurfaceUnavailable):
            self._open[name] = stream
            raise
        stream.shown = shown
        self._open[name] = stream
        return True

    async def end(self, name: str) -> None:
        """The stream grows no more; its message stays. One that has ended by itself is no error."""
        self._open.pop(name, None)
        channel, ts = channel_and_ts(name)
        await self._stop(channel, ts)

    async def complete(self, name: str, text: str, blocks: list[dict[str, object]], metadata: object) -> bool:
        """Ends the stream with the whole text and `blocks` below it; False where the message must be written anew."""
        stream, whole = self._open[name], markdown_safe(text)
        if not self._can_grow(stream, whole):
            await self.end(name)
            return False
        channel, ts = channel_and_ts(name)
        rest = whole[len(stream.shown) :]
        del self._open[name]  # whatever comes back: who tries again writes the message anew
        return await self._stop(channel, ts, markdown_text=rest or None, blocks=blocks, metadata=metadata)

    def _can_grow(self, stream: Stream, shown: str) -> bool:
        is_young = self.clock.monotonic() - stream.began < LIVES_SECONDS
        return is_young and shown.startswith(stream.shown) and len(shown) <= LONGEST

    async def _stop(self, channel: str, ts: str, **content: object) -> bool:
        """Whether Slack took the ending."""
        try:
            await self.api.call_with("chat.stopStream", {"channel": channel, "ts": ts, **content})
        except Refused as refusal:
            log.info("a stream had ended, or took no ending: %s", refusal)
            return False
        return True

    async def _ended(self, name: str, stream: Stream, refusal: Refused) -> bool:
        """The stream takes no more, as `append` says; one that Slack has not ended itself is ended."""
        log.info("the stream of %s has ended: %s", stream.posting.question_id, refusal)
        if refusal.code == STOPPED:
            await self._stop_question(stream.posting)
            return True
        if refusal.code not in ENDED:
            await self._quietly_end(name)
        return False

    async def _stop_question(self, posting: Posting) -> None:
        """Slack tells of it by an event too; so it is no loss where the store is away now."""
        try:
            await self.stop(posting.question_id, posting.person)
        except StoreError as error:
            log.warning("%s was stopped, which could not be stored yet: %s", posting.question_id, error)

    async def _quietly_end(self, name: str) -> None:
        try:
            await self.end(name)
        except SurfaceError as error:
            log.info("a stream could not be ended: %r", error)

    def _forget_dead(self) -> None:
        """Memory does not grow by streams that nobody ends; most of them end within a minute."""
        born = self.clock.monotonic() - DEAD_SECONDS
        for name in [name for name, stream in self._open.items() if stream.began < born]:
            del self._open[name]

    def _is_off(self) -> bool:
        return not self.is_wanted or self.clock.monotonic() < self._off_until
