"""`sotay models`: which there are, and fetching one."""

import asyncio

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from bots.commands.running import Session
from core.errors import SotayError
from core.texts import translate
from models.catalog import CATALOG, CatalogEntry
from models.download import Downloader, Source
from models.download import Progress as Downloaded
from models.hub import HubClient
from models.machine import MIB

GB = 1_000_000_000
VRAM_CONTEXT = 8_192


def list_models(session: Session) -> None:
    """The catalogue as a table: name, size, memory on the GPU, licence, whether it is here."""
    table = Table(box=None, pad_edge=False)
    for column in ("name", "size", "vram", "state", "licence", "notes"):
        table.add_column(translate(session.language, f"models.column_{column}"))
    for entry in CATALOG.values():
        size = f"{entry.size / GB:.2f} GB" if entry.size else "?"
        vram = entry.vram_mib(VRAM_CONTEXT)
        memory = f"{vram * MIB / GB:.1f} GB" if vram else "-"
        here = (session.settings.models.directory / entry.file).is_file()
        state = translate(session.language, "models.here" if here else "models.away")
        table.add_row(entry.name, size, memory, state, entry.licence, entry.notes)
    session.out.print(table)
    session.say("models.vram_note", context=VRAM_CONTEXT)


def entry_of(session: Session, name: str | None) -> CatalogEntry:
    """The catalogue's entry of a name, or that of the settings' local model. Raises `SotayError`."""
    wanted = name or session.settings.models.local
    if wanted not in CATALOG:
        raise SotayError("models.unknown", name=wanted, known=", ".join(CATALOG))
    return CATALOG[wanted]


async def fetch(session: Session, name: str | None, *, parts_first: bool = False) -> int:
    """Fetches a model with a progress bar; one that is here and whole is left alone."""
    entry = entry_of(session, name)
    sources = (Source.PARTS, Source.HUB) if parts_first else (Source.HUB, Source.PARTS)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=session.notes, transient=True) as bar:
        task = bar.add_task(entry.name, total=entry.size)

        def show(done: Downloaded) -> None:
            bar.update(task, completed=done.done, description=f"{entry.name} ({done.source.value})")

        downloader = Downloader(HubClient(session.settings.models.hub_url), sources, progress=show)
        path = await asyncio.to_thread(downloader.fetch, entry, session.settings.models.directory)
    session.say("models.ready", name=entry.name, path=path)
    return 0
