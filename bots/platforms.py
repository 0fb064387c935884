"""Where questions come from and answers go to: platforms over an open handbook, and the worker that serves them.

The second half of the composition root: `bots/bootstrap.py` opens what answers, this what asks.
"""

import asyncio
import functools
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bots.bootstrap import MEGABYTE, Handbook, language_of
from bots.links import Links
from bots.memory import Memory
from bots.service import nothing_to_do, serve_until_stopped, working
from bots.settings import Settings
from bots.slack.adapter import SlackConfig, Surroundings, open_client, slack_adapter, slack_surface
from bots.telegram.adapter import TelegramConfig, WebhookConfig, telegram_adapter, telegram_surface
from bots.telegram.line import open_bot
from bots.terminal import SURFACE, TerminalSurface
from bots.uploads import Uploads
from core.admission import Admission
from core.alarms import Alarms
from core.clock import Clock, SteadyClock
from core.delivery import Channel
from core.errors import SettingsError
from core.first_error import first_error
from core.guarded import GuardedModel
from core.inbox import Alarm, Capacity, Inbox, unheard
from core.intake import InboxLimits
from core.pacing import Pacer
from core.pipeline import Pipeline
from core.store.claims import Claims
from core.store.intake import Intake
from core.surfaces import ChatSurface
from core.texts import translate

log = logging.getLogger(__name__)

TERMINAL_LIFE = timedelta(hours=1)
"""Questions of a terminal that are older are no longer waited for: on PostgreSQL other terminals may be open."""


class Adapter(Protocol):
    """What runs beside the worker for one platform."""

    async def run(self, stopping: asyncio.Event) -> None: ...


def inbox_of(
    settings: Settings,
    handbook: Handbook,
    pipeline: Pipeline,
    surfaces: Sequence[ChatSurface],
    *,
    limits: InboxLimits,
    clock: Clock,
    alarm: Alarm = unheard,
) -> Inbox:
    """One worker that answers what is asked on these surfaces."""
    names = [surface.name for surface in surfaces]
    claims = Claims(handbook.database, limits, uuid.uuid4().hex, names, clock.now())
    channels = {s.name: Channel(s, Pacer(s.rates, clock), claims, clock, traced) for s in surfaces}
    return Inbox(
        Intake(handbook.database, limits),
        claims,
        answering=pipeline,
        channels=channels,
        directory=handbook.directory,
        language_of=language_of,
        clock=clock,
        capacity=Capacity(settings.inbox.slots, settings.inbox.drain_seconds),
        alarm=alarm,
        links=Admission(handbook.database).links,
    )


def inbox_limits(settings: Settings) -> InboxLimits:
    """The sizes of the inbox, as the settings have them."""
    chosen = settings.inbox
    return InboxLimits(
        queue=chosen.queue,
        per_person=chosen.per_person,
        join_seconds=chosen.join_seconds,
        deadline_seconds=settings.answer.deadline_seconds,
        lease_seconds=chosen.lease_seconds,
        attempts=chosen.attempts,
    )


def traced(point: str, question_id: str) -> None:
    """The life of each question in the log, at level debug."""
    log.debug("%s %s", question_id, point)


@asynccontextmanager
async def open_terminal(
    settings: Settings, handbook: Handbook, pipeline: Pipeline, surface: TerminalSurface
) -> AsyncIterator[Inbox]:
    """A worker for one terminal, at work while the block runs. What closed terminals left unanswered is ended first."""
    limits = inbox_limits(settings)
    inbox = inbox_of(settings, handbook, pipeline, [surface], limits=limits, clock=SteadyClock())
    await abandon_closed_terminals(handbook, limits)
    async with working(inbox):
        yield inbox


async def abandon_closed_terminals(handbook: Handbook, limits: InboxLimits) -> None:
    """Ends what was asked at terminals that nobody looks at any more. Raises StoreError."""
    now = datetime.now(UTC)
    before = now if handbook.database.serves_one_process else now - TERMINAL_LIFE
    await Intake(handbook.database, limits).abandon(SURFACE, before, now)


@dataclass(frozen=True, slots=True)
class Service:
    """The worker with its platforms. `names` are those of the platforms."""

    inbox: Inbox
    adapters: Mapping[str, Adapter]

    @property
    def names(self) -> Sequence[str]:
        return tuple(self.adapters)

    async def run(self, stopped: Callable[[], None], interrupted: Callable[[], bool] = nothing_to_do) -> None:
        """Serves until SIGTERM or SIGINT; `stopped` is called then, before what is under way is brought to its end.

        A SIGINT for which `interrupted` finds something to do stops nothing more. Raises what an adapter raises that
        cannot start at all.
        """
        stopping = asyncio.Event()
        with first_error():
            async with asyncio.TaskGroup() as group:
                for adapter in self.adapters.values():
                    group.create_task(adapter.run(stopping))
                await serve_until_stopped(self.inbox, stopped, interrupted)
                stopping.set()


@dataclass(frozen=True, slots=True)
class Opened:
    """One platform: what the inbox writes to, who is told of errors, and the adapter once there is an inbox."""

    name: str
    surface: ChatSurface
    alarm: Alarm
    adapter_over: Callable[[Inbox], Adapter]


