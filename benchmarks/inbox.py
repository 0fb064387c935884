"""What the transactions of the inbox take: acceptance, claim, and the others of a question's life.

    python -m benchmarks.inbox [--rounds 2000] [--folder DIR]

On SQLite (`synchronous=FULL`, on the disk of --folder) and on PostgreSQL where there is one, with an empty queue and
with 200 open questions. Beside it, in the same run, what a peer without any of our rules takes: a plain INSERT and
COMMIT by the module sqlite3 in a thread of its own. Exit status 1 when acceptance or claim miss their figure.
"""

import argparse
import asyncio
import os
import sqlite3
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from benchmarks.figures import Figure, machine, percentile, report
from benchmarks.office import START, UNLIMITED, disk_folder, fresh_url, kinds_here, message, numbers, opened
from core.conversation import Answer, Language, Outcome, Person, Place, Question
from core.intake import Claim
from core.store.claims import Claims
from core.store.database import Database
from core.store.intake import Intake
from core.store.journal import Journal
from tests.core.makers import passage

QUEUES = (0, 200)
PEOPLE = 50
MOST_MS = {0: 2.0, 200: 3.0}
STEPS = ("accept", "claim", "posted", "keep answer", "finish", "peer")
_T = TypeVar("_T")


@dataclass
class Times:
    """Milliseconds by step."""

    of: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def take(self, step: str, work: Awaitable[_T]) -> _T:
        started = time.perf_counter()
        result = await work
        self.of[step].append((time.perf_counter() - started) * 1000)
        return result


class Peer:
    """The least that a durable inbox needs: one row, forced to the disk."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("CREATE TABLE inbox (key TEXT PRIMARY KEY, conversation TEXT, person TEXT, text TEXT)")
        self._thread = ThreadPoolExecutor(1)

    async def accept(self) -> None:
        row = message()
        values = (row.key, row.conversation, row.person, row.text)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._insert, values)

    def _insert(self, values: tuple[str | None, ...]) -> None:
        self._connection.execute("INSERT INTO inbox VALUES (?, ?, ?, ?)", values)
        self._connection.commit()

    def close(self) -> None:
        self._thread.shutdown()
        self._connection.close()


@contextmanager
def peer_in(folder: Path) -> Iterator[Peer]:
    with closing(Peer(folder / f"peer-{next(numbers)}.db")) as peer:
        yield peer


def answer_to(claim: Claim) -> Answer:
    """As large as the pipeline's: five passages and a prompt."""
    line = "Người lao động được nghỉ phép năm 14 ngày. "
    passages = tuple(passage(line * 10, number=number) for number in range(1, 6))
    prompt = ({"role": "user", "content": "\n".join(found.text for found in passages)},)
    return Answer(
        id=f"a{next(numbers)}",
        question_id=claim.question_id,
        text="Bạn được nghỉ phép năm 14 ngày, hưởng nguyên lương [1].",
        outcome=Outcome.ANSWERED,
        language=Language.VIETNAMESE,
        query=claim.text,
        passages=passages,
        prompt=prompt,
    )


async def one_life(intake: Intake, claims: Claims, peer: Peer, times: Times) -> None:
    """One question more is accepted, and the one whose turn it is, is answered: the queue keeps its length."""
    asker = f"person{next(numbers) % PEOPLE}"
    await times.take("peer", peer.accept())
    await times.take("accept", intake.accept(message(person=asker), START))
    claim = await times.take("claim", claims.claim(START, room=True))
    if claim is None:
        raise AssertionError("an open question was not claimed")
    asked = Question(claim.question_id, claim.conversation, Person(asker), Place(claim.place), claim.text, START)
    await Journal(claims.database).record_question(asked, claim.text)
    await times.take("posted", claims.posted(claim, 0, "m1"))
    kept = await times.take("keep answer", claims.keep_answer(claim, answer_to(claim)))
    await times.take("finish", claims.finish(kept, START))


async def measure(database: Database, folder: Path, queue: int, rounds: int) -> Times:
    intake, claims = Intake(database, UNLIMITED), Claims(database, UNLIMITED, "w1", ("chat",), START)
    with peer_in(folder) as peer:
        for number in range(queue):
            await intake.accept(message(person=f"person{number % PEOPLE}"), START)
        for _ in range(20):
            await one_life(intake, claims, peer, Times())
        times = Times()
        for _ in range(rounds):
            await one_life(intake, claims, peer, times)
    return times


def show(kind: str, queue: int, times: Times) -> None:
    print(f"\n{kind}, {queue} open questions ({len(times.of['accept'])} rounds)")
    print(f"{'transaction':<14}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}")
    for step in STEPS:
        row = "".join(f"{percentile(times.of[step], share):>10.2f}" for share in (0.5, 0.95, 0.99))
        print(f"{step:<14}{row}")


def figures_of(kind: str, queue: int, times: Times) -> Iterator[Figure]:
    """Promised for SQLite; how often the peer's time acceptance takes is for the record."""
    most = MOST_MS[queue] if kind == "sqlite" else None
    for step in ("accept", "claim"):
        yield Figure(f"{kind}, {queue} open: {step}, median", percentile(times.of[step], 0.5), "ms", most)
    ratio = percentile(times.of["accept"], 0.5) / percentile(times.of["peer"], 0.5)
    yield Figure(f"{kind}, {queue} open: acceptance / peer", ratio, "times")


async def run(rounds: int, parent: Path | None) -> int:
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}")
    figures: list[Figure] = []
    with disk_folder(parent) as folder:
        for kind in kinds_here():
            for queue in QUEUES:
                async with opened(await fresh_url(kind, folder)) as database:
                    times = await measure(database, folder, queue, rounds)
                show(kind, queue, times)
                figures += figures_of(kind, queue, times)
    return report(figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2000, help="lives measured for each row of a table")
    parser.add_argument(
        "--folder", type=Path, help="where the SQLite files lie; default: the system's temporary folder"
    )
    arguments = parser.parse_args()
    sys.exit(asyncio.run(run(arguments.rounds, arguments.folder)))


if __name__ == "__main__":
    main()
