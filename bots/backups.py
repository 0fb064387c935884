"""Backups of this office: what goes into one, and how all of it is put back. Used by commands and by the schedule."""

import asyncio
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from bots.alone import check_user
from bots.bootstrap import places_of, uploads_in, vectors_of, words_of
from bots.settings import DATA_DIRECTORY, Settings
from bots.settings_keys import MASK
from bots.settings_report import show
from core import forgotten
from core.archives import pack, workplace
from core.backup import Manifest, Progress, free_name, silence, thin_out
from core.errors import BackupError
from core.store import snapshots
from retrieval.snapshots import copy_index

INDEX, UPLOADS, SETTINGS = "index", "uploads", "sotay.toml"
"""What stands in an archive beside the database and the ledger of the forgotten."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made, and older ones that went for it."""

    path: Path
    manifest: Manifest
    removed: Sequence[Path]


async def back_up(
    settings: Settings, directory: Path | None = None, keep: int | None = None, progress: Progress = silence
) -> Made:
    """One more backup in the folder, that of the settings unless told, while the service goes on; `keep` stay.

    Models are not in it, nor secrets. Raises BackupError and StoreError; then nothing is left of it, and all others
    stay.
    """
    check_user(settings)
    directory, now = directory or settings.backup.directory, datetime.now(UTC)
    with workplace(directory) as place, _stoppable(progress) as told:
        content = place / "content"
        content.mkdir()
        snapshot = await snapshots.take(settings.data.database_url, content, _version(), now, told)
        told("backup.step_index", 0, 0)
        has_index = await asyncio.to_thread(_add, settings, content, place / "chunks", snapshot.chunks)
        path = free_name(directory, now)
        manifest = await asyncio.to_thread(pack, content, replace(snapshot.manifest, index=has_index), path, told)
    forgotten.merge(places_of(settings).ledgers, directory / forgotten.NAME)
    return Made(path, manifest, thin_out(directory, keep or settings.backup.keep))


def _add(settings: Settings, content: Path, chunks: Path, ids: Sequence[str]) -> bool:
    """Everything that is not in the database; whether the search index is among it."""
    chunks.write_text("\n".join(ids), encoding="utf-8")
    if uploads_in(settings).is_dir():
        shutil.copytree(uploads_in(settings), content / UPLOADS)
    forgotten.merge(places_of(settings).ledgers, content / forgotten.NAME)
    (content / SETTINGS).write_text(without_secrets(settings), encoding="utf-8")
    return copy_index(vectors_of(settings), words_of(settings), chunks, content / INDEX)


def without_secrets(settings: Settings) -> str:
    """The settings in force as a settings file; where a secret stood, a comment says so.

    What lies in the data folder is named by it: who changes the folder alone has all of the data elsewhere.
    """
    shown, inside = show(settings, ()), re.compile(re.escape(str(settings.data.directory)) + r"(?=[/\"'])")
    own = found.end() if (found := inside.search(shown)) else 0  # `data.directory` itself
    lines = (shown[:own] + inside.sub(DATA_DIRECTORY, shown[own:])).splitlines()
    kept = (f"# {line.partition(' = ')[0]} is a secret, to be set anew" if MASK in line else line for line in lines)
    return "\n".join([*kept, ""])


def _version() -> str:
    return metadata.version("sotay")


@contextmanager
def _stoppable(progress: Progress) -> Iterator[Progress]:
    """A progress that ends the work in a thread once the block was left: a thread cannot be cancelled."""
    is_left = threading.Event()

    def told(step: str, done: int, total: int) -> None:
        if is_left.is_set():
            raise BackupError("backup.interrupted")
        progress(step, done, total)

    try:
        yield told
    finally:
        is_left.set()
