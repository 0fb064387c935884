"""An answer with its passages and citations, as rows and back."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from core.conversation import Answer, Citation, Language, Outcome, Route
from core.documents import Label, Passage
from core.store import tables


async def write_answer(connection: AsyncConnection, served: Answer) -> None:
    passages = [{"answer_id": served.id, "rank": rank} | asdict(found) for rank, found in enumerate(served.passages)]
    citations = [{"answer_id": served.id} | asdict(cited) for cited in served.citations]
    await connection.execute(insert(tables.answer), answer_row(served))
    if passages:
        await connection.execute(insert(tables.passage), passages)
    if citations:
        await connection.execute(insert(tables.citation), citations)


def answer_row(served: Answer) -> dict[str, object]:
    return {
        "id": served.id,
        "question_id": served.question_id,
        "text": served.text,
        "outcome": served.outcome,
        "language": served.language,
        "query": served.query,
        "route": served.route,
        "model": served.model,
        "confidence": served.confidence,
        "cost_usd": served.cost_usd,
        "prompt": [dict(message) for message in served.prompt],
        "reasons": list(served.reasons),
        "timings": dict(served.timings),
        "created_at": datetime.now(UTC),
        "arm": served.arm or None,
    }


async def read_answer(connection: AsyncConnection, row: RowMapping) -> Answer:
    """The answer of this row of the table `answer`, whole."""
    passages = await read_passages(connection, [row["id"]])
    return Answer(
        id=row["id"],
        question_id=row["question_id"],
        text=row["text"],
        outcome=Outcome(row["outcome"]),
        language=Language(row["language"]),
        query=row["query"],
        route=Route(row["route"]),
        citations=await read_citations(connection, row["id"]),
        passages=tuple(passages[row["id"]]),
        prompt=tuple(row["prompt"]),
        model=row["model"],
        confidence=row["confidence"],
        cost_usd=row["cost_usd"],
        reasons=tuple(row["reasons"]),
        timings=row["timings"],
        arm=row["arm"] or "",
    )


async def read_passages(connection: AsyncConnection, answer_ids: Collection[str]) -> defaultdict[str, list[Passage]]:
    """The passages of each of the answers as served, best first."""
    table = tables.passage
    statement = select(table).where(table.c.answer_id.in_(answer_ids)).order_by(table.c.answer_id, table.c.rank)
    passages: defaultdict[str, list[Passage]] = defaultdict(list)
    for row in (await connection.execute(statement)).mappings():
        fields = values(row, Passage.__slots__)
        passages[row["answer_id"]].append(Passage(**fields | {"label": Label(row["label"])}))
    return passages


async def read_citations(connection: AsyncConnection, answer_id: str) -> tuple[Citation, ...]:
    table = tables.citation
    rows = await connection.execute(select(table).where(table.c.answer_id == answer_id).order_by(table.c.n))
    return tuple(Citation(**values(row, Citation.__slots__)) for row in rows.mappings())


def values(row: RowMapping, names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}
