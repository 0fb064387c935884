"""`sotay run`: the service that answers on the platforms, and in this terminal where that is wanted."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from prompt_toolkit.application import run_in_terminal

from bots.bootstrap import Handbook, open_handbook, open_pipeline
from bots.commands.ask import hint_if_empty, person_of
from bots.commands.running import Session
from bots.console import Chat
from bots.console_adapter import ConsoleAdapter, Turns
from bots.keyboard import line_reader
from bots.margin import Margin, standard_error_beside
from bots.platforms import Opened, open_service
from bots.settings import Settings
from bots.terminal import TerminalSurface
from core.conversation import Person
from core.errors import SettingsError
from core.inbox import Inbox, unheard
from core.pipeline import Pipeline
from core.texts import translate


async def run(session: Session, person: str | None = None, *, console: bool = False) -> int:
    """Answers until it is told to stop by SIGTERM or Ctrl-C; 0 then. With `console` as `person` here too."""
    settings = session.settings
    if person is not None and not console:
        raise SettingsError("run.as_without_console")
    if not console and not platforms_in(settings):
        raise SettingsError("run.nothing_configured")
    async with open_handbook(settings) as handbook:
        await hint_if_empty(session, handbook)
        async with open_pipeline(settings, handbook) as pipeline:
            if console:
                await serve_with_console(session, handbook, pipeline, person_of(session, handbook, person))
            else:
                await serve(session, handbook, pipeline)
    return 0


def platforms_in(settings: Settings) -> Sequence[str]:
    """The names of the platforms that the settings give a token for."""
    tokens = {"Slack": settings.slack.bot_token, "Telegram": settings.telegram.token}
    return [name for name, token in tokens.items() if token is not None]


async def serve(session: Session, handbook: Handbook, pipeline: Pipeline) -> None:
    """The platforms alone."""
    async with open_service(session.settings, handbook, pipeline) as service:
        session.say("run.ready", surfaces=", ".join(service.names))
        await service.run(stopped=lambda: session.say("run.stopping"))


async def serve_with_console(session: Session, handbook: Handbook, pipeline: Pipeline, asker: Person) -> None:
    """The platforms, if there are any, and this terminal beside them."""
    with shared_terminal() as margin:
        turns = Turns(line_reader(is_guest=True), margin)

        def stopped() -> None:
            turns.close()
            session.say("run.stopping")

        console = opened_console(session, handbook, asker, turns)
        async with open_service(session.settings, handbook, pipeline, console) as service:
            ready = "run.ready" if platforms_in(session.settings) else "run.console_alone"
            session.say(ready, surfaces=", ".join(service.names))
            await service.run(stopped, turns.interrupt)


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
