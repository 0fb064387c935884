"""Files in the folders that are not among the documents: refused, and why; or not read so far.

No list of refusals is kept anywhere. What is missing is opened as an ingestion would open it, so the reason is that of
today: a file that was mended meanwhile is not told of any more. Parsers, which any file may attack, are run only as the
owner of the data, who runs them anyway: never as root for somebody else.
"""

import asyncio
import functools
import os
import pwd
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bots.bootstrap import MEGABYTE, sources_of
from bots.doctor.apart import apart
from bots.doctor.findings import Check, Finding, Office, ok, warn
from bots.settings import Settings
from core.errors import IngestError, StoreError
from core.store.database import file_of, open_as_it_is
from core.store.documents import DocumentRepository
from retrieval.documents import DocumentReader
from retrieval.filetypes import MIME_TYPES, Limits, check, suffix_of
from retrieval.refusals import Refused
from retrieval.sources import Source, SourceFile

SECONDS = 8.0
"""What the look may take where something is missing: a process that reads documents takes seconds to start."""
LIST_SECONDS, OPEN_SECONDS = 2.0, 5.0
OPENED = 5
"""Files that are opened to learn what is wrong with them; of more the number is told."""
FRESH = timedelta(hours=1)
"""A file that was put there later may still wait for its turn: folders are read every half hour."""
OTHER_FORMATS = frozenset({".doc", ".xls", ".ppt", ".rtf", ".odt", ".ods", ".odp"})
"""Not read, and yet meant to be, unlike the pictures and archives that lie about in any folder."""
KEYS = {"documents.too_large": "[ingest] max_file_mb", "documents.timeout": "[ingest] file_timeout_seconds"}
INGEST = "sotay ingest"
Known = Mapping[str, frozenset[tuple[str, str]]]
"""By space: the source and the path of each document."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that is none of the documents of its space."""

    space: str
    source: Source
    file: SourceFile

    @property
    def is_meant(self) -> bool:
        """Whether somebody wants it to be answered from."""
        return suffix_of(self.file.path) in MIME_TYPES.keys() | OTHER_FORMATS

    @property
    def since(self) -> float:
        """When it came, by its inode, since copies bear the time of the original; for ever later if it is gone."""
        try:
            return Path(self.source.url, self.file.path).lstat().st_ctime
        except OSError:
            return float("inf")


def unread(now: Callable[[], float] = time.time, user: Callable[[], int] = os.geteuid) -> Check:
    """The files of local folders; of those elsewhere `sotay ingest` tells.

    `now` is in seconds since 1970, `user` the id of who looks.
    """

    async def look(office: Office) -> Sequence[Finding]:
        settings = office.settings
        file = file_of(settings.data.database_url)
        if file is not None and not file.is_file():
            return []
        try:
            known = await documents_of(settings)
            async with asyncio.timeout(LIST_SECONDS):
                missing = await apart(lambda: list(_missing(settings, known)))
                owner = (await apart(settings.data.directory.stat)).st_uid
        except (StoreError, FileNotFoundError):
            return []  # the checks of the database and of the folder tell
        except TimeoutError:
            return [ok("refused", "many")]
        parser = None if owner == user() else owner
        return await _judged(settings, missing, now() - FRESH.total_seconds(), parser)

    return Check("refused", look, SECONDS)


async def _judged(
    settings: Settings, missing: Sequence[Missing], before: float, parser: int | None
) -> Sequence[Finding]:
    """Those that are refused, and how many of the others have been there since `before`.

    `parser` is who would have to look into them, None for who looks here.
    """
    meant = [found for found in missing if found.is_meant]
    refused = await _refusals(settings, meant[:OPENED], parses=parser is None) if meant else {}
    told = [_told(meant[number].space, refusal) for number, refusal in refused.items()]
    rest = [found for number, found in enumerate(meant) if number not in refused and found.since < before]
    if rest:
        first = {"space": rest[0].space, "path": rest[0].file.path}
        remedy = INGEST if parser is None else f"sudo -u {_name(parser)} sotay doctor"
        told.append(warn("refused", "unread", remedy, count=len(rest), **first))
    return told or [ok("refused", passed=len(missing) - len(meant))]


async def documents_of(settings: Settings) -> Known:
    """Raises StoreError."""
    async with open_as_it_is(settings.data.database_url) as database:
        repository = DocumentRepository(database)
        found = {space: [known.document for known in await repository.indexed(space)] for space in settings.spaces}
    return {space: frozenset((each.source, each.path) for each in documents) for space, documents in found.items()}


def _missing(settings: Settings, known: Known) -> Iterator[Missing]:
    for space in settings.spaces:
        for source in (Source(url) for url in sources_of(settings, space) if "://" not in url):
            with suppress(IngestError):  # the check of the folders tells
                yield from (
                    Missing(space, source, file)
                    for file in source.files()
                    if (source.url, file.path) not in known[space]
                )


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"'#{user}'"


async def _refusals(settings: Settings, missing: Sequence[Missing], *, parses: bool) -> dict[int, Refused]:
    """Why files are refused, by their place in the list; as many as there is time for."""
    chosen, refused = settings.ingest, dict[int, Refused]()
    limits = Limits(size=int(chosen.max_file_mb * MEGABYTE), seconds=chosen.file_timeout_seconds)
    with suppress(TimeoutError), DocumentReader(limits) as reader:
        async with asyncio.timeout(OPEN_SECONDS):
            for number, found in enumerate(missing):
                if (refusal := await _refusal(reader, found, parses=parses)) is not None:
                    refused[number] = refusal
    return refused


async def _refusal(reader: DocumentReader, found: Missing, *, parses: bool) -> Refused | None:
    """What an ingestion would say of the file, None where it would take it, as far as can be told without parsing."""
    path = found.file.path.encode(errors="replace").decode()
    if path != found.file.path:
        return Refused(path, "documents.bad_name")
    data = await apart(functools.partial(found.source.read, found.file, reader.limits.size))
    if isinstance(data, Refused):
        return data
    if not parses:
        return await apart(functools.partial(check, path, data, reader.limits))
    read = await reader.read(path, data)
    return read if isinstance(read, Refused) else None


def _told(space: str, refusal: Refused) -> Finding:
    return warn("refused", "file", KEYS.get(refusal.message_id, INGEST), space=space, sentence=refusal)


CHECKS = (unread(),)
