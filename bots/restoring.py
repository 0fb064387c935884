"""A backup becomes the data of an office again: looked at as a whole first, then put in the place of what is there."""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bots.alone import alone, check_user
from bots.backups import INDEX, SETTINGS, UPLOADS
from bots.bootstrap import places_of, uploads_in, vectors_of, words_of
from bots.settings import Settings
from core import forgotten
from core.archives import read_manifest, unpack
from core.backup import Manifest, Progress, silence
from core.errors import BackupError
from core.store import snapshots
from core.store.database import file_of
from core.store.snapshots import Recall
from core.swapping import Swap, swapping
from retrieval.sealing import seal_of

RESTORED_SETTINGS: Final = "settings-from-backup.toml"
PLACE: Final = ".unpacked"
"""The folder below that of the data in which an archive is looked at."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back; `forgotten` ids were taken out of it again, since their people had asked for it."""

    manifest: Manifest
    forgotten: int


def in_folder(settings: Settings, folder: Path) -> Settings:
    """The same settings for data that lie in another folder, on SQLite."""
    url = snapshots.url_in(folder)
    data = settings.data.model_copy(update={"directory": folder, "index": folder, "database_url": url})
    return settings.model_copy(update={"data": data})


async def verify(settings: Settings, path: Path, progress: Progress = silence) -> Manifest:
    """Unpacks an archive and looks at all that is in it. Raises BackupError and StoreError where it is not whole."""
    check_user(settings)
    with _place(settings) as place:
        return await asyncio.to_thread(_looked_at, path, place, progress)


async def restore(
    settings: Settings, path: Path, *, may_replace: bool = False, progress: Progress = silence
) -> Restored:
    """Puts the backup where the settings have their data; without `may_replace` only where there is none yet.

    Whoever was forgotten since does not come back, and an older schema is brought to that of this version. Raises
    BackupError and StoreError; what was there before is there still then.
    """
    check_user(settings)
    ledgers = (*places_of(settings).ledgers, path.parent / forgotten.NAME)
    with alone(settings), _place(settings) as place:
        _check_target(settings, await asyncio.to_thread(read_manifest, path), may_replace=may_replace)
        manifest = await asyncio.to_thread(_looked_at, path, place, progress)
        entries = await asyncio.to_thread(forgotten.entries, (*ledgers, place / forgotten.NAME))
        recall = Recall(entries, manifest.created_at)
        if manifest.database == snapshots.SQLITE:
            count = await snapshots.prepare_sqlite(place, recall)
        else:
            url = settings.data.database_url
            count = await snapshots.into_postgresql(
                url, manifest, place, recall, may_replace=may_replace, progress=progress
            )
        await asyncio.to_thread(_put, settings, place, ledgers)
    return Restored(manifest, count)


def _looked_at(path: Path, place: Path, progress: Progress) -> Manifest:
    manifest = unpack(path, place, progress)
    progress("backup.step_check", 0, 0)
    snapshots.check(manifest, place)
    return manifest


def _check_target(settings: Settings, manifest: Manifest, *, may_replace: bool) -> None:
    """Says early what would be said late."""
    snapshots.check_schema(manifest)
    file = file_of(settings.data.database_url)
    kind = snapshots.POSTGRESQL if file is None else snapshots.SQLITE
    if manifest.database != kind:
        raise BackupError("backup.other_database", found=manifest.database, wanted=kind)
    if file is not None and file.exists() and not may_replace:
        raise BackupError("backup.not_empty", place=file)


def _put(settings: Settings, place: Path, ledgers: Sequence[Path]) -> None:
    """What was unpacked takes the place of what is there. An index that is not in it is made anew by the next start."""
    vectors, words, index = vectors_of(settings), words_of(settings), place / INDEX
    forgotten.merge(ledgers, place / forgotten.NAME)
    try:
        with swapping() as swap:
            _put_database(swap, file_of(settings.data.database_url), place)
            swap.put(index / vectors.name, vectors)
            for beside in ("-wal", "-shm"):
                swap.put(None, words.with_name(words.name + beside))
            swap.put(seal_of(index / words.name), seal_of(words))
            swap.put(index / words.name, words)
            swap.put(place / UPLOADS, uploads_in(settings))
            swap.put(place / forgotten.NAME, settings.data.directory / forgotten.NAME)
            swap.put(place / SETTINGS, settings.data.directory / RESTORED_SETTINGS)
    except OSError as error:
        raise BackupError("backup.cannot_put", path=error.filename, reason=error.strerror) from error


def _put_database(swap: Swap, file: Path | None, place: Path) -> None:
    """The log of the old file first: it would be taken for one of the new."""
    if file is not None:
        for beside in ("-wal", "-shm"):
            swap.put(None, file.with_name(file.name + beside))
        swap.put(place / snapshots.FILE, file)


@contextmanager
def _place(settings: Settings) -> Iterator[Path]:
    """An empty folder beside the data, gone when the block ends."""
    place = settings.data.directory / PLACE
    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True, mode=0o700)
        yield place
    except OSError as error:
        raise BackupError("backup.cannot_put", path=place, reason=error.strerror or error) from error
    finally:
        shutil.rmtree(place, ignore_errors=True)
