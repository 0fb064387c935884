"""`sotay run`: the service that answers on the platforms, and in this terminal where that is wanted."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from prompt_toolkit.application import run_in_terminal

from bots.announcing import Announcer
from bots.bootstrap import Handbook, open_handbook, open_pipeline
from bots.commands.ask import hint_if_empty, person_of
from bots.commands.running import Session
from bots.console import Chat
from bots.console_adapter import ConsoleAdapter, Turns
from bots.keyboard import line_reader
from bots.margin import Margin, standard_error_beside
from bots.platforms import Only, Opened, open_service, platforms_in
from bots.settings import Settings, environment, supervision
from bots.systemd import Lifeline, Notifier, lifeline
from bots.terminal import TerminalSurface
from core.clock import SteadyClock
from core.conversation import Person
from core.errors import SettingsError
from core.inbox import Inbox, unheard
from core.pipeline import Pipeline
from core.store.pulse import Pulse
from core.texts import translate


async def run(session: Session, person: str | None = None, *, console: bool = False, only: Only | None = None) -> int:
    """Answers until it is told to stop by SIGTERM or Ctrl-C; 0 then. With `console` as `person` here too.

    With `only` the share of one process among several.
    """
    settings = session.settings
    check(settings, person, console=console, only=only)
    asked, clock = supervision(environment(), os.getpid()), SteadyClock()
    Notifier(asked.socket).status(translate(settings.office.language, "systemd.opening"))
    async with open_handbook(settings) as handbook:
        await hint_if_empty(session, handbook)
        pulse = Pulse(handbook.database)
        async with (
            lifeline(asked, lambda: pulse.beat(clock.now()), clock) as line,
            open_pipeline(settings, handbook) as pipeline,
        ):
            if console:
                await serve_with_console(session, handbook, pipeline, line, person_of(session, handbook, person))
            else:
                await serve(session, handbook, pipeline, line, only)
    return 0


def check(settings: Settings, person: str | None, *, console: bool, only: Only | None) -> None:
    """Raises `SettingsError` for options that do not go together, or not with the settings."""
    if person is not None and not console:
        raise SettingsError("run.as_without_console")
    if only is not None and console:
        raise SettingsError("run.only_or_console")
    if only is not None and settings.data.is_sqlite:
        raise SettingsError("run.only_on_sqlite", only=only.value)
    if console or platforms_in(settings, only):
        return
    if only is not None and platforms_in(settings):
        raise SettingsError("run.only_not_configured", only=only.value)
    raise SettingsError("run.nothing_configured")


async def serve(
    session: Session, handbook: Handbook, pipeline: Pipeline, line: Lifeline, only: Only | None = None
) -> None:
    """The platforms alone."""
    async with open_service(session.settings, handbook, pipeline, only=only) as service:
        announcer = Announcer(line, service, session.settings.office.language)

        def stopped() -> None:
            announcer.stopping()
            session.say("run.stopping")

        session.say("run.ready", surfaces=", ".join(service.names))
        await service.run(stopped, reached=announcer.reached)


async def serve_with_console(
    session: Session, handbook: Handbook, pipeline: Pipeline, line: Lifeline, asker: Person
) -> None:
    """The platforms, if there are any, and this terminal beside them."""
    with shared_terminal() as margin:
        turns = Turns(line_reader(is_guest=True), margin)
        console = opened_console(session, handbook, asker, turns)
        async with open_service(session.settings, handbook, pipeline, console) as service:
            announcer = Announcer(line, service, session.settings.office.language)

            def stopped() -> None:
                turns.close()
                announcer.stopping()
                session.say("run.stopping")

            ready = "run.ready" if platforms_in(session.settings) else "run.console_alone"
            session.say(ready, surfaces=", ".join(service.names))
            await service.run(stopped, turns.interrupt, announcer.reached)


def opened_console(session: Session, handbook: Handbook, asker: Person, turns: Turns) -> Opened:
    """The terminal as one more platform. When it has ended the others go on; without any the service ends too."""
    surface = TerminalSurface(session.out, session.language)
    others = platforms_in(session.settings)

    def adapter_over(inbox: Inbox) -> ConsoleAdapter:
        def left() -> None:
            if others:
                session.say("run.console_left", surfaces=", ".join(others))
            else:
                inbox.drain()

        out, language = session.out, session.language
        chat = Chat(inbox, surface, handbook.feedback, asker, out, language, turns.next_line, turns.answering)
        return ConsoleAdapter(chat, turns, left)

    return Opened(translate(session.language, "console.name"), surface, unheard, adapter_over)


@contextmanager
def shared_terminal() -> Iterator[Margin | None]:
    """Keeps notes and log lines out of the answers while the block runs, where both go to a terminal."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdout, sys.stderr)):
        yield None
        return
    with standard_error_beside(run_in_terminal) as margin:
        yield margin
