"""`sotay ingest`: folders into the index, with a progress bar, a table and the list of refused files."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from bots.bootstrap import Handbook, open_handbook, remove_indexes
from bots.commands.running import Session
from bots.rereading import WISH
from core.documents import Label, Space
from core.errors import IndexUnavailable, IngestError
from core.output import visible
from core.store.database import open_database
from core.store.wishes import Wishes
from core.texts import translate
from retrieval.progress import FileResult, Summary
from retrieval.sources import Source

IN_USE = "index.in_use"
COMMAND_SPACE = "handbook"
COMMAND_AUDIENCE = frozenset({"staff"})


@dataclass(frozen=True, slots=True)
class Target:
    """One folder that is read into one space."""

    space: str
    source: Source


async def ingest(session: Session, path: Path | None, space: str, *, rebuild: bool) -> int:
    """Reads the folder given, or all folders of the settings and of earlier commands; the exit status.

    While the service is at work, which the index belongs to, it is asked to read all folders.
    """
    if rebuild:
        await asyncio.to_thread(remove_indexes, session.settings)
    try:
        return await read(session, path, space)
    except IndexUnavailable as error:
        if error.message_id != IN_USE or path is not None or rebuild:
            raise
    async with open_database(session.settings.data.database_url) as database:
        await Wishes(database).ask(WISH, datetime.now(UTC))
    session.say("ingest.asked")
    return 0


async def read(session: Session, path: Path | None, space: str) -> int:
    """The same, in this process. Raises `IndexUnavailable` where the index is another's."""
    async with open_handbook(session.settings) as handbook:
        targets = await targets_of(session, handbook, path, space)
        summaries = await read_all(session, handbook, targets)
        if path is None:
            await forget_dropped_sources(handbook, targets)
        counts = await handbook.documents.counts()
    report(session, summaries, sum(documents for documents, _ in counts.values()))
    return 0


async def targets_of(session: Session, handbook: Handbook, path: Path | None, space: str) -> list[Target]:
    """What is to be read. Raises `IngestError` when nothing is named anywhere."""
    configured = [
        Target(name, Source(url)) for name in await handbook.spaces.all() for url in await handbook.spaces.sources(name)
    ]
    if path is None:
        if not configured:
            raise IngestError("ingest.nothing_configured")
        return configured
    wanted = Source(str(path)).url
    if inside := [target for target in configured if Path(wanted).is_relative_to(target.source.url)]:
        return inside
    source = Source(str(path))
    source.files()  # refuses a folder that is missing or empty before a space is made for it
    await handbook.spaces.add_from_command(Space(space, Label.INTERNAL, COMMAND_AUDIENCE), source.url)
    session.say("ingest.new_space", space=space, source=source.url)
    return [Target(space, source)]


async def read_all(session: Session, handbook: Handbook, targets: Sequence[Target]) -> list[Summary]:
    """One run a folder; a folder that cannot be listed is said and passed over, unless it is the only one."""
    summaries = []
    for target in targets:
        try:
            with IngestBar(session, target) as bar:
                summaries.append(await handbook.ingestion.run(target.space, target.source, bar))
        except IngestError as error:
            if len(targets) == 1:
                raise
            session.complain(error)
    return summaries


async def forget_dropped_sources(handbook: Handbook, targets: Sequence[Target]) -> None:
    """Documents of folders that no space names any more go, also those of spaces that are no longer named."""
    for name in await handbook.spaces.all():
        await handbook.ingestion.forget_other_sources(name, [t.source.url for t in targets if t.space == name])


def report(session: Session, summaries: Sequence[Summary], documents: int) -> None:
    """The table of what was done, and the refused files with what to do about each."""
    table = Table(box=None, pad_edge=False)
    columns = ("space", "new", "changed", "unchanged", "removed", "refused", "chunks", "seconds")
    for column in columns:
        table.add_column(
            translate(session.language, f"ingest.column_{column}"), justify="left" if column == "space" else "right"
        )
    for done in summaries:
        counts = (done.new, done.changed, done.unchanged, done.removed, len(done.refused), done.chunks + done.restored)
        table.add_row(Text(visible(done.space)), *map(str, counts), f"{done.seconds:.1f}")
    session.notes.print(table)
    for done in summaries:
        for refused in done.refused:
            line = f"  {done.space}/{refused.path}: {refused.text(session.language)}"
            session.notes.print(Text(visible(line), style="yellow"))
        for path in done.dropped:
            session.say("ingest.dropped", path=path)
    session.say("ingest.total", documents=documents)


class IngestBar:
    """`retrieval.progress.Progress` as a bar on the terminal."""

    def __init__(self, session: Session, target: Target) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
                   TextColumn("{task.fields[note]}", markup=False), TimeElapsedColumn())  # fmt: skip
        self._bar = Progress(*columns, console=session.notes, transient=True)
        self._language = session.language
        self._task: TaskID = self._bar.add_task(target.space, total=None, note="")
        self._chunks = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def begin(self, files: int) -> None:
        self._bar.update(self._task, total=files)

    def file_done(self, path: str, result: FileResult) -> None:
        self._bar.update(self._task, advance=1, note=visible(f"{path} {result.value}"))

    def chunks_embedded(self, count: int) -> None:
        self._chunks += count
        self._bar.update(self._task, note=translate(self._language, "ingest.embedded", chunks=self._chunks))
