"""The database and its backups. Everything here only reads, beside a service that runs."""

import functools
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bots.doctor.apart import apart
from bots.doctor.findings import Check, Finding, Office, fail, ok, warn
from core.backup import last_backup
from core.errors import BackupError, StoreError
from core.store.database import file_of
from core.store.versions import schema_state

FIXED = (3, 51, 3)
"""The release of SQLite that cannot damage a WAL file any more when two connections checkpoint at once."""
QUICK_SECONDS = 2.5
STEPS = 10_000
"""Of SQLite's machine between two looks at the clock."""
OLD, LOST = timedelta(days=2), timedelta(days=7)
PROCESSES = Path("/proc")


def library(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> Check:
    """Whether SQLite of this version is safe for how the database is used."""

    async def look(office: Office) -> Sequence[Finding]:
        file, shown = file_of(office.settings.data.database_url), ".".join(map(str, version))
        if file is None or version >= FIXED:
            return [ok("sqlite", version=shown)]
        processes = await apart(functools.partial(processes_at, file))
        if processes > 1:
            return [warn("sqlite", "several", "systemctl restart sotay", version=shown, processes=processes)]
        return [ok("sqlite", "alone", version=shown)]

    return Check("sqlite", look)


def processes_at(file: Path, processes: Path = PROCESSES) -> int:
    """How many processes have the file open, of those that we may look into."""
    count = 0
    for descriptors in processes.glob("[0-9]*/fd"):
        try:
            count += any(link.readlink() == file for link in descriptors.iterdir())
        except OSError:  # gone meanwhile, or somebody else's
            continue
    return count


async def database(office: Office) -> Sequence[Finding]:
    """Whether the database is there, sound, and of this version."""
    url = office.settings.data.database_url
    file = file_of(url)
    if file is not None and not file.is_file():
        return [fail("database", "missing", "sotay ingest", path=file)]
    if file is not None and (damage := await apart(functools.partial(damage_of, file))):
        return [fail("database", "damaged", "sotay restore FILE", path=file, detail=damage)]
    try:
        state = await schema_state(url)
    except StoreError as error:
        return [fail("database", "unreachable", "[data] database_url", sentence=error)]
    if not state.is_known:
        return [fail("database", "newer", "pip install --upgrade sotay", found=state.current, known=state.newest)]
    if state.pending:
        return [warn("database", "behind", "sotay database upgrade", found=state.current or "-", known=state.newest)]
    return [ok("database", revision=state.newest)]


def damage_of(file: Path, clock: Callable[[], float] = time.monotonic) -> str:
    """What SQLite finds wrong with the file, "" for nothing; a large one is looked at for as long as there is time."""
    end = clock() + QUICK_SECONDS
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=1.0)) as connection:
            connection.execute("PRAGMA wal_autocheckpoint=0")
            connection.execute("PRAGMA query_only=ON")
            connection.set_progress_handler(lambda: clock() > end, STEPS)
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError as error:
        is_patience = error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY}
        return "" if is_patience else str(error)
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else found


async def backup(office: Office) -> Sequence[Finding]:
    """How old the newest backup is."""
    directory = office.settings.backup.directory
    try:
        made = await apart(functools.partial(last_backup, directory))
    except BackupError as error:
        return [fail("backup", "unreadable", "[backup] directory", sentence=error)]
    if made is None:
        return [warn("backup", "none", "sotay backup", path=directory)]
    age = datetime.now(UTC) - made
    if age > LOST:
        return [fail("backup", "lost", "sotay backup", path=directory, days=age.days)]
    if age > OLD:
        return [warn("backup", "old", "sotay backup", path=directory, days=age.days)]
    return [ok("backup", hours=int(age.total_seconds() // 3600))]


CHECKS = (library(), Check("database", database), Check("backup", backup))
