"""Questions that other people's remarks have gone into: what was said beside them in a thread, to others than us.

Who made a remark is not noted with it. So whoever wants to be forgotten takes the remarks of all out of what is kept.
"""

from collections import defaultdict

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.prompts import COLLEAGUES
from core.store import tables

question, answer = tables.question, tables.answer


async def overheard(connection: AsyncConnection) -> set[str]:
    """Their ids: where a remark stands in the prompt, or has been put before the question."""
    return await _in_prompts(connection) | await _in_queries(connection)


async def _in_prompts(connection: AsyncConnection) -> set[str]:
    written = cast(answer.c.prompt, Text)
    marked = or_(*(written.contains(label, autoescape=True) for label in COLLEAGUES))
    return {*await connection.scalars(select(answer.c.question_id).where(marked))}


async def _in_queries(connection: AsyncConnection) -> set[str]:
    """What is put before a question is the first line of an earlier one of its conversation, or else a remark."""
    joined = select(question.c.thread_id).where(question.c.query != question.c.text)
    statement = select(question.c.id, question.c.thread_id, question.c.text, question.c.query)
    rows = (await connection.execute(statement.where(question.c.thread_id.in_(joined)))).all()
    said: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        said[row.thread_id].add(_first_line(row.text))
    return {row.id for row in rows if row.query != row.text and _first_line(row.query) not in said[row.thread_id]}


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")
