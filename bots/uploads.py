"""Documents that administrators send in by chat: kept in a folder of their space, and indexed from there."""

import asyncio
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from bots.bootstrap import Handbook, uploads_of
from bots.settings import Settings
from bots.slack.ingesting import Added
from core.conversation import RefusedFile
from core.output import visible
from retrieval.sources import Source

LONGEST_NAME = 120
"""Characters of a file's name; file systems take 255 bytes, and a Vietnamese letter may need three."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """`bots.slack.ingesting.Library` over the handbook."""

    settings: Settings
    handbook: Handbook

    async def add(self, space: str, name: str, data: bytes) -> Added:
        """Reads the file into the space, which is there; one of the same name is replaced.

        Raises StoreError and IndexUnavailable. A file that cannot be read leaves what was there before.
        """
        spaces = await self.handbook.spaces.all()
        path = uploads_of(self.settings, space) / safe_name(name)
        before = await asyncio.to_thread(replaced, path, data)
        source = Source(str(path.parent))
        await self.handbook.spaces.add_from_command(spaces[space], source.url)
        done = await self.handbook.ingestion.run(space, source)
        refused = next((refused for refused in done.refused if refused.path == path.name), None)
        if refused is None:
            return Added(1)
        await asyncio.to_thread(put_back, path, before)
        return Added(0, RefusedFile(name, refused.message_id, refused.facts))


def safe_name(name: str) -> str:
    """A name that stays in its folder and is no hidden one; its ending is kept, since it says the format."""
    bare = unicodedata.normalize("NFC", visible(name)).replace("\\", "/").rpartition("/")[2]
    bare = " ".join(bare.split()).lstrip(".~") or "file"
    stem, dot, ending = bare.rpartition(".")
    return (
        f"{stem[: LONGEST_NAME - len(ending)]}.{ending}" if dot and len(ending) < LONGEST_NAME else bare[:LONGEST_NAME]
    )


def replaced(path: Path, data: bytes) -> bytes | None:
    """Writes the file; what stood there before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else None
    path.write_bytes(data)
    return before


def put_back(path: Path, before: bytes | None) -> None:
    """The file as it was."""
    if before is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(before)
