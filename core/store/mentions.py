"""Names of a person in what others have written: `@U0123ABCD`, as a platform shows whom a message speaks to."""

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Column, Text, cast, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.store import tables

SHORTEST: Final = 6
"""Characters of an id that is no word of a language, and no number that means something."""
SOMEBODY: Final = "@…"

WRITTEN: Final[tuple[Column[str], ...]] = (
    tables.question.c.text,
    tables.question.c.query,
    tables.answer.c.text,
    tables.answer.c.query,
    tables.shadow_answer.c.text,
    tables.inbox_message.c.text,
    tables.feedback.c.reason,
    tables.feedback.c.correction,
    tables.correction.c.text,
)
PROMPTS: Final = (tables.answer.c.prompt, tables.shadow_answer.c.prompt)


def mentions_of(ids: Sequence[str]) -> list[str]:
    """How messages speak to a person with these ids."""
    bare = {known.rpartition(":")[2] for known in ids if ":" in known}
    return [f"@{name}" for name in sorted(bare) if len(name) >= SHORTEST]


async def take_out_mentions(connection: AsyncConnection, ids: Sequence[str]) -> None:
    """Nobody is named any more where one of these was; prompts that name them are emptied."""
    names = mentions_of(ids)
    if not names:
        return
    for column in WRITTEN:
        await _rewrite(connection, column, names)
    for prompt in PROMPTS:
        here = or_(*(cast(prompt, Text).contains(name, autoescape=True) for name in names))
        await connection.execute(update(prompt.table).where(here).values({prompt.name: []}))


async def _rewrite(connection: AsyncConnection, column: Column[str], names: Sequence[str]) -> None:
    """Longer names that begin alike are others'."""
    named = re.compile(rf"(?:{'|'.join(map(re.escape, names))})(?!\w)")
    key = list(column.table.primary_key)
    here = or_(*(column.contains(name, autoescape=True) for name in names))
    for *values, text in (await connection.execute(select(*key, column).where(here))).all():
        row = (part == value for part, value in zip(key, values, strict=True))
        changes = {column.name: named.sub(SOMEBODY, text)}
        await connection.execute(update(column.table).where(*row).values(changes))
