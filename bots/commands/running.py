"""What every command shares: settings, a console, the event loop, and errors said in one sentence."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from bots import logs
from bots.masking import secrets_in
from bots.settings import Settings, environment, load_settings, logs_to_journal, terminal_language
from core.errors import SotayError
from core.output import visible
from core.texts import translate

STOPPED_BY_HAND = 130
"""The exit status of a command ended by Ctrl-C, as shells have it: 128 + SIGINT."""


@dataclass(slots=True)
class Session:
    """One run of the program. Results go to `out`, everything else to `notes`."""

    config: Path | None
    out: Console = field(default_factory=lambda: Console(soft_wrap=True, highlight=False))
    notes: Console = field(default_factory=lambda: Console(stderr=True, soft_wrap=True, highlight=False))
    _settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """The settings, read at first use. Raises `SettingsError`."""
        if self._settings is None:
            self._settings = load_settings(self.config, environment())
            self._set_up_logs(self._settings)
        return self._settings

    @staticmethod
    def _set_up_logs(settings: Settings) -> None:
        chosen, to_journal = settings.log, logs_to_journal(environment())
        form = ("json" if to_journal else "text") if chosen.format == "auto" else chosen.format
        logs.set_up(chosen.level, form, texts=chosen.texts, secrets=secrets_in(settings), to_journal=to_journal)

    @property
    def language(self) -> str:
        """The language of this terminal: the settings' word, else the office's, else the environment's."""
        if self._settings is None:
            return terminal_language(environment())
        chosen = self._settings.console.language
        return self._settings.office.language if chosen == "auto" else chosen

    def say(self, message_id: str, **facts: object) -> None:
        self.notes.print(Text(visible(translate(self.language, message_id, **facts))))

    def run(self, work: Coroutine[object, object, int]) -> None:
        """Runs a command to its exit status; a `SotayError` is said and ends it with 1."""
        try:
            status = asyncio.run(work)
        except SotayError as error:
            self.complain(error)
            status = 1
        except KeyboardInterrupt:
            self.say("console.interrupted")
            status = STOPPED_BY_HAND
        raise typer.Exit(status)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """For commands that need no event loop: a `SotayError` is said and ends the program with 1."""
        try:
            yield
        except SotayError as error:
            self.complain(error)
            raise typer.Exit(1) from error

    def complain(self, error: SotayError) -> None:
        self.notes.print(Text(visible(error.text(self.language)), style="red"))
