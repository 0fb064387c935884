"""What a check has found, what mends it, and what a check is given to look at."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import aiohttp

from bots.settings import Loaded, Settings
from core.errors import SotayError
from core.output import visible
from core.texts import translate
from retrieval.refusals import Refused


class Level(StrEnum):
    """How bad it is. What fails keeps people from being answered, or loses something, now or soon."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `name` is what was looked at, in a word that monitoring may rely on.

    The text in the catalogues is `doctor.NAME`, with `.MORE` behind it where a check has several sentences; `facts`
    fill it. `remedy` is a command for the shell, or a key of the settings as `[section] key`; "" where all is well.
    """

    name: str
    level: Level
    more: str
    facts: Mapping[str, object] = field(default_factory=dict)
    remedy: str = ""

    def text(self, language: str) -> str:
        """The sentence, on one line."""
        facts = {name: visible(_said(value, language)) for name, value in self.facts.items()}
        return " ".join(translate(language, f"doctor.{self.name}.{self.more}", **facts).split())

    def report(self, language: str) -> dict[str, str]:
        """For programs."""
        return {"check": self.name, "level": self.level.value, "text": self.text(language), "remedy": self.remedy}


def _said(value: object, language: str) -> str:
    return value.text(language) if isinstance(value, SotayError | Refused) else str(value)


def ok(name: str, more: str = "good", /, **facts: object) -> Finding:
    return Finding(name, Level.OK, more, facts)


def warn(name: str, more: str, remedy: str, /, **facts: object) -> Finding:
    return Finding(name, Level.WARN, more, facts, remedy)


def fail(name: str, more: str, remedy: str, /, **facts: object) -> Finding:
    return Finding(name, Level.FAIL, more, facts, remedy)


@dataclass(frozen=True, slots=True)
class Office:
    """What the checks look at: the settings and where they came from, a line to the network, the file system's root."""

    loaded: Loaded
    session: aiohttp.ClientSession
    root: Path = Path("/")

    @property
    def settings(self) -> Settings:
        return self.loaded.settings


@dataclass(frozen=True, slots=True)
class Check:
    """One look at something. `name` is said where the look itself fails or takes too long.

    `seconds` is the longest that it may take, None for as long as any.
    """

    name: str
    look: Callable[[Office], Awaitable[Sequence[Finding]]]
    seconds: float | None = None
