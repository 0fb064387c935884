"""A chat that has got another id, such as a group of Telegram's that became a supergroup."""

from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, delete, exists, func, literal, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.intake import OPEN
from core.store import tables
from core.store.database import Database
from core.store.exclusive import exclusive
from core.store.upsert import upsert

inbox, question, mute, admission = tables.inbox, tables.question, tables.thread_mute, tables.admission
move = tables.chat_move
NAMED_AFTER_PLACES = (inbox.c.place, inbox.c.conversation, question.c.place, question.c.thread_id)


@dataclass(frozen=True)
class Moves:
    """The moves of a database's chats."""

    database: Database

    async def chat_moved(self, surface: str, old_place: str, new_place: str) -> bool:
        """What belonged to the old place belongs to the new one. Raises StoreError.

        True for the first time; a second time changes nothing.

        Conversations go along, with who has muted them, and so does the admission of the chat, which is named by the
        surface and the last word of its place. Questions in hand are let go, and taken up again in the new place.
        Keys and ids of messages stay: the messages are where they were, and the new place counts its own from one, so
        that an old number there would be another message's.
        """
        if old_place == new_place:
            return False
        old_chat, new_chat = (f"{surface}:{place.rpartition(':')[2]}" for place in (old_place, new_place))
        async with exclusive(self.database) as connection:
            here = (inbox.c.surface == surface) & _is_under(inbox.c.place, old_place)
            in_hand = update(inbox).where(here, inbox.c.state.in_(OPEN))
            await connection.execute(in_hand.values(revision=inbox.c.revision + 1))
            for column in NAMED_AFTER_PLACES:
                await _rename(connection, column, old_place, new_place)
            await _rename_key(connection, mute.c.conversation, old_place, new_place)
            await _rename_key(connection, admission.c.subject, old_chat, new_chat)
            row = {"surface": surface, "old_place": old_place, "new_place": new_place}
            return await upsert(connection, move, row)

    async def same_as(self, surface: str, place: str) -> frozenset[str]:
        """The other places that are the same chat: what it was before, and what it has become. Raises StoreError."""
        here = move.c.surface == surface
        before = select(move.c.old_place).where(here, move.c.new_place == place)
        since = select(move.c.new_place).where(here, move.c.old_place == place)
        async with self.database.reading() as connection:
            return frozenset(await connection.scalars(union_all(before, since)))


async def _rename(connection: AsyncConnection, column: Column[str], old: str, new: str) -> None:
    changes = {column.name: _renamed(column, old, new)}
    await connection.execute(update(column.table).where(_is_under(column, old)).values(changes))


async def _rename_key(connection: AsyncConnection, key: Column[str], old: str, new: str) -> None:
    """Rows that no other may share the name with: what is there by its new name already stays as it is there."""
    there = key.table.alias("there")
    is_there = exists().where(there.c[key.name] == _renamed(key, old, new)).correlate(key.table)
    await connection.execute(delete(key.table).where(_is_under(key, old), is_there))
    await _rename(connection, key, old, new)


def _is_under(column: Column[str], place: str) -> ColumnElement[bool]:
    """The place itself, or something in it: not one whose name merely begins alike."""
    return (column == place) | (func.substr(column, 1, len(place) + 1) == f"{place}:")


def _renamed(column: Column[str], old: str, new: str) -> ColumnElement[str]:
    return literal(new).concat(func.substr(column, len(old) + 1))
