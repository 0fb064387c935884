"""Who we are in the workspace, once Slack has told."""

import asyncio
import logging
from dataclasses import dataclass, field

from bots.slack.api import Refused, SlackApi
from core.clock import Clock, wait_at_most
from core.errors import SotayError
from core.surfaces import SurfaceError

log = logging.getLogger(__name__)

RETRY_SECONDS = 3.0
BAD_TOKEN = frozenset({
    "invalid_auth", "not_authed", "not_allowed_token_type", "account_inactive", "token_revoked", "token_expired",
})  # fmt: skip


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

    async def learn(self, api: SlackApi, clock: Clock, stopping: asyncio.Event) -> bool:
        """Asks until Slack answers; False where `stopping` came first.

        Raises `SotayError` where it does not take the token.
        """
        told_of = ""
        while not (self.is_known or stopping.is_set()):
            try:
                told = await api.call("auth.test")
            except (Refused, SurfaceError) as error:
                if isinstance(error, Refused) and error.code in BAD_TOKEN:
                    raise SotayError("slack.bad_token", error=error.code) from error
                if told_of != (told_of := str(error)):
                    log.warning("Slack is not reached yet: %s", error)
                await wait_at_most(clock, stopping, RETRY_SECONDS)
            else:
                self.user, self.team, self.bot = told["user_id"], told["team_id"], told.get("bot_id", "")
                self._is_known.set()
        return self.is_known
