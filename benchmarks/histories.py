"""Random histories of deliveries, and whether each question got exactly the one answer that it must have.

    python -m benchmarks.histories [--histories 10000] [--database sqlite|postgresql] [--seed 1]

A history is a conversation of up to six messages by one or two people: sentences in pieces, edits, deletions, every
event delivered four times, some also under another event key, all of it shuffled or nearly in order. What must have
become of it, `benchmarks/oracle.py` says. Half of the histories are delivered while a worker works, half before one
begins. A failure prints its seed, what was delivered, and what was found. Exit status 1 on any failure.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import repeat
from pathlib import Path

from rich.progress import track

from benchmarks.figures import machine
from benchmarks.office import (
    KINDS,
    START,
    UNLIMITED,
    DrivenClock,
    Echo,
    Office,
    dice_of,
    disk_folder,
    fresh_url,
    opened,
)
from benchmarks.oracle import Expected, Oracle, Seen, disorder, faults
from core.inbox import Inbox
from core.intake import InboxLimits, Incoming
from core.store.journal import Journal

TIMES = 4  # that every event is delivered
MOST_MESSAGES = 6
DELETED, TWIN, WHOLE, LIVE = 0.15, 0.25, 0.6, 0.5  # shares of messages, events, sentences, batches
TURN = 6  # deliveries of one history in a row, at most
BATCH = 12  # histories under way at the same time
SHARE = 240  # histories that one process works off in one database
JOIN_SECONDS = 1.0
GAPS = (0.0, 0.0, 0.0, 0.05, 0.3)  # seconds between two deliveries
STEP = 0.25  # seconds that the clock moves at once
PATIENCE = 120.0  # real seconds after which a batch is stuck
LIMITS: InboxLimits = replace(UNLIMITED, join_seconds=JOIN_SECONDS, deadline_seconds=1e7, lease_seconds=1e5)
WORDS = ("phép", "lương", "nghỉ", "bảo", "hiểm", "công", "tác", "phí", "họp", "thưởng")

Group = Sequence[Incoming]
"""Deliveries of one event that come at the same moment."""


def comes(dice: random.Random, share: float) -> bool:
    return dice.random() < share


def sentence(dice: random.Random, *, whole: bool) -> str:
    words = " ".join(dice.choices(WORDS, k=dice.randint(1, 4)))
    return f"{words} {dice.randint(1, 999)}{'?' if whole else ''}"


def versions(dice: random.Random, first: Incoming) -> Iterator[Incoming]:
    """A message, its edits, its deletion; each perhaps a second time under another event key."""
    texts: list[str | None] = [first.text]
    texts += [sentence(dice, whole=True) for _ in range(dice.choices((0, 1, 2), (7, 2, 1))[0])]
    texts += [None] if comes(dice, DELETED) else []
    for version, text in enumerate(texts):
        event = f"{first.event}v{version}"
        yield replace(first, text=text, version=float(version), event=event)
        if comes(dice, TWIN):
            yield replace(first, text=text, version=float(version), event=f"{event}twin")


def messages(dice: random.Random, number: str) -> Iterator[Incoming]:
    people = [f"h{number}p{who}" for who in range(dice.randint(1, 2))]
    for index in range(dice.choices(range(1, MOST_MESSAGES + 1), (6, 5, 4, 2, 1, 1))[0]):
        yield Incoming(
            surface="chat",
            key=f"h{number}m{index}",
            event=f"h{number}m{index}",
            conversation=f"h{number}",
            place=f"h{number}",
            person=dice.choice(people),
            text=sentence(dice, whole=comes(dice, WHOLE)),
            sent_at=START + timedelta(seconds=index),
        )


def history(dice: random.Random, number: str) -> list[Group]:
    """Every delivery in its order; how far it is from that of the events is chosen for each history."""
    events = [event for message in messages(dice, number) for event in versions(dice, message)]
    disarray = dice.choice((0.5, 2.0, 100.0))
    placed: list[tuple[float, Group]] = []
    for index, event in enumerate(events):
        left = TIMES
        while left:
            together = dice.randint(1, left)
            left -= together
            placed.append((index + dice.uniform(0, disarray), [event] * together))
    return [group for _, group in sorted(placed, key=lambda pair: pair[0])]


def interleaved(dice: random.Random, histories: Iterable[Sequence[Group]]) -> Iterator[Group]:
    """All histories at once, each in its own order, by turns of some deliveries."""
    rows = [list(reversed(groups)) for groups in histories]
    while rows:
        row = dice.choice(rows)
        for _ in range(min(len(row), dice.randint(1, TURN))):
            yield row.pop()
        if not row:
            rows.remove(row)


@dataclass
class Watcher:
    """When each question was last begun and first ended, in steps of all that happened."""

    begun: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    steps: int = 0

    def traced(self, point: str, question_id: str) -> None:
        self.steps += 1
        if point == "claimed":
            self.begun[question_id] = self.steps
        elif point == "shown":
            self.ended.setdefault(question_id, self.steps)


@dataclass
class Batch:
    """Histories under way together: what was delivered of each, and what the oracle makes of it."""

    office: Office
    clock: DrivenClock
    watcher: Watcher
    oracle: Oracle = field(default_factory=lambda: Oracle(JOIN_SECONDS))
    heard: list[tuple[datetime, Incoming]] = field(default_factory=list)
    ids: dict[str, set[str]] = field(default_factory=dict)
    answered_before: set[str] = field(default_factory=set)

    async def deliver(self, inbox: Inbox, groups: Iterable[Group], dice: random.Random) -> None:
        for group in groups:
            self._note_deletion(group[0])
            at = self.clock.now()
            async with asyncio.TaskGroup() as together:
                tasks = [together.create_task(inbox.accept(delivery)) for delivery in group]
            for delivery, task in zip(group, tasks, strict=True):
                self.oracle.hear(delivery, at)
                self.heard.append((at, delivery))
                if question_id := task.result().question_id:
                    self.ids.setdefault(delivery.key, set()).add(question_id)
            self.clock.advance(dice.choice(GAPS))

    async def work_off(self) -> int:
        """Lets time pass until nothing is open, or nobody would wait any longer; the questions that are open then."""
        started = time.perf_counter()
        while (left := await self.office.open_rows()) and time.perf_counter() - started < PATIENCE:
            for _ in range(5):
                self.clock.advance(STEP)
                await asyncio.sleep(0.002)
        return left

    def _note_deletion(self, delivery: Incoming) -> None:
        """A deletion may come too late: then what stood there in full stays."""
        question = self.oracle.question(delivery.key)
        if delivery.text is None and question is not None and question.text is not None:
            ids = self.ids[delivery.key]
            if any(question.text in self._standing(question_id) for question_id in ids):
                self.answered_before |= ids

    def _standing(self, question_id: str) -> list[str | None]:
        return [shown.final_text for shown in self.office.chat.story(question_id).standing]

    def failures(self, *, in_order: bool) -> Iterator[tuple[str, str]]:
        """Conversation and what is wrong. `in_order`: no worker was there before all was delivered."""
        owners: dict[str, Expected] = {}
        by_conversation: dict[str, list[tuple[str, int, int]]] = {}
        for question in self.oracle.questions:
            ids = set().union(*(self.ids.get(key, set()) for key in question.messages))
            if len(ids) != 1 or ids & owners.keys():
                yield question.conversation, f"{sorted(question.messages)} are the questions {sorted(ids)}"
                continue
            question_id = ids.pop()
            owners[question_id] = question
            yield from ((question.conversation, fault) for fault in self._faults(question, question_id))
            if question.text is not None and (in_order or not question.changes):
                watch = self.watcher
                row = (question_id, watch.begun.get(question_id, -1), watch.ended.get(question_id, -1))
                by_conversation.setdefault(question.conversation, []).append(row)
        for conversation, order in by_conversation.items():
            yield from ((conversation, fault) for fault in disorder(order))

    def _faults(self, question: Expected, question_id: str) -> Iterable[str]:
        story = self.office.chat.story(question_id)
        seen = Seen(self._standing(question_id), story.posts, story.writings)
        return faults(question, seen, may_stand=question_id in self.answered_before)

    def facts(self, conversation: str) -> Iterator[str]:
        """Every event of the conversation once, when it came first."""
        told: set[str] = set()
        for at, delivery in self.heard:
            if delivery.conversation == conversation and delivery.event not in told:
                told.add(delivery.event)
                who = f"{delivery.key} {delivery.event} v{delivery.version:g} {delivery.person}"
                yield f"  {at:%H:%M:%S.%f}  {who}  {delivery.text!r}"


async def run_batch(office: Office, watcher: Watcher, clock: DrivenClock, seed: str) -> list[str]:
    """The failures of one batch, as lines to print."""
    dice = dice_of(seed)
    groups = list(interleaved(dice, [history(dice, f"{seed}-{number}") for number in range(BATCH)]))
    batch, is_live = Batch(office, clock, watcher), comes(dice, LIVE)
    if not is_live:
        await batch.deliver(office.worker(f"{seed} accepts"), groups, dice)
    async with office.serving(seed) as inbox:
        if is_live:
            await batch.deliver(inbox, groups, dice)
        left = await batch.work_off()
    lines = [f"seed {seed}: {left} questions are stuck"] if left else []
    for conversation, fault in batch.failures(in_order=not is_live):
        lines += [
            f"seed {seed}, {conversation}, {'live' if is_live else 'before'}: {fault}",
            *batch.facts(conversation),
        ]
    office.chat.stories.clear()
    return lines


async def run_share(url: str, seed: int, first: int, count: int) -> list[str]:
    """The failures of so many histories in one database."""
    clock, watcher = DrivenClock(), Watcher()
    async with opened(url) as database:
        office = Office(database, Echo(Journal(database)), clock=clock, limits=LIMITS, on_trace=watcher.traced)
        lines: list[str] = []
        for number in range(first, first + count, BATCH):
            lines += await run_batch(office, watcher, clock, f"{seed}.{number}")
        return lines


def work(url: str, seed: int, share: range) -> list[str]:
    return asyncio.run(run_share(url, seed, share.start, len(share)))


async def urls_for(kind: str, folder: Path, count: int) -> list[str]:
    return [await fresh_url(kind, folder) for _ in range(count)]


def run(arguments: argparse.Namespace) -> int:
    shares = [range(first, min(first + SHARE, arguments.histories)) for first in range(0, arguments.histories, SHARE)]
    print(f"{machine()}; {arguments.database}, {arguments.histories} histories, seed {arguments.seed}")
    started, lines = time.perf_counter(), []
    context = multiprocessing.get_context("spawn")
    with disk_folder(arguments.folder) as folder, ProcessPoolExecutor(arguments.processes, context) as pool:
        urls = asyncio.run(urls_for(arguments.database, folder, len(shares)))
        results = pool.map(work, urls, repeat(arguments.seed), shares)
        for found in track(results, "histories", total=len(shares)):
            lines += found
    print("\n".join(lines))
    print(f"{sum(line.startswith('seed') for line in lines)} failures, {time.perf_counter() - started:.0f} s")
    return int(bool(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--database", choices=KINDS, default=KINDS[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--folder", type=Path, help="where the SQLite files lie; default: the system's temporary folder"
    )
    sys.exit(run(parser.parse_args()))


if __name__ == "__main__":
    main()
