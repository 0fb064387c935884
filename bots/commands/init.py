"""`sotay init`: asks about a new office and writes its settings."""

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from rich.text import Text

from bots.commands.running import Session
from bots.settings import environment
from bots.settings_report import check
from bots.wizard.asking import Asker
from bots.wizard.interview import interview
from bots.wizard.writing import write
from core.errors import SettingsError
from core.output import visible


async def init(
    session: Session, folder: Path, answers: Path | None, slack_url: str, telegram_url: str, *, force: bool
) -> int:
    """Asks, writes, checks what was written, and says what comes next. Raises SettingsError."""
    given = answers_in(answers) if answers is not None else {}
    asker = Asker(read_line, lambda text: session.notes.print(Text(visible(text))), given, session.language)
    asker.is_over = answers is not None
    config = write(folder, await interview(asker, slack_url, telegram_url), force=force)
    findings = check(config, environment())
    session.notes.print(Text(findings.text(asker.language)))
    asker.tell("next")
    for command in ("models fetch", "ingest", "doctor", "service install"):
        session.out.print(Text(f"sotay --config {config} {command}"))
    return 0 if findings.good else 1


def read_line() -> str | None:
    """One line of standard input, None at its end."""
    return sys.stdin.readline() or None


def answers_in(file: Path) -> Mapping[str, str]:
    """The answers of a TOML file, by the names of the questions. Raises SettingsError."""
    try:
        return {name: str(value) for name, value in tomllib.loads(file.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError) as error:
        raise SettingsError("init.no_answers", path=file, reason=type(error).__name__) from error
