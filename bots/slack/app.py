"""The Bolt application: which delivery goes where. What a delivery means is durable before it is acknowledged."""

import functools
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bots.reading import Payload, mapping
from bots.slack.commands import ASK_ABOUT, Commands
from bots.slack.events import Confirmation, Events
from bots.slack.identity import Identity
from bots.slack.ingesting import Ingesting
from bots.slack.linking import Linking
from bots.slack.views import INGEST_VIEW
from core.errors import SotayError, StoreError
from core.surfaces import SurfaceUnavailable

log = logging.getLogger(__name__)

HANDLED_EVENTS = frozenset({
    "app_home_opened", "app_mention", "message", "reaction_added", "reaction_removed", "member_joined_channel",
    "member_left_channel", "channel_shared", "channel_unshared", "agent_session_stopped", "message_stream_stopped",
})  # fmt: skip
"""The types of events that something is done about."""
CONFIRMATION = "sotay_confirmation"
UNAVAILABLE = BoltResponse(status=503, body="")
"""What makes Slack deliver once more: over HTTP by its status, over a socket by no acknowledgement."""

Next = Callable[[], Awaitable[BoltResponse]]
Keep = Callable[[Payload], Awaitable[Any]]
After = Callable[[Payload, Any], Awaitable[None]]
Confirm = Callable[[Confirmation], Awaitable[None]]
"""Says a sentence to one person."""


def bolt_app(client: AsyncWebClient, signing_secret: str | None, identity: Identity | None = None) -> AsyncApp:
    """The application without anything registered. Its own log says what fails, never what people wrote.

    With an `identity` nothing is asked of Slack about it: Bolt would ask at the first delivery, and where Slack is not
    well then, acknowledge the delivery with an apology that nobody reads. Nor does it hold the token then.
    """
    logger = logging.getLogger("slack_bolt.sotay")
    logger.setLevel(logging.WARNING)
    app = AsyncApp(
        client=client if identity is None else without_token(client),
        signing_secret=signing_secret,
        authorize=None if identity is None else functools.partial(authorized, identity),
        logger=logger,
        request_verification_enabled=signing_secret is not None,
        attaching_conversation_kwargs_enabled=False,
    )
    app.error(log_failure)
    return app


def without_token(client: AsyncWebClient) -> AsyncWebClient:
    """The client as far as Bolt needs it: to ask for a socket, with the token for that."""
    return AsyncWebClient(base_url=client.base_url, session=client.session, retry_handlers=[])


async def authorized(identity: Identity, enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """We are who Slack said at the start. Raises `SurfaceUnavailable` before that: then nothing is acknowledged."""
    if not identity.is_known:
        raise SurfaceUnavailable("Slack has not been reached yet")
    return AuthorizeResult(
        enterprise_id=enterprise_id,
        team_id=team_id or identity.team,
        bot_user_id=identity.user,
        bot_id=identity.bot or None,
    )


async def log_failure(error: Exception) -> None:
    """A listener failed. A question is safe by then; a click that was not kept was not acknowledged either.

    What is known of an error of the store is in it; its causes hold the parameters of statements, people's words too.
    """
    if isinstance(error, SotayError):
        log.error("a delivery could not be handled: %s", error)
    else:
        log.error("a delivery could not be handled: %r", error, exc_info=error)


def listen_for_events(app: AsyncApp, events: Events, confirm: Confirm, open_home: Keep) -> None:
    """Everything that the Events API delivers."""

    async def durable(body: dict[str, Any], context: AsyncBoltContext, next_: Next) -> BoltResponse:
        """Runs before the acknowledgement, unlike a listener."""
        if body.get("type") == "event_callback":
            try:
                context[CONFIRMATION] = await events.take(body)
            except StoreError as error:
                log.warning("a delivery is not acknowledged: %s", error)
                return UNAVAILABLE
        return await next_()

    async def afterwards(event: dict[str, Any], context: AsyncBoltContext) -> None:
        """Every event has this one listener: without one Bolt would not acknowledge it."""
        if isinstance(confirmation := context.get(CONFIRMATION), Confirmation):
            await confirm(confirmation)
        if event.get("type") == "app_home_opened":
            await open_home(event)

    app.use(durable)
    app.event(re.compile(".*"))(afterwards)


def listen_for_commands(app: AsyncApp, commands: Commands, confirm: Confirm) -> None:
    """`/hoi`, `/ask`, and the shortcut on a message."""

    async def ask(ack: AsyncAck, body: dict[str, Any]) -> None:
        reply = await commands.ask(body)
        await ack(text=reply["text"], response_type=reply["response_type"])

    async def ask_about(ack: AsyncAck, body: dict[str, Any]) -> None:
        confirmation = await commands.ask_about(body)
        await ack()
        if confirmation is not None:
            await confirm(confirmation)

    for command in ("/hoi", "/ask"):
        app.command(command)(ask)
    app.message_shortcut(ASK_ABOUT)(ask_about)


def listen_for_ingesting(app: AsyncApp, ingesting: Ingesting, linking: Linking) -> None:
    """`/sotay` with what is typed behind it, and the window for documents."""

    async def typed(ack: AsyncAck, body: dict[str, Any]) -> None:
        if (said := await linking.typed(body)) is not None:
            await ack(text=said)
            return
        wanted = await ingesting.typed(body)
        await ack(text=wanted.reply) if wanted.reply else await ack()
        await ingesting.after_typed(wanted)

    app.command("/sotay")(typed)
    on_view(app, INGEST_VIEW, ingesting.keep, ingesting.after)


def on_action(app: AsyncApp, action_id: str, keep: Keep, after: After) -> None:
    """A click: kept, then acknowledged, then followed up."""

    async def clicked(ack: AsyncAck, body: dict[str, Any]) -> None:
        kept = await keep(body)
        await ack()
        await after(body, kept)

    app.action(action_id)(clicked)


def on_view(app: AsyncApp, callback_id: str, keep: Keep, after: After) -> None:
    """A form that was sent: kept, then acknowledged, with what is wrong in it if anything is, then followed up."""

    async def submitted(ack: AsyncAck, body: dict[str, Any]) -> None:
        kept = await keep(body)
        errors = mapping(mapping(kept).get("errors"))
        if errors:
            await ack(response_action="errors", errors=dict(errors))
            return
        await ack()
        await after(body, kept)

    app.view(callback_id)(submitted)
