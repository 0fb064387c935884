"""Archives on the disk: put together beside the others under another name, and read again with every byte checked.

Everything here blocks.
"""

import errno
import fcntl
import gzip
import hashlib
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO, Final

from core.backup import MANIFEST, Manifest, Part, Progress, silence
from core.errors import BackupError

PARTIAL: Final = ".partial-"
"""Begins the names of what is being written; what an interrupted run has left behind is swept out by the next."""
LOCK: Final = ".lock"
LEVEL: Final = 1
"""Of compression: level 6 takes three times as long and saves a tenth of a database of Vietnamese text."""
PIECE: Final = 1 << 20
LARGEST_MANIFEST: Final = 1 << 26
UNREADABLE: Final = (tarfile.TarError, EOFError, OSError, zlib.error)
"""What damaged archives raise."""
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def workplace(directory: Path) -> Iterator[Path]:
    """A folder to put a backup together in, beside the others: empty, for its owner alone, gone when the block ends.

    One run at a time. A second one raises BackupError, and so does a folder that cannot be written to.
    """
    with _locked(directory):
        sweep(directory)
        place = directory / f"{PARTIAL}{os.getpid()}"
        try:
            place.mkdir(mode=0o700)
            yield place
        except OSError as error:
            raise BackupError("backup.cannot_write", path=directory, reason=error.strerror or error) from error
        finally:
            sweep(directory)


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BackupError("backup.cannot_write", path=directory, reason=error.strerror) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError("backup.running", path=directory) from error
        yield
    finally:
        os.close(lock)


def sweep(directory: Path) -> None:
    """Removes what is no backup yet and, once this is called, never will be."""
    for path in directory.glob(f"{PARTIAL}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def pack(place: Path, manifest: Manifest, target: Path, progress: Progress = silence) -> Manifest:
    """Everything in the folder `place` becomes the archive `target`: the whole of it or nothing. Raises OSError.

    The manifest comes first, with the parts that it has now.
    """
    whole = replace(manifest, parts=tuple(_parts(place)))
    partial = target.with_name(f"{PARTIAL}{target.name}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        _write(file, place, whole, progress)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(target)
    force(target.parent)
    return whole


def force(folder: Path) -> None:
    """The names in the folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_manifest(path: Path) -> Manifest:
    """Raises BackupError for a file that is no archive of ours."""
    with _reading(path) as (archive, _):
        return _manifest(archive, path)


def unpack(path: Path, folder: Path, progress: Progress = silence) -> Manifest:
    """Every part of the archive into the empty `folder`, its size and hash compared with the manifest.

    Raises BackupError for a damaged archive, and where the folder cannot be written to.
    """
    with _reading(path) as (archive, content):
        manifest = _manifest(archive, path)
        left, done = {part.name: part for part in manifest.parts}, 0
        while (member := archive.next()) is not None:
            part = left.pop(member.name, None)
            if part is None or not member.isfile() or not is_inside(part.name):
                raise BackupError("backup.damaged", path=path, reason=member.name)
            _check(part, _extracted(archive, member, folder / part.name), path)
            done += part.size
            progress("backup.step_unpack", done, manifest.size)
        while content.read(PIECE):
            pass  # at the end the checksum of all stands, and is compared
    if left:
        raise BackupError("backup.damaged", path=path, reason=next(iter(left)))
    return manifest


def is_inside(name: str) -> bool:
    """Whether a path, taken from a folder, stays in it."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and path.name != ""


def _parts(place: Path) -> Iterator[Part]:
    for path in sorted(place.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            yield Part(path.relative_to(place).as_posix(), path.stat().st_size, digest)


def _write(file: IO[bytes], place: Path, manifest: Manifest, progress: Progress) -> None:
    text = manifest.to_json().encode()
    with (
        gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed,
        tarfile.TarFile("", "w", packed, tarfile.PAX_FORMAT, copybufsize=PIECE) as archive,
    ):
        archive.addfile(_header(MANIFEST, len(text), manifest), io.BytesIO(text))
        told = _Told(progress, manifest.size)
        for part in manifest.parts:
            with (place / part.name).open("rb") as content:
                told.content = content
                archive.addfile(_header(part.name, part.size, manifest), told)


class _Told(io.RawIOBase):
    """Files, read one after another, of which is told how far they have been read."""

    content: IO[bytes]

    def __init__(self, progress: Progress, total: int) -> None:
        super().__init__()
        self._progress, self._total, self._done = progress, total, 0

    def read(self, size: int = -1) -> bytes:
        piece = self.content.read(size)
        self._done += len(piece)
        self._progress("backup.step_pack", self._done, self._total)
        return piece


def _header(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode, header.mtime = size, 0o600, int(manifest.created_at.timestamp())
    return header


@contextmanager
def _reading(path: Path) -> Iterator[tuple[tarfile.TarFile, gzip.GzipFile]]:
    """The archive, and the stream that it is read from."""
    try:
        with gzip.open(path) as content, tarfile.open(fileobj=content, mode="r|", bufsize=PIECE) as archive:
            yield archive, content
    except FileNotFoundError as error:
        raise BackupError("backup.no_such_file", path=path) from error
    except PermissionError as error:
        raise BackupError("backup.cannot_read", path=path, reason=error.strerror) from error
    except UNREADABLE as error:
        is_full = isinstance(error, OSError) and error.errno in FULL
        message_id = "backup.no_room" if is_full else "backup.damaged"
        raise BackupError(message_id, path=path, reason=str(error) or type(error).__name__) from error


def _manifest(archive: tarfile.TarFile, path: Path) -> Manifest:
    first = archive.next()
    content = archive.extractfile(first) if first is not None and first.name == MANIFEST else None
    if first is None or content is None or first.size > LARGEST_MANIFEST:
        raise BackupError("backup.damaged", path=path, reason=MANIFEST)
    return Manifest.from_json(content.read(), path)


def _extracted(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> Part:
    """The member as a file, and what was written."""
    content = archive.extractfile(member)
    digest, size = hashlib.sha256(), 0
    with _into(target) as file:
        while content is not None and (piece := content.read(PIECE)):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
    return Part(member.name, size, digest.hexdigest())


@contextmanager
def _into(target: Path) -> Iterator[IO[bytes]]:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _check(wanted: Part, found: Part, path: Path) -> None:
    if wanted != found:
        raise BackupError("backup.damaged", path=path, reason=wanted.name)
