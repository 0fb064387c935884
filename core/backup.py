"""Backups: one archive each, what it holds, which there are, and how many stay.

An archive is `sotay-TIME.tar.gz`, its first member the manifest. Whatever bears such a name is whole: it was written
under another name, forced to the disk and renamed. Nobody but its owner may read it.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from core.errors import BackupError

FORMAT: Final = 1
"""Of manifest and archive together: another one cannot be read."""
TIME: Final = "%Y%m%dT%H%M%SZ"
NAME: Final = re.compile(r"sotay-(\d{8}T\d{6}Z)\.tar\.gz")
MANIFEST: Final = "manifest.json"

Progress = Callable[[str, int, int], None]
"""Is told the step, how much of it is done, and how much there is; bytes, or pages of a database."""


def silence(_step: str, _done: int, _total: int) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an archive; `name` is its path in there."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds.

    `database` is "sqlite" or "postgresql", `revision` that of its schema, `rows` are counted by table. `columns` are
    those of the tables of a PostgreSQL export, in their order. `index` says whether the search index is in it.
    """

    version: str
    created_at: datetime
    database: str
    revision: str
    rows: Mapping[str, int]
    parts: tuple[Part, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    index: bool = False

    def to_json(self) -> str:
        fields = asdict(self) | {"format": FORMAT, "created_at": self.created_at.isoformat()}
        return json.dumps(fields, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str | bytes, path: Path) -> "Manifest":
        """Raises BackupError for what is no manifest, or one of another format."""
        try:
            fields: dict[str, Any] = json.loads(text)
            if fields.pop("format") != FORMAT:
                raise BackupError("backup.other_format", path=path)
            fields["created_at"] = datetime.fromisoformat(fields["created_at"])
            fields["parts"] = tuple(Part(**part) for part in fields["parts"])
            fields["columns"] = {name: tuple(columns) for name, columns in fields["columns"].items()}
            return cls(**fields)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError("backup.damaged", path=path, reason=f"{MANIFEST}: {error}") from error

    @property
    def size(self) -> int:
        """Bytes of all parts, unpacked."""
        return sum(part.size for part in self.parts)


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup that lies in a folder; `created_at` is when it was begun."""

    path: Path
    created_at: datetime


def archives_in(directory: Path) -> list[Archive]:
    """The backups of a folder, oldest first; none where there is no such folder. Raises BackupError."""
    try:
        names = [path.name for path in directory.iterdir()] if directory.is_dir() else []
    except OSError as error:
        raise BackupError("backup.cannot_list", path=directory, reason=error.strerror) from error
    found = [Archive(directory / match[0], _moment(match[1])) for name in names if (match := NAME.fullmatch(name))]
    return sorted(found, key=lambda archive: archive.created_at)


def last_backup(directory: Path) -> datetime | None:
    """When the newest backup of a folder was begun; None where there is none. Raises BackupError."""
    return next((archive.created_at for archive in reversed(archives_in(directory))), None)


def thin_out(directory: Path, keep: int) -> list[Path]:
    """Removes all but the newest `keep` backups; returns those that are gone. Raises BackupError."""
    removed = []
    for archive in archives_in(directory)[:-keep]:
        try:
            archive.path.unlink(missing_ok=True)
        except OSError as error:
            raise BackupError("backup.cannot_write", path=archive.path, reason=error.strerror) from error
        removed.append(archive.path)
    return removed


def free_name(directory: Path, created_at: datetime) -> Path:
    """A path that no other backup has: that of this second, or of the next one that is free."""
    while (path := directory / f"sotay-{created_at.astimezone(UTC):{TIME}}.tar.gz").exists():
        created_at += timedelta(seconds=1)
    return path


def _moment(text: str) -> datetime:
    return datetime.strptime(text, TIME).replace(tzinfo=UTC)
