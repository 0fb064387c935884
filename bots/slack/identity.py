"""Who we are in the workspace, once Slack has told."""

import asyncio
from dataclasses import dataclass, field

from bots.slack.api import Refused, SlackApi
from core.clock import Clock
from core.errors import SotayError
from core.surfaces import SurfaceError

RETRY_SECONDS = 3.0
BAD_TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})


@dataclass(slots=True)
class Identity:
    """Empty until Slack has been reached for the first time."""

    user: str = ""
    team: str = ""
    bot: str = ""
    _is_known: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_known(self) -> bool:
        return self._is_known.is_set()

    async def learn(self, api: SlackApi, clock: Clock) -> None:
        """Asks until Slack answers. Raises `SotayError` where it does not take the token."""
        while not self.is_known:
            try:
                told = await api.call("auth.test")
            except Refused as refusal:
                if refusal.code in BAD_TOKEN:
                    raise SotayError("slack.bad_token", error=refusal.code) from refusal
            except SurfaceError:
                pass
            else:
                self.user, self.team, self.bot = told["user_id"], told["team_id"], told.get("bot_id", "")
                self._is_known.set()
                return
            await clock.sleep(RETRY_SECONDS)
