"""What was chosen at the last install, so that the next one need not be told again."""

import re
from pathlib import Path

from bots.units.files import read
from bots.units.rendering import SPLIT, SYSTEM, SYSUSERS

USER = "sotay"
MADE = re.compile(r"^u (\S+) ", re.MULTILINE)


def user_of(root: Path) -> str:
    """Who the installed services run as, `sotay` where none are. Raises SotayError for a file that cannot be read."""
    found = MADE.search(read(root / SYSUSERS) or "")
    return found[1] if found else USER


def is_split(root: Path) -> bool:
    """Whether several processes are installed instead of one."""
    return any((root / SYSTEM / name).exists() for name in SPLIT)
