"""Installed files, each with a checksum in its first line, so that a change by hand is not lost in the next install."""

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.errors import SotayError

FIRST_LINE = "# Made by `sotay service install`, checksum {checksum}. Change it by `systemctl edit`, not here.\n"
CHECKSUM = re.compile(r"# Made by `sotay service install`, checksum ([0-9a-f]{16})\. [^\n]*\n")


class State(StrEnum):
    """How an installed file stands to what would be installed now."""

    CURRENT = "current"
    MISSING = "missing"
    OUTDATED = "outdated"
    """As it was installed, and not what would be installed now."""
    EDITED = "edited"
    """Changed by hand, or not ours."""
    SURPLUS = "surplus"
    """As it was installed, and not wanted any more."""


@dataclass(frozen=True, slots=True)
class File:
    """One file. `wanted` is its text, None for a file that should not be there; `there` is what stands there."""

    path: Path
    wanted: str | None
    there: str | None

    @property
    def state(self) -> State:
        if self.there == self.wanted:
            return State.CURRENT
        if self.there is None:
            return State.MISSING
        if not is_untouched(self.there):
            return State.EDITED
        return State.SURPLUS if self.wanted is None else State.OUTDATED

    def difference(self) -> str:
        """What an install would change, line by line."""
        before, after = (self.there or "").splitlines(), (self.wanted or "").splitlines()
        return "\n".join(difflib.unified_diff(before, after, str(self.path), str(self.path), lineterm=""))

    def settle(self) -> None:
        """Makes the file what it should be. Raises SotayError where it cannot be written."""
        try:
            if self.wanted is None:
                self.path.unlink(missing_ok=True)
                return
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(self.wanted, encoding="utf-8")
            self.path.chmod(0o644)
        except OSError as error:
            raise SotayError("units.cannot_write", path=self.path, reason=error.strerror) from error


def stamped(text: str) -> str:
    """The text under a first line with its checksum."""
    return FIRST_LINE.format(checksum=checksum(text)) + text


def is_untouched(text: str) -> bool:
    """Whether nobody has changed a file since it was installed."""
    found = CHECKSUM.match(text)
    return found is not None and checksum(text[found.end() :]) == found[1]


def checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def compared(root: Path, wanted: Mapping[Path, str], known: Iterable[Path]) -> Iterator[File]:
    """Every file that is wanted or there, of all that are `known`; paths are relative to `root`."""
    for path in known:
        text = stamped(wanted[path]) if path in wanted else None
        file = File(root / path, text, read(root / path))
        if file.wanted is not None or file.there is not None:
            yield file


def read(path: Path) -> str | None:
    """The text there, None for no file. Raises SotayError for one that cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SotayError("units.cannot_read", path=path, reason=str(error)) from error
