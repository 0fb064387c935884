"""An office whose data can be looked at to the last byte."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import func, select

from bots.settings import Settings, load_settings
from core.store import tables
from core.store.database import Database, open_database, url_of
from tests.bots.office import Finished, Office

BACKUPS = "backups"


def settings_of(office: Office) -> Settings:
    return load_settings(office.folder / "sotay.toml", {})


def data_of(office: Office) -> Path:
    return office.folder / "var"


def archives(office: Office) -> list[Path]:
    return sorted((data_of(office) / BACKUPS).glob("sotay-*.tar.gz"))


@asynccontextmanager
async def store_of(office: Office) -> AsyncIterator[Database]:
    async with open_database(url_of(data_of(office) / "sotay.sqlite")) as database:
        yield database


async def rows_of(office: Office) -> Mapping[str, int]:
    """How many rows each table has."""
    async with store_of(office) as database, database.reading() as connection:
        statements = {table.name: select(func.count()).select_from(table) for table in tables.metadata.sorted_tables}
        return {name: await connection.scalar(statement) or 0 for name, statement in statements.items()}


def found_in(folder: Path, words: Iterable[str], *, without: Iterable[str] = (BACKUPS,)) -> Counter[str]:
    """How many bytes of each file of the folder are one of these words, as UTF-8 or as JSON writes them."""
    skipped = {folder / name for name in without}
    encodings = ("utf-8", "unicode_escape", "utf-16-le")
    forms = {word.encode(encoding) for word in words for encoding in encodings}
    found: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and skipped.isdisjoint(path.parents):
            content = path.read_bytes()
            found[path.name] += sum(content.count(form) * len(form) for form in forms)
    return +found


async def succeeded(office: Office, *arguments: str, typed: str = "") -> Finished:
    done = await asyncio.wait_for(office.sotay(*arguments, typed=typed), 100)
    assert done.status == 0, done.notes
    assert "Traceback" not in done.notes
    return done
