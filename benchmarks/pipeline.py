"""Everything but the model: from a question to the request for the first token, stage by stage, and idle memory.

    python -m benchmarks.pipeline [--rounds 3]

Indexes the example handbook into a temporary folder, asks its 60 questions over and over, each in a thread of its own,
of a model that answers at once. Prints p50 and p95 in milliseconds, ingestion in chunks a second, and the memory of the
process before and after.
"""

import argparse
import asyncio
import json
import os
import platform
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path

from bots.bootstrap import Handbook, assemble, open_handbook
from bots.settings import Settings, load_settings
from core.conversation import Answer, Place, Question, Route
from core.ports import Completion, CompletionRequest, Delta, Finish
from retrieval.sources import Source

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "tests/data/handbook_questions.jsonl"
PLACE = Place("benchmark")
STAGES = ("accept", "search", "prepare", "to model", "after model")


class InstantModel:
    """Answers at once, and notes when it was asked."""

    name = "instant"

    def __init__(self) -> None:
        self.asked_at = 0.0

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        del request
        self.asked_at = time.perf_counter()
        yield Delta("Theo tài liệu thì đúng như vậy [1].")
        yield Completion("Theo tài liệu thì đúng như vậy [1].", self.name, Finish.STOP, 500, 10, -0.1, cost_usd=0.0)


def memory_mb() -> float:
    """Resident memory of this process, as Linux counts it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


async def ingest(handbook: Handbook) -> float:
    """Chunks a second over all spaces."""
    started, chunks = time.perf_counter(), 0
    for name in await handbook.spaces.all():
        for url in await handbook.spaces.sources(name):
            chunks += (await handbook.ingestion.run(name, Source(url))).chunks
    return chunks / (time.perf_counter() - started)


async def ask_all(settings: Settings, handbook: Handbook, rounds: int) -> dict[str, list[float]]:
    """Milliseconds by stage, one number a question."""
    model = InstantModel()
    pipeline = assemble(settings, handbook, {Route.LOCAL: model})
    person = handbook.directory.person("hoa")
    texts = [json.loads(line)["text"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    times: dict[str, list[float]] = defaultdict(list)
    for number, text in enumerate(texts * rounds):
        asked = Question(f"b{number}", f"t{number}", person, PLACE, text, datetime.now(UTC))
        started = time.perf_counter()
        async with aclosing(pipeline.answer(asked)) as events:
            async for event in events:
                if isinstance(event, Answer):
                    for stage in ("accept", "search", "prepare"):
                        times[stage].append(event.timings[stage])
        times["to model"].append((model.asked_at - started) * 1000)
        times["after model"].append((time.perf_counter() - model.asked_at) * 1000)
    return times


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def run(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        overrides = {"SOTAY_DATA__DIRECTORY": folder}
        settings = load_settings(ROOT / "examples/sotay.toml", overrides)
        async with open_handbook(settings) as handbook:
            speed = await ingest(handbook)
        async with open_handbook(settings) as handbook:
            await handbook.retriever.search("khởi động", frozenset(await handbook.spaces.all()), 5)
            idle = memory_mb()
            times = await ask_all(settings, handbook, rounds)
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"ingestion: {speed:.1f} chunks/s; memory idle {idle:.0f} MB, after {memory_mb():.0f} MB")
    print(f"\n{'stage':<14}{'p50 ms':>10}{'p95 ms':>10}   ({len(times['to model'])} questions)")
    for stage in STAGES:
        print(f"{stage:<14}{percentile(times[stage], 0.5):>10.1f}{percentile(times[stage], 0.95):>10.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(run(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
