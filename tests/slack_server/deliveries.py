"""What Slack tells the app, and how often it tries."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tests.slack_server.messages import TEAM
from tests.slack_server.places import Channel
from tests.slack_server.refusals import Json
from tests.slack_server.workspace import Workspace

Way = Literal["events_api", "interactive", "slash_commands"]
Spawn = Callable[[Coroutine[object, object, None]], object]


class Unheard(Exception):
    """No acknowledgement came: `reason` as Slack names it; `final` when the app asked for no repeat."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


class Carrier(Protocol):
    async def carry(self, way: Way, payload: Json, attempt: int, reason: str) -> Json:
        """Takes the payload to the app once; what the acknowledgement held. Raises `Unheard`.

        `attempt` counts from 0; `reason` says why the one before failed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Missed:
    """One attempt that nobody acknowledged in time."""

    way: Way
    payload: Json
    attempt: int
    reason: str


@dataclass(eq=False)
class Delivery:
    """One event or interaction over all its attempts. `done` is None while it is under way."""

    way: Way
    payload: Json
    attempts: int = 0
    done: bool | None = None

    @property
    def event(self) -> Json:
        return dict(self.payload.get("event", {}))


@dataclass(eq=False)
class Deliveries:
    """`all` in the order of their making; `missed` attempts; who is not subscribed hears nothing."""

    workspace: Workspace
    carrier: Carrier
    spawn: Spawn
    all: list[Delivery] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    under_way: int = 0

    def announce(self, event: Json, subscription: str, channel: Channel | None) -> None:
        if subscription in self.workspace.app.events:
            self.send(self._callback(event, channel))

    def send(self, payload: Json) -> None:
        """Tells the app of an event, in the background, with the repeats of `Settings.retries`."""
        delivery = self._begin("events_api", payload)
        self.spawn(self._repeat(delivery))

    def _callback(self, event: Json, channel: Channel | None) -> Json:
        app = self.workspace.app
        authorization = {"enterprise_id": None, "team_id": TEAM, "user_id": app.bot_user, "is_bot": True}
        return {
            "token": "verification",
            "team_id": TEAM,
            "context_team_id": TEAM,
            "context_enterprise_id": None,
            "api_app_id": app.id,
            "event": event,
            "type": "event_callback",
            "event_id": self.workspace.new_id("Ev"),
            "event_time": int(self.workspace.clock.now().timestamp()),
            "authorizations": [authorization | {"is_enterprise_install": False}],
            "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
            "event_context": "context",
        }

    async def _repeat(self, delivery: Delivery) -> None:
        reason = ""
        for wait in (0.0, *self.workspace.settings.retries):
            if delivery.attempts:
                await self.workspace.clock.sleep(wait)
            try:
                await self._try(delivery, reason)
            except Unheard as unheard:
                reason = unheard.reason
                if unheard.final:
                    break
            else:
                return
        self._finish(delivery, done=False)

    async def ask(self, way: Way, payload: Json) -> Json:
        """Takes an interaction or a command to the app, once; what it answered. Raises `Unheard`."""
        delivery = self._begin(way, payload)
        try:
            return await self._try(delivery, "")
        except Unheard:
            self._finish(delivery, done=False)
            raise

    def _begin(self, way: Way, payload: Json) -> Delivery:
        delivery = Delivery(way, payload)
        self.all.append(delivery)
        self.under_way += 1
        return delivery

    async def _try(self, delivery: Delivery, reason: str) -> Json:
        attempt = delivery.attempts
        delivery.attempts += 1
        try:
            answer = await self.carrier.carry(delivery.way, delivery.payload, attempt, reason)
        except Unheard as unheard:
            self.missed.append(Missed(delivery.way, delivery.payload, attempt, unheard.reason))
            self.workspace.changed()
            raise
        self._finish(delivery, done=True)
        return answer

    def _finish(self, delivery: Delivery, *, done: bool) -> None:
        delivery.done = done
        self.under_way -= 1
        self.workspace.changed()
