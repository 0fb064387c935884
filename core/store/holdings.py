"""What is held of one person, to be handed to them; and who there is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, RowMapping, Select, Table, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from core.conversation import ATTACHED
from core.store import tables
from core.store.database import Database
from core.store.forgetting import ids_of

question, answer, inbox = tables.question, tables.answer, tables.inbox
passage, citation = tables.passage, tables.citation

PEOPLE: Final[tuple[Column[Any], ...]] = (
    tables.person_link.c.alias,
    tables.person_link.c.person,
    question.c.person,
    inbox.c.person,
    tables.feedback.c.person,
    tables.correction.c.person,
    tables.correction.c.decided_by,
    tables.person_preference.c.person,
    tables.thread_mute.c.person,
    tables.admission.c.subject,
    tables.admission.c.admitted_by,
    tables.admission_code.c.issued_by,
    tables.admission_code.c.used_by,
    tables.wrong_code.c.subject,
    tables.reservation.c.person,
)
"""Every column in which a person may stand; a test holds the list to the tables."""

Rows = list[dict[str, object]]
NOT_THEIRS: Final = {"prompt", "query", "digest"}
"""Columns that are not handed out: the first two hold what others have said in the conversation, digests open doors."""


async def everybody(connection: AsyncConnection) -> set[str]:
    """Every id that stands anywhere."""
    columns = (select(column).where(column.is_not(None), column != "") for column in PEOPLE)
    return {*await connection.scalars(union(*columns))}


async def held(database: Database, person: str, now: datetime) -> Mapping[str, Any]:
    """Everything that is held of the person under all their ids, as JSON has it; times in UTC. Raises StoreError."""
    async with database.at_one_moment() as connection:
        ids = await ids_of(connection, person)
        found: dict[str, Any] = {"person": ids[0], "ids": ids, "exported_at": now.isoformat()}
        found["questions"] = await _questions(connection, ids)
        found["answers"] = await _answers(connection, ids)
        for name, table, which in _others(ids):
            found[name] = await _rows(connection, select(table).where(which))
    return found


def _others(ids: Sequence[str]) -> Sequence[tuple[str, Table, ColumnElement[bool]]]:
    """What is not part of the conversation: a name, the table, and whose rows."""
    asked = select(question.c.id).where(question.c.person.in_(ids))
    accepted = select(inbox.c.question_id).where(inbox.c.person.in_(ids))
    message, post, call = tables.inbox_message, tables.inbox_post, tables.model_call
    feedback, correction = tables.feedback, tables.correction
    code, wrong, link = tables.admission_code, tables.wrong_code, tables.person_link
    admission, reservation = tables.admission, tables.reservation
    return (
        ("inbox", inbox, inbox.c.person.in_(ids)),
        ("messages", message, message.c.question_id.in_(accepted)),
        ("posts", post, post.c.question_id.in_(accepted)),
        ("votes", feedback, feedback.c.person.in_(ids)),
        ("corrections", correction, correction.c.person.in_(ids)),
        ("preferences", tables.person_preference, tables.person_preference.c.person.in_(ids)),
        ("quiet_conversations", tables.thread_mute, tables.thread_mute.c.person.in_(ids)),
        ("admission", admission, admission.c.subject.in_(ids)),
        ("codes", code, code.c.issued_by.in_(ids) | code.c.used_by.in_(ids)),
        ("wrong_codes", wrong, wrong.c.subject.in_(ids)),
        ("links", link, link.c.person.in_(ids)),
        ("model_calls", call, call.c.question_id.in_(asked)),
        ("spending", reservation, reservation.c.person.in_(ids)),
    )


async def _questions(connection: AsyncConnection, ids: Sequence[str]) -> Rows:
    return await _rows(connection, select(question).where(question.c.person.in_(ids)).order_by(question.c.asked_at))


async def _answers(connection: AsyncConnection, ids: Sequence[str]) -> Rows:
    """With their sources; the text of a passage only where it comes from a file of the person's own."""
    theirs = select(answer.c.id).join_from(answer, question).where(question.c.person.in_(ids))
    answers = await _rows(connection, select(answer).where(answer.c.id.in_(theirs)).order_by(answer.c.created_at))
    cited = await _rows(connection, select(citation).where(citation.c.answer_id.in_(theirs)))
    read = await _rows(connection, select(passage).where(passage.c.answer_id.in_(theirs)))
    shown = [part if part["space"] == ATTACHED else {**part, "text": None} for part in read]
    for each in answers:
        each["citations"] = [one for one in cited if one["answer_id"] == each["id"]]
        each["passages"] = [one for one in shown if one["answer_id"] == each["id"]]
    return answers


async def _rows(connection: AsyncConnection, statement: Select[Any]) -> Rows:
    return [_plain(row) for row in (await connection.execute(statement)).mappings()]


def _plain(row: RowMapping) -> dict[str, object]:
    fields = {str(name): value for name, value in row.items() if name not in NOT_THEIRS}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields.items()}
