"""Slack's Web API as this adapter uses it: one call at a time, every failure told apart, none repeated behind our back.

The SDK's own retries are off: they repeat a post whose answer was lost, and the answer stands there twice. (aiohttp
repeats a GET once on a line that broke; reading twice does no harm.)
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bots.slack.budgets import MethodBudgets
from core.surfaces import MarkupRefused, MessageGone, SurfaceBusy, SurfaceSilent, SurfaceUnavailable, Undeliverable

Reply = Mapping[str, Any]

READS = frozenset({
    "auth.test", "conversations.history", "conversations.info", "conversations.members", "conversations.replies",
    "files.info", "reactions.get", "team.info", "users.conversations", "users.info", "users.list",
})  # fmt: skip
"""Methods that read query arguments; a JSON body is not looked at."""

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"})
MARKUP = frozenset({
    "invalid_blocks", "invalid_blocks_format", "invalid_attachments", "msg_blocks_too_long", "msg_too_long",
    "markdown_text_conflict", "no_text", "invalid_arguments", "invalid_metadata_format", "metadata_too_large",
})  # fmt: skip
CLOSED = frozenset({
    "channel_not_found", "not_in_channel", "is_archived", "channel_is_archived", "user_not_found", "user_disabled",
    "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_locked", "cannot_dm_bot",
    "restricted_action_non_threadable_channel", "restricted_action_thread_only_channel", "team_access_not_granted",
    "cannot_reply_to_message", "messages_tab_disabled", "as_user_not_supported", "cant_delete_message",
})  # fmt: skip
UNSURE = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
BUSY = frozenset({"ratelimited", "rate_limited"})
USUAL_WAIT = 1.0
"""Seconds to wait where Slack asks for that and does not say how long."""


class Refused(Exception):
    """Slack said no: `code` is its word for why."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method}: {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class SlackApi:
    """Raises `Refused`, and `SurfaceError` for what is not Slack's verdict on the call itself."""

    client: AsyncWebClient
    budgets: MethodBudgets

    async def call(self, method: str, *, preview: bool = False, **arguments: object) -> Reply:
        """One call; arguments that are None are left out.

        A `preview` leaves room in the budget to what must be. Where there is none left for it that is
        `SurfaceUnavailable`, no `SurfaceBusy`: nobody else has to wait for that.
        """
        return await self.call_with(method, arguments, preview=preview)

    async def call_with(self, method: str, arguments: Mapping[str, object], *, preview: bool = False) -> Reply:
        """The same, with arguments that are put together elsewhere."""
        if wait := self.budgets.take(method, preview=preview):
            raise SurfaceUnavailable(f"{method}: no room for a preview") if preview else SurfaceBusy(wait)
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            if method in READS:
                reply = await self.client.api_call(method, http_verb="GET", params=given)
            else:
                reply = await self.client.api_call(method, json=given)
        except SlackApiError as error:
            raise _failure(method, error) from error
        except aiohttp.ClientConnectorError as error:
            raise SurfaceUnavailable(f"{method}: {error}") from error
        except (TimeoutError, aiohttp.ClientError, SlackClientError, OSError) as error:
            raise SurfaceSilent(f"{method}: {error!r}") from error
        except AttributeError as error:  # the SDK takes every body for an object
            raise SurfaceSilent(f"{method}: an answer that is no object") from error
        return reply.data if isinstance(reply.data, dict) else {}

    async def pages(self, method: str, items: str, **arguments: object) -> AsyncIterator[Any]:
        """Every item of a listing, page after page."""
        cursor: str | None = None
        while True:
            page = await self.call_with(method, {**arguments, "cursor": cursor})
            for item in page.get(items, ()):
                yield item
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return


def surface_error(refusal: Refused) -> Exception:
    """What the core is told of a refusal."""
    if refusal.code in GONE:
        return MessageGone(str(refusal))
    if refusal.code in MARKUP:
        return MarkupRefused(str(refusal))
    if refusal.code in CLOSED:
        return Undeliverable(str(refusal))
    if refusal.code in UNSURE:
        return SurfaceSilent(str(refusal))
    return SurfaceUnavailable(str(refusal))


def _failure(method: str, error: SlackApiError) -> Exception:
    """What is no verdict in JSON is no word of Slack's: a proxy spoke, or the answer was cut off on its way."""
    response = error.response
    if not isinstance(response, AsyncSlackResponse):
        return SurfaceSilent(f"{method}: an answer that cannot be read")
    status, data = response.status_code, response.data
    if status == 429:  # noqa: PLR2004 (Too Many Requests)
        return SurfaceBusy(_wait(response.headers))
    if status >= 500 or not isinstance(data, dict) or "error" not in data:  # noqa: PLR2004
        return SurfaceSilent(f"{method}: HTTP {status}")
    code = str(data["error"])
    return SurfaceBusy(_wait(response.headers)) if code in BUSY else Refused(method, code)


def _wait(headers: Mapping[str, str]) -> float:
    """The seconds that Slack asks us to wait."""
    asked = headers.get("Retry-After", "")
    return float(asked) if asked.isascii() and asked.isdigit() else USUAL_WAIT