@asynccontextmanager
async def open_service(
    settings: Settings, handbook: Handbook, pipeline: Pipeline, console: Opened | None = None
) -> AsyncIterator[Service]:
    """Every platform that the settings name, and the `console`, over one inbox. Nothing is asked of them before `run`.

    What closed terminals left unanswered is ended first where there is a console. Raises StoreError then.
    """
    limits = inbox_limits(settings)
    if console is not None:
        await abandon_closed_terminals(handbook, limits)
    async with AsyncExitStack() as stack:
        clock, links = SteadyClock(), Links(settings)
        openings = [
            await stack.enter_async_context(opening(settings, handbook, pipeline, links, clock))
            for opening, is_wanted in (
                (opened_slack, settings.slack.bot_token is not None),
                (opened_telegram, settings.telegram.token is not None),
            )
            if is_wanted
        ]
        openings += [console] if console else []

        def alarm(kind: str, question_id: str, detail: str) -> None:
            for opened in openings:
                opened.alarm(kind, question_id, detail)

        inbox = inbox_of(
            settings,
            handbook,
            pipeline,
            [opened.surface for opened in openings],
            limits=limits,
            clock=clock,
            alarm=alarm,
        )
        yield Service(inbox, {opened.name: opened.adapter_over(inbox) for opened in openings})


@asynccontextmanager
async def opened_slack(
    settings: Settings, handbook: Handbook, pipeline: Pipeline, links: Links, clock: Clock
) -> AsyncIterator[Opened]:
    config, memory = slack_config(settings), Memory.of(handbook.database, handbook.directory, Alarms(clock))
    async with open_client(config) as client:
        surface = slack_surface(config, client, memory.threads, links.of, clock)
        told = functools.partial(health, handbook, pipeline, settings.office.language)
        around = Surroundings(Uploads(settings, handbook), links.owner, told)
        yield Opened(
            "Slack", surface, memory.alarm, lambda inbox: slack_adapter(config, surface, inbox, memory, around)
        )


@asynccontextmanager
async def opened_telegram(
    settings: Settings, handbook: Handbook, pipeline: Pipeline, links: Links, clock: Clock
) -> AsyncIterator[Opened]:
    del pipeline
    config, memory = telegram_config(settings), Memory.of(handbook.database, handbook.directory, Alarms(clock))
    async with open_bot(config.token, config.api_url, config.file_url) as bot:
        surface = telegram_surface(config, bot, links.of)
        yield Opened(
            "Telegram",
            surface,
            memory.alarm,
            lambda inbox: telegram_adapter(config, surface, inbox, memory, clock=clock, owner_of=links.owner),
        )


def telegram_config(settings: Settings) -> TelegramConfig:
    """What the settings say of Telegram. Raises `SettingsError` for a webhook without address or secret."""
    chosen = settings.telegram
    webhook = None
    if chosen.mode == "webhook":
        if chosen.url is None or chosen.secret is None:
            key = "telegram.url" if chosen.url is None else "telegram.secret"
            raise SettingsError("telegram.no_way_in", key=key)
        secret = chosen.secret.get_secret_value()
        webhook = WebhookConfig(chosen.url, secret, chosen.host, chosen.port, chosen.path)
    return TelegramConfig(
        token=chosen.token.get_secret_value() if chosen.token else "",
        api_url=chosen.api_url,
        file_url=chosen.file_url,
        allowed=chosen.allowed,
        rooms={int(chat): group for chat, group in chosen.groups.items()},
        admin_chat=chosen.admin_chat,
        drafts=chosen.drafts,
        webhook=webhook,
        largest_file=min(int(settings.ingest.max_file_mb * MEGABYTE), 20 * MEGABYTE),
        language=settings.office.language,
        timezone=settings.office.timezone,
    )


def slack_config(settings: Settings) -> SlackConfig:
    """What the settings say of Slack. Raises `SettingsError` for a mode without what it needs."""
    chosen = settings.slack
    if getattr(chosen, chosen.needed) is None or chosen.bot_token is None:
        raise SettingsError("slack.no_way_in", mode=chosen.mode, key=f"slack.{chosen.needed}")
    return SlackConfig(
        bot_token=chosen.bot_token.get_secret_value(),
        app_token=chosen.app_token.get_secret_value() if chosen.app_token and chosen.mode == "socket" else None,
        signing_secret=chosen.signing_secret.get_secret_value() if chosen.signing_secret else None,
        api_url=chosen.api_url,
        host=chosen.host,
        port=chosen.port,
        path=chosen.path,
        members_group=chosen.members_group,
        admin_channel=chosen.admin_channel,
        streaming=chosen.streaming,
        largest_file=int(settings.ingest.max_file_mb * MEGABYTE),
        language=settings.office.language,
        timezone=settings.office.timezone,
    )


async def health(handbook: Handbook, pipeline: Pipeline, language: str) -> Sequence[tuple[str, bool, str]]:
    """The parts of the service for administrators: name, whether it works, what there is to say."""
    counts = await handbook.documents.counts()
    documents = sum(count for count, _ in counts.values())
    lines = [(translate(language, "health.index"), documents > 0, str(documents))]
    for route, model in pipeline.writer.models.items():
        is_paused = isinstance(model, GuardedModel) and model.is_paused
        lines.append((translate(language, "health.model", name=model.name), not is_paused, route.value))
    return lines
