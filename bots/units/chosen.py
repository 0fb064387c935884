"""What was chosen at the last install, so that the next one need not be told again."""

import re
from pathlib import Path

from bots.units.files import read
from bots.units.rendering import SPLIT, SYSTEM, SYSUSERS, WHOLE, quoted

USER = "sotay"
MADE = re.compile(r"^u (\S+) ", re.MULTILINE)
TOLD = re.compile(r"^# Graphics card: (yes|no)\b", re.MULTILINE)
CONFIG = re.compile(r'"--config" ("(?:[^"\\]|\\.)*")')


def user_of(root: Path) -> str:
    """Who the installed services run as, `sotay` where none are. Raises SotayError for a file that cannot be read."""
    found = MADE.search(read(root / SYSUSERS) or "")
    return found[1] if found else USER


def is_split(root: Path) -> bool:
    """Whether several processes are installed instead of one."""
    return any((root / SYSTEM / name).exists() for name in SPLIT)


def card_of(root: Path) -> bool | None:
    """Whether the services were told to have a graphics card; None where it is as found. Raises SotayError."""
    found = TOLD.search(read(root / SYSUSERS) or "")
    return None if found is None else found[1] == "yes"


def is_of_another_office(root: Path, config: Path) -> bool:
    """Whether the installed services run with another settings file than `config`. Raises SotayError."""
    found = [CONFIG.search(read(root / SYSTEM / name) or "") for name in (*WHOLE, *SPLIT)]
    named = {match[1] for match in found if match}
    return bool(named) and quoted(config.absolute()) not in named
