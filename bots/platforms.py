"""Where questions come from and answers go to: platforms over an open handbook, and the worker that serves them.

The second half of the composition root: `bots/bootstrap.py` opens what answers, this what asks.
"""

import functools
import logging
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bots.bootstrap import Handbook, language_of, places_of
from bots.door import door_beside
from bots.door_socket import door_of, listening
from bots.door_surface import DoorSurface
from bots.experiments import comparing, undisturbed
from bots.links import Links
from bots.memory import Memory
from bots.observing import monitor_of, observing
from bots.platform_configs import slack_config, telegram_config
from bots.service import Adapter, Service, working
from bots.settings import Settings
from bots.slack.adapter import Surroundings, open_client, slack_adapter, slack_surface
from bots.telegram.adapter import telegram_adapter, telegram_surface
from bots.telegram.line import open_bot
from bots.terminal import SURFACE, TerminalSurface
from bots.upkeep import upkeep_beside
from bots.uploads import Uploads
from core.admission import Admission
from core.alarms import Alarms
from core.clock import Clock, SteadyClock
from core.delivery import Channel
from core.guarded import GuardedModel
from core.inbox import Alarm, Capacity, Inbox, unheard
from core.intake import InboxLimits
from core.pacing import Pacer
from core.pipeline import Pipeline
from core.store.claims import Claims
from core.store.intake import Intake
from core.surfaces import ChatSurface
from core.texts import translate
from core.watching import Watch, Watched

log = logging.getLogger(__name__)

SLACK, TELEGRAM = "Slack", "Telegram"
TERMINAL_LIFE = timedelta(hours=1)
"""Questions of a terminal that are older are no longer waited for: on PostgreSQL other terminals may be open."""


class Only(StrEnum):
    """The share of one process where several work on a PostgreSQL database."""

    SLACK = "slack"
    TELEGRAM = "telegram"
    WORKER = "worker"
    """Writes on all platforms what the others have accepted, and takes no deliveries itself."""


