"""What a week's digest counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from core.conversation import Outcome
from core.digest import Stale, Unanswered
from core.folding import words
from core.store import tables
from core.store.database import Database

question, answer, citation, document = tables.question, tables.answer, tables.citation, tables.document


@dataclass(frozen=True)
class DigestFigures:
    """The counts of a database. Every method raises StoreError."""

    database: Database

    async def unanswered(self, since: datetime, limit: int) -> Sequence[Unanswered]:
        """The questions since that the documents do not answer, alike ones together, the most frequent first."""
        statement = (
            select(answer.c.query)
            .join_from(answer, question)
            .where(answer.c.created_at >= since, answer.c.outcome == Outcome.NOT_FOUND, answer.c.query != "")
            .order_by(answer.c.created_at.desc())
        )
        async with self.database.reading() as connection:
            asked = list((await connection.execute(statement)).scalars())
        groups: dict[frozenset[str], list[str]] = {}
        for text in asked:
            groups.setdefault(frozenset(words(text)), []).append(text)
        counted = Counter({key: len(texts) for key, texts in groups.items()})
        return [Unanswered(groups[key][0], times) for key, times in counted.most_common(limit)]

    async def stale(self, since: datetime, age: timedelta, limit: int) -> Sequence[Stale]:
        """The documents that answers since were taken from and that nobody has changed for so long."""
        oldest = (since - age).timestamp()
        times = func.count(func.distinct(citation.c.answer_id))
        statement = (
            select(document.c.path, document.c.modified_at, times.label("times"))
            .join(citation, citation.c.document == document.c.path)
            .join(answer, answer.c.id == citation.c.answer_id)
            .where(answer.c.created_at >= since, document.c.modified_at < oldest)
            .group_by(document.c.path, document.c.modified_at)
            .order_by(times.desc(), document.c.path)
            .limit(limit)
        )
        async with self.database.reading() as connection:
            rows = (await connection.execute(statement)).all()
        return [Stale(row.path, datetime.fromtimestamp(row.modified_at, since.tzinfo), row.times) for row in rows]
