"""Where files come from: a folder on this machine or anywhere fsspec reaches (SMB, S3, WebDAV ...). Blocking."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fsspec import AbstractFileSystem, url_to_fs  # type: ignore[import-untyped]

from core.errors import IngestError
from retrieval.refusals import Refused

MAX_DEPTH = 32
_CHANGE_TIMES = ("mtime", "LastModified", "last_modified", "modified", "created")
_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file. `path` is relative to its source, with forward slashes; `size` in bytes.

    `modified_at` is in seconds since 1970, 0.0 where the source does not say.
    """

    path: str
    size: int
    modified_at: float


class Source:
    """The files below one folder. `url` is a path, or any address that fsspec knows; a path is made absolute."""

    def __init__(self, url: str) -> None:
        self.url = url if "://" in url or "::" in url else str(Path(url).absolute())
        try:
            self._files, self._root = _opened(self.url)
        except (ValueError, ImportError, OSError) as error:
            raise IngestError("ingest.unknown_protocol", source=url, reason=error) from error

    def files(self) -> list[SourceFile]:
        """Every file below the folder, in the order of their paths.

        Left out: hidden files and folders, the lock files of Office (`~$...`), linked folders, and links to files
        outside. Raises IngestError when the folder is missing, no folder, unreadable or without any file: an office
        drive that is not mounted looks empty, and nothing may be forgotten for that.
        """
        try:
            if not self._files.exists(self._root):
                raise IngestError("ingest.folder_missing", source=self.url)
            if not self._files.isdir(self._root):
                raise IngestError("ingest.not_a_folder", source=self.url)
            found = sorted(self._below(self._root, MAX_DEPTH), key=lambda file: file.path)
        except OSError as error:
            raise IngestError("ingest.folder_unreadable", source=self.url, reason=_reason(error)) from error
        if not found:
            raise IngestError("ingest.folder_empty", source=self.url)
        return found

    def read(self, file: SourceFile, most: int) -> bytes | Refused:
        """The file's bytes, at most `most + 1` of them: one more than allowed shows that it is too large."""
        try:
            with self._files.open(posixpath.join(self._root, file.path), "rb") as stream:
                data: bytes = stream.read(most + 1)
                return data
        except OSError as error:
            return Refused(file.path, "documents.unreadable", {"reason": _reason(error)})

    def _below(self, folder: str, depth: int) -> Iterator[SourceFile]:
        for entry in self._files.ls(folder, detail=True):
            path = str(entry["name"]).rstrip("/")
            if _is_hidden(posixpath.basename(path)) or path == folder:
                continue
            if entry.get("islink"):
                yield from self._linked(Path(path))
            elif entry["type"] == "directory" and depth:
                yield from self._below(path, depth - 1)
            elif entry["type"] == "file":
                yield SourceFile(posixpath.relpath(path, self._root), int(entry["size"] or 0), _changed_at(entry))

    def _linked(self, link: Path) -> Iterator[SourceFile]:
        """The file that a link of a local folder leads to, if it is one and lies within."""
        if not link.is_file() or not link.resolve().is_relative_to(Path(self._root).resolve()):
            return
        found = link.stat()
        yield SourceFile(posixpath.relpath(str(link), self._root), found.st_size, found.st_mtime)


def _opened(url: str) -> tuple[AbstractFileSystem, str]:
    files, root = url_to_fs(url)
    return files, str(root).rstrip("/") or "/"


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower() in _SYSTEM_FILES


def _changed_at(entry: Mapping[str, object]) -> float:
    for name in _CHANGE_TIMES:
        value = entry.get(name)
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, int | float):
            return float(value)
    return 0.0


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
