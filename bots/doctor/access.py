"""Who may read and write files: secrets, the data, the backups; and how much room there is."""

import functools
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bots.doctor.apart import apart
from bots.doctor.findings import Check, Finding, Office, fail, ok, warn
from bots.settings import Settings
from bots.settings_keys import is_secret

CREDENTIALS = "credentials"
"""The folder beside the settings file, which the services lend from."""
OTHERS = 0o077
GB = 1_000_000_000
SHORT, LOW = 1.0, 5.0
"""GB that are free: below the first a backup or an ingestion soon fails, below the second it is time to look."""


async def secrets(office: Office) -> Sequence[Finding]:
    """Whether others may read files that hold secrets."""
    return await apart(lambda: list(_open_secrets(office))) or [ok("secrets")]


def _open_secrets(office: Office) -> Iterator[Finding]:
    config, file = office.loaded.config, office.loaded.layers[0]
    if config is None:
        return
    folder = config.parent / CREDENTIALS
    holding = [config] if any(is_secret(Settings, key) for key in file.origins) else []
    for path in (*holding, *_lent(folder)):
        mode = path.stat().st_mode
        if mode & OTHERS:
            yield fail("secrets", "open", f"chmod 600 {path}", path=path, mode=f"{mode & 0o777:o}")


def _lent(folder: Path) -> Sequence[Path]:
    """The files of the folder; none where it is shut to us, as it is to the service's own user."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []


async def folder(office: Office) -> Sequence[Finding]:
    """Whether the data folder can be written to, and belongs to who runs the service."""
    return await apart(functools.partial(_folder, office.settings.data.directory))


def _folder(path: Path) -> Sequence[Finding]:
    if not path.is_dir():
        return [fail("folder", "missing", "sotay ingest", path=path)]
    if not os.access(path, os.W_OK | os.X_OK):
        return [fail("folder", "closed", f"chown -R USER: {path}", path=path)]
    owner = path.stat().st_uid
    strangers = [file for file in path.iterdir() if file.stat(follow_symlinks=False).st_uid != owner]
    if strangers:
        return [fail("folder", "mixed", f"chown -R --reference={path} {path}", path=path, file=strangers[0].name)]
    return [ok("folder", path=path)]


def free_gb(path: Path) -> float:
    """What is free on the disk of the nearest folder above that is there."""
    there = next(found for found in (path, *path.parents) if found.exists())
    return shutil.disk_usage(there).free / GB


def disk(free: Callable[[Path], float] = free_gb) -> Check:
    """Room on the disks of data and backups. `free` tells it in GB."""

    async def look(office: Office) -> Sequence[Finding]:
        places = dict.fromkeys((office.settings.data.directory, office.settings.backup.directory))
        return [_room(path, await apart(functools.partial(free, path))) for path in places]

    return Check("disk", look)


def _room(path: Path, gb: float) -> Finding:
    remedy = f"du -xh --max-depth=2 {path}"
    free = f"{gb:.1f}"
    if gb < SHORT:
        return fail("disk", "short", remedy, path=path, free=free)
    return warn("disk", "low", remedy, path=path, free=free) if gb < LOW else ok("disk", path=path, free=free)


CHECKS = (Check("secrets", secrets), Check("folder", folder), disk())