def inbox_of(
    settings: Settings,
    handbook: Handbook,
    pipeline: Pipeline,
    surfaces: Sequence[ChatSurface],
    *,
    limits: InboxLimits,
    clock: Clock,
    alarm: Alarm = unheard,
    watch: Watch | None = None,
    disturb: Callable[[], None] = undisturbed,
) -> Inbox:
    """One worker that answers what is asked on these surfaces, watched where somebody watches.

    `disturb` is called whenever something happens to a question that is watched.
    """
    names = [surface.name for surface in surfaces]
    claims = Claims(handbook.database, limits, uuid.uuid4().hex, names, clock.now())
    channels = {
        s.name: Channel(
            s, Pacer(s.rates, clock), claims, clock, traced if watch is None else trace_to(watch, s.name, disturb)
        )
        for s in surfaces
    }
    return Inbox(
        Intake(handbook.database, limits),
        claims,
        answering=pipeline if watch is None else Watched(pipeline, watch),
        channels=channels,
        directory=handbook.directory,
        language_of=language_of,
        clock=clock,
        capacity=Capacity(pipeline.writer.load.slots, settings.inbox.drain_seconds),
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


def trace_to(watch: Watch, surface: str, disturb: Callable[[], None] = undisturbed) -> Callable[[str, str], None]:
    """The same, told to the watch too, and to what must not be in the way."""
    watch.serves(surface)

    def reached(point: str, question_id: str) -> None:
        traced(point, question_id)
        watch.reached(surface, point, question_id)
        disturb()

    return reached


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
class Opened:
    """One platform: what the inbox writes to, who is told of errors, and the adapter once there is an inbox."""

    name: str
    surface: ChatSurface
    alarm: Alarm
    adapter_over: Callable[[Inbox], Adapter]


@asynccontextmanager
async def open_service(
    settings: Settings,
    handbook: Handbook,
    pipeline: Pipeline,
    console: Opened | None = None,
    only: Only | None = None,
) -> AsyncIterator[Service]:
    """Every platform that the settings name, and the `console`, over one inbox. Nothing is asked of them before `run`.

    With `only` the share of one process.
    What closed terminals left unanswered is ended first. Raises StoreError then.
    """
    limits, door = inbox_limits(settings), DoorSurface()
    await abandon_closed_terminals(handbook, limits)
    async with AsyncExitStack() as stack:
        clock, links = SteadyClock(), Links(settings)
        openings = [
            await stack.enter_async_context(
                OPENINGS[name](settings, handbook, pipeline, links, clock, listens=only is not Only.WORKER)
            )
            for name in platforms_in(settings, only)
        ]
        openings += [console] if console else []
        level = logging.INFO if console is None else logging.DEBUG  # a console shows the answers themselves
        observer = await stack.enter_async_context(observing(settings, clock, level))

        def alarm(kind: str, question_id: str, detail: str) -> None:
            observer.watch.alarmed(kind, question_id, detail)
            for opened in openings:
                opened.alarm(kind, question_id, detail)

        pipeline.writer.budget.tell = alarm
        compared = comparing(settings, handbook.database, observer.listening(pipeline), clock)
        inbox = inbox_of(
            settings,
            handbook,
            compared.pipeline,
            [*(opened.surface for opened in openings), door],
            limits=limits,
            clock=clock,
            alarm=alarm,
            watch=observer.watch,
            disturb=compared.disturb,
        )
        adapters = {opened.name: opened.adapter_over(inbox) for opened in openings}
        monitor = monitor_of(settings, handbook, pipeline, surfaces=adapters, observer=observer, clock=clock)
        upkeep = upkeep_beside(settings, handbook, pipeline, alarm, clock)
        listener = stack.enter_context(listening(door_of(settings)))
        visits = door_beside(settings, handbook, pipeline, inbox, limits, surface=door, listening=listener)
        beside = (*upkeep, *compared.beside, *(() if monitor is None else (monitor,)), *visits)
        yield Service(inbox, adapters, beside)


def platforms_in(settings: Settings, only: Only | None = None) -> Sequence[str]:
    """The names of the platforms that the settings give a token for, as far as this process has to do with them."""
    tokens = {SLACK: settings.slack.bot_token, TELEGRAM: settings.telegram.token}
    others = {Only.SLACK: TELEGRAM, Only.TELEGRAM: SLACK}
    return [name for name, token in tokens.items() if token is not None and (only is None or others.get(only) != name)]


@asynccontextmanager
async def opened_slack(
    settings: Settings, handbook: Handbook, pipeline: Pipeline, links: Links, clock: Clock, *, listens: bool
) -> AsyncIterator[Opened]:
    config = replace(slack_config(settings), listens=listens)
    memory = memory_of(settings, handbook, clock)
    async with open_client(config) as client:
        surface = slack_surface(config, client, memory.threads, links.of, clock)
        told = functools.partial(health, handbook, pipeline, settings.office.language)
        around = Surroundings(Uploads(settings, handbook), links.owner, told)
        yield Opened(SLACK, surface, memory.alarm, lambda inbox: slack_adapter(config, surface, inbox, memory, around))


@asynccontextmanager
async def opened_telegram(
    settings: Settings, handbook: Handbook, pipeline: Pipeline, links: Links, clock: Clock, *, listens: bool
) -> AsyncIterator[Opened]:
    del pipeline
    config = replace(telegram_config(settings), listens=listens)
    memory = memory_of(settings, handbook, clock)
    async with open_bot(config.token, config.api_url, config.file_url) as bot:
        surface = telegram_surface(config, bot, links.of)
        yield Opened(
            TELEGRAM,
            surface,
            memory.alarm,
            lambda inbox: telegram_adapter(config, surface, inbox, memory, clock=clock, owner_of=links.owner),
        )


OPENINGS = {SLACK: opened_slack, TELEGRAM: opened_telegram}


def memory_of(settings: Settings, handbook: Handbook, clock: Clock) -> Memory:
    """What an adapter remembers by."""
    return Memory.of(handbook.database, handbook.directory, Alarms(clock), places_of(settings))


async def health(handbook: Handbook, pipeline: Pipeline, language: str) -> Sequence[tuple[str, bool, str]]:
    """The parts of the service for administrators: name, whether it works, what there is to say."""
    counts = await handbook.documents.counts()
    documents = sum(count for count, _ in counts.values())
    lines = [(translate(language, "health.index"), documents > 0, str(documents))]
    for route, model in pipeline.writer.models.items():
        is_paused = isinstance(model, GuardedModel) and model.is_paused
        lines.append((translate(language, "health.model", name=model.name), not is_paused, route.value))
    return lines
