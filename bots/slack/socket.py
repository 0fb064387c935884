"""Socket Mode: the line over which Slack delivers, held for as long as we run.

The SDK reconnects by itself, but it may hang there: its connecting never ends, keeps an address that has expired and
tells nobody. So it only pings and follows Slack's own `disconnect`; a line that is dead or does not come about is
given up whole, and a new one is made with a new address.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError, SlackClientError

from bots.reading import mapping, word
from bots.slack.line import Line, Times
from bots.stopping import until_stopped
from core.clock import Clock
from core.errors import SotayError

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10.0
"""Seconds within which a new line must stand, from asking for its address to Slack's hello."""
LOOK_SECONDS = 1.0
"""Seconds between two looks at the line, at most."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
"""Seconds between attempts to connect; each pause is twice the one before."""
LONGEST_ASKED = 60.0
"""The longest pause in seconds, also when Slack asks for more."""
BAD_TOKEN = frozenset({
    "invalid_auth", "not_authed", "not_allowed_token_type", "account_inactive", "token_revoked", "token_expired",
    "missing_scope", "no_permission", "forbidden_team", "org_login_required",
})  # fmt: skip
"""What Slack says to a token that opens no line and never will."""
DOWN = "alarm.slack_down"


@dataclass(slots=True)
class SocketMode:
    """`connected` is called on every hello of Slack: at the first connection and after each reconnect.

    A line that is dead, or does not come about, is noticed within 15 s; `alarm` is told once, until a line stands again
    (its kind, "" for no question, the reason). A line is dead when four pings have gone unanswered.
    """

    app: AsyncApp
    app_token: str
    connected: Callable[[], None]
    alarm: Callable[[str, str, str], None]
    clock: Clock
    ping_seconds: float = 3.0
    connect_seconds: float = CONNECT_SECONDS
    _is_up: bool = field(default=False, init=False)
    _has_been_up: bool = field(default=False, init=False)
    _is_told: bool = field(default=False, init=False)

    @property
    def is_healthy(self) -> bool:
        """Whether Slack has said hello, and nothing is known to have gone wrong since."""
        return self._is_up

    async def run(self, stopping: asyncio.Event) -> None:
        """Holds a line until `stopping`; what has been delivered is acknowledged before it is closed.

        Raises `SotayError` when Slack does not take the token at the start. Later on that is an alarm like any other.
        """
        await until_stopped(stopping, self._hold())

    async def _hold(self) -> None:
        """One line after another. After one that stood for long the next is tried at once."""
        pause = FIRST_PAUSE
        while True:
            began = self.clock.monotonic()
            asked = await self._one_line()
            if self.clock.monotonic() - began > self.connect_seconds + LONGEST_PAUSE:
                pause = FIRST_PAUSE
            await self.clock.sleep(max(pause, min(asked, LONGEST_ASKED)))
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _one_line(self) -> float:
        """Holds one line until it is lost, and says why. The seconds that Slack asks us to wait."""
        times = Times(self.ping_seconds, self.connect_seconds)
        line = Line(self.app, self.app_token, times, self.clock, self._greeted)
        try:
            why = await self._hold_line(line)
        except SlackApiError as error:
            code = word(mapping(getattr(error.response, "data", None)).get("error"))
            if code in BAD_TOKEN and not self._has_been_up:
                raise SotayError("slack.bad_app_token", error=code) from error
            self._lost(f"apps.connections.open: {code or error}")
            return float(error.response.headers.get("Retry-After", 0))
        except (TimeoutError, aiohttp.ClientError, SlackClientError, OSError) as error:
            self._lost(line.complaint or repr(error))
        else:
            self._lost(why)
        finally:
            self._is_up = False
            await line.close()
        return 0.0

    async def _hold_line(self, line: Line) -> str:
        """Opens the line, and holds it until it is dead; why it is."""
        async with asyncio.timeout(self.connect_seconds):
            opened = await self.app.client.apps_connections_open(app_token=self.app_token)
            await line.open(opened["url"])
        while (why := line.fault()) is None:
            await self.clock.sleep(min(LOOK_SECONDS, self.ping_seconds))
        return why

    def _greeted(self) -> None:
        if self._is_told:
            log.warning("Slack is back")
        self._is_up = self._has_been_up = True
        self._is_told = False
        self.connected()

    def _lost(self, why: str) -> None:
        self._is_up = False
        if not self._is_told:
            self._is_told = True
            log.warning("no line to Slack: %s", why)
            self.alarm(DOWN, "", why)
