"""How the bot comes by its updates: `getUpdates` and the webhook's methods."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.telegram_server.arguments import taken
from tests.telegram_server.methods import METHODS
from tests.telegram_server.refusals import Json, conflict
from tests.telegram_server.updates import AT_MOST, Updates
from tests.telegram_server.webhooks import Webhook

LONGEST_POLL = 50
WEBHOOK_STANDS = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
SET_WHILE_POLLING = "terminated by setWebhook request"


@dataclass(eq=False)
class Intake:
    updates: Updates
    webhook: Webhook
    violations: list[str] = field(default_factory=list)

    async def run(self, method: str, given: Json) -> object:
        """The answer to one of the four methods."""
        checked = taken(METHODS[method].takes, given)
        if method == "getUpdates":
            return await self._get_updates(checked)
        if method == "getWebhookInfo":
            return self.webhook.info()
        self._heed_drop(method, checked)
        if method == "setWebhook":
            self._set_webhook(checked)
        else:
            self.webhook.set("", None, 40)
        return True

    async def _get_updates(self, given: Mapping[str, object]) -> list[Json]:
        if self.webhook.url:
            raise conflict(WEBHOOK_STANDS)
        numbers = {name: value for name, value in given.items() if isinstance(value, int)}
        if kinds := given.get("allowed_updates"):
            self.updates.allow([str(kind) for kind in kinds] if isinstance(kinds, list) else None)
        elif kinds == []:
            self.updates.allow([])
        if offset := numbers.get("offset", 0):
            self.updates.confirm(offset)
        limit = min(max(numbers.get("limit", AT_MOST) or AT_MOST, 1), AT_MOST)
        return await self.updates.poll(limit, min(numbers.get("timeout", 0), LONGEST_POLL))

    def _set_webhook(self, given: Json) -> None:
        self.webhook.set(given.get("url", ""), given.get("secret_token"), given.get("max_connections", 40))
        self.updates.allow(given.get("allowed_updates"))
        if self.webhook.url:
            self.updates.end_poll(conflict(SET_WHILE_POLLING))

    def _heed_drop(self, method: str, given: Json) -> None:
        """Dropping what waits throws questions away: granted, and a violation."""
        if given.get("drop_pending_updates"):
            self.violations.append(f"{method}: drop_pending_updates threw away {len(self.updates.waiting())} updates")
            self.updates.drop_all()
