"""What stands behind the events in tests: an inbox that keeps what it is given, and notes on threads in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bots.reading import Payload
from bots.slack.events import Confirmation, Events
from bots.slack.identity import Identity
from core.clock import SteadyClock
from core.errors import StoreError
from core.intake import Incoming, Receipt, Verdict

BOT, TEAM, CHANNEL = "U0BOT", "T1", "C1"


@dataclass
class KeptInbox:
    """`bots.slack.events.Accepting` in memory."""

    accepted: list[Incoming] = field(default_factory=list)
    stopped: list[tuple[str, str]] = field(default_factory=list)
    stops: set[str] = field(default_factory=set)
    verdict: Verdict = Verdict.CANCELLED
    is_away: bool = False

    async def accept(self, message: Incoming) -> Receipt:
        self._check()
        self.accepted.append(message)
        return Receipt(Verdict.ACCEPTED, message.key)

    async def stop_newest(self, conversations: Sequence[str], person: str, event: str) -> Receipt | None:
        self._check()
        if event in self.stops:
            return None
        self.stops.add(event)
        self.stopped += [(conversation, person) for conversation in conversations]
        return Receipt(self.verdict)

    def _check(self) -> None:
        if self.is_away:
            raise StoreError("store.locked", place="test")


@dataclass
class KeptNotes:
    """`bots.slack.events.ThreadNotes` in memory; every accepted question counts as answered in `answered`."""

    inbox: KeptInbox
    answered: set[str] = field(default_factory=set)
    muted: set[str] = field(default_factory=set)
    begun: Mapping[str, str] = field(default_factory=dict)

    async def mute(self, conversation: str, person: str, now: datetime) -> None:
        del person, now
        self.muted.add(conversation)

    async def unmute(self, conversation: str) -> None:
        self.muted.discard(conversation)

    async def is_muted(self, conversation: str) -> bool:
        return conversation in self.muted

    async def has_answered(self, conversation: str) -> bool:
        return conversation in self.answered

    async def questions(self, conversation: str) -> frozenset[str]:
        return frozenset(asked.key for asked in self.inbox.accepted if asked.conversation == conversation)

    async def conversation_of(self, surface: str, message_id: str) -> str | None:
        del surface
        return self.begun.get(message_id)


@dataclass
class Lobby:
    """Events over both."""

    inbox: KeptInbox = field(default_factory=KeptInbox)
    reactions: list[Payload] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.notes = KeptNotes(self.inbox)
        self.events = Events(
            self.inbox, self.notes, self._react, self.moved.append, Identity(BOT, TEAM, "B1"), SteadyClock()
        )

    async def _react(self, event: Payload, team: str) -> Confirmation | None:
        del team
        self.reactions.append(event)
        return None

    async def deliver(self, event: Payload, event_id: str = "Ev1") -> Confirmation | None:
        envelope = {"type": "event_callback", "team_id": TEAM, "event_id": event_id, "event": event}
        return await self.events.take(envelope)
