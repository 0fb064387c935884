"""The example handbook's 60 questions: is the right chunk among the passages, is the answer right? Prints every miss.

    python -m benchmarks.handbook                    search and answer, with the model of examples/sotay.toml
    python -m benchmarks.handbook --retrieval-only   search only, no model

An answer is right when each group of `accept` has one alternative in it (whole words, tone marks and case aside) and
it was not declined. A question without an answer in the handbook is right when it was declined, or when the answer
says what the handbook does say of it, where the row names that.
"""

import argparse
import asyncio
import json
import platform
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bots.bootstrap import Handbook, open_handbook, open_pipeline
from bots.settings import load_settings
from core.access import searchable
from core.conversation import Answer, Outcome, Place, Question, Turn
from core.documents import Passage
from core.folding import words
from core.pipeline import Pipeline
from core.threads import standalone_query
from retrieval.sources import Source

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "tests/data/handbook_questions.jsonl"
PLACE = Place("benchmark")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """One question: whether its chunk was found, whether its answer was right, and what came."""

    row: Row
    hit: bool
    right: bool | None
    answer: Answer | None
    seconds: float


def squeezed(text: str) -> str:
    return " ".join(words(text))


def has_evidence(row: Row, passages: Sequence[Passage]) -> bool:
    """Whether the evidence stands in a passage of the right document, whatever the white space and table marks."""
    evidence = squeezed(row["evidence"])
    name = Path(row["document"]).name
    return any(Path(p.document).name == name and evidence in squeezed(p.text) for p in passages)


def is_right(row: Row, answer: Answer) -> bool:
    if row["kind"] == "unanswerable" and answer.outcome is Outcome.NOT_FOUND:
        return True
    said = f" {squeezed(answer.text)} "
    groups = row["accept"]
    accepted = bool(groups) and all(any(f" {squeezed(form)} " in said for form in group) for group in groups)
    return answer.outcome is Outcome.ANSWERED and accepted


async def ingest(handbook: Handbook) -> None:
    for name in await handbook.spaces.all():
        for url in await handbook.spaces.sources(name):
            await handbook.ingestion.run(name, Source(url))


async def search(handbook: Handbook, row: Row, rows: Mapping[str, Row], limit: int) -> Result:
    """The search alone, follow-ups joined to the question before as the pipeline does."""
    before = [Turn(rows[i]["text"], rows[i]["text"], rows[i]["answer"]) for i in row["thread"]]
    person = handbook.directory.person(row["person"])
    allowed = searchable(person, PLACE, (await handbook.spaces.all()).values())
    started = time.perf_counter()
    found = await handbook.retriever.search(standalone_query(row["text"], before), allowed, limit)
    seconds = time.perf_counter() - started
    hit = row["evidence"] is None or has_evidence(row, found.passages)
    return Result(row, hit, None, None, seconds)


async def answer(handbook: Handbook, pipeline: Pipeline, row: Row) -> Result:
    """The whole path; a question and its follow-ups share a thread."""
    person = handbook.directory.person(row["person"])
    thread = f"{datetime.now(UTC).timestamp()}-{(row['thread'] or [row['id']])[0]}"
    thread = THREADS.setdefault((row["thread"] or [row["id"]])[0], thread)
    asked = Question(f"{thread}-{row['id']}", thread, person, PLACE, row["text"], datetime.now(UTC))
    started = time.perf_counter()
    async with aclosing(pipeline.answer(asked)) as events:
        async for event in events:
            if isinstance(event, Answer):
                seconds = time.perf_counter() - started
                hit = row["evidence"] is None or has_evidence(row, event.passages)
                return Result(row, hit, is_right(row, event), event, seconds)
    raise AssertionError("no answer")


THREADS: dict[str, str] = {}


def report(results: Sequence[Result]) -> None:
    """Every miss, then the table by typing and kind."""
    for result in results:
        if result.hit and result.right is not False:
            continue
        row = result.row
        print(f"MISS {row['id']} {'' if result.hit else '(chunk not found) '}{row['text']}")
        print(f"     wanted: {row['answer']}  [{row['document']}]")
        if result.answer:
            print(f"     got:    {result.answer.outcome.value}: {result.answer.text}  {result.answer.reasons[-1:]}")
    print(f"\n{'group':<16}{'questions':>10}{'chunk found':>14}{'right':>12}{'s p50':>8}")
    groups = ("all", *sorted({r.row["typing"] for r in results}), *sorted({r.row["kind"] for r in results}))
    for group in groups:
        some = [r for r in results if group in {"all", r.row["typing"], r.row["kind"]}]
        wanted = [r for r in some if r.row["evidence"]]
        found = f"{sum(r.hit for r in wanted)}/{len(wanted)}" if wanted else "-"
        right = f"{sum(bool(r.right) for r in some)}/{len(some)}" if some[0].right is not None else "-"
        middle = sorted(r.seconds for r in some)[len(some) // 2]
        print(f"{group:<16}{len(some):>10}{found:>14}{right:>12}{middle:>8.2f}")
    cited = [r for r in results if r.right and r.answer and r.row["document"] and r.answer.citations]
    if cited:
        good = sum(
            Path(r.row["document"]).name in {Path(c.document).name for c in r.answer.citations}
            for r in cited
            if r.answer
        )
        print(f"right answers that cite the right document: {good}/{len(cited)}")
    print(f"outcomes: {dict(Counter(r.answer.outcome.value for r in results if r.answer))}")


async def run(options: argparse.Namespace) -> None:
    settings = load_settings(options.config, {})
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    chosen = [row for row in rows if not options.only or row["id"] in options.only.split(",")]
    async with open_handbook(settings) as handbook:
        await ingest(handbook)
        if options.retrieval_only:
            by_id = {row["id"]: row for row in rows}
            results = [await search(handbook, row, by_id, settings.search.passages) for row in chosen]
        else:
            async with open_pipeline(settings, handbook) as pipeline:
                results = []
                for number, row in enumerate(chosen, start=1):
                    results.append(await answer(handbook, pipeline, row))
                    print(f"\r{number}/{len(chosen)}", end="", file=sys.stderr, flush=True)
    print(f"machine: {platform.machine()}, Python {platform.python_version()}; model: {settings.models.local}")
    report(results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=ROOT / "examples/sotay.toml")
    parser.add_argument("--retrieval-only", action="store_true")
    parser.add_argument("--only", default="", help="ids, with commas")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
