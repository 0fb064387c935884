"""kill -9 over Slack: real processes that die at random moments of their work, and what Slack shows in the end."""

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from rich.table import Table

from benchmarks.slack.record import all_ours
from benchmarks.slack.stage import RETRIES, Stage, staged
from benchmarks.slack.verdict import Facts, Verdict, judge

LONGEST_LIFE, LONGEST_STRICT_LIFE = 6.0, 40.0
"""Seconds that a process lives at most once it is connected, drawn evenly; longer where Slack's limits are on."""
STILLBORN, BIRTH = 0.08, 1.5
"""The share of processes that die in their first `BIRTH` seconds, mostly before they are connected."""


@dataclass(frozen=True, slots=True)
class Course:
    """So many kills, over which so many questions are spread. With `strict` Slack's limits are on."""

    kills: int
    questions: int
    strict: bool = False
    retries: tuple[float, ...] = RETRIES
    longest_life: float = LONGEST_LIFE

    def share(self, number: int) -> int:
        """The questions that come between one kill and the next."""
        return self.questions * (number + 1) // self.kills - self.questions * number // self.kills


async def crash(
    course: Course, *, seed: int = 1, told: Callable[[int], None] = lambda _number: None
) -> tuple[Table, bool]:
    """The figures of a run, and whether no question was lost, answered twice or wrongly. `told` hears of kills."""
    began = time.monotonic()
    async with staged(seed=seed, strict=course.strict, retries=course.retries) as stage:
        await kills(stage, course, told)
        facts = await stage.facts()
        verdict = judge(stage.slack, stage.traffic.asked, facts)
        table = figures(stage, course, verdict, facts, time.monotonic() - began)
        return table, verdict.is_exact and not any(stage.statuses)


async def kills(stage: Stage, course: Course, told: Callable[[int], None]) -> None:
    """Kills one process after another at its work; the last one ends what there is, and is told to stop.

    People ask all the time, also while nobody is there yet.
    """
    opened, worker = stage.slack.sockets.opened, await stage.start()
    await stage.connected(worker, opened)
    async with asyncio.TaskGroup() as group:
        for number in range(course.kills):
            is_stillborn = number > 0 and stage.chance.random() < STILLBORN
            life = stage.chance.uniform(0, BIRTH if is_stillborn else course.longest_life)
            flowing = group.create_task(stage.traffic.flow(group, course.share(number), BIRTH + life))
            if not is_stillborn:
                await stage.connected(worker, opened)
            await asyncio.sleep(life)
            await stage.busy(unless=flowing)
            await stage.kill(worker)
            opened, worker = stage.slack.sockets.opened, await stage.start()
            told(number + 1)
    await stage.connected(worker, opened)
    nothing_known = Facts({}, {}, {})
    await stage.quiet(lambda: not judge(stage.slack, stage.traffic.asked, nothing_known).lost)
    await stage.stop(worker)


def figures(stage: Stage, course: Course, verdict: Verdict, facts: Facts, seconds: float) -> Table:
    title = f"SQLite: {len(stage.killed_at)} kills, {seconds:.0f} s"
    table, recovery = Table(title=title, show_header=False), recoveries(stage, facts.written)
    deliveries, lost = stage.slack.deliveries.all, len(stage.slack.lost)
    rows = {
        "Slack's limits": "on" if course.strict else "off, here and there",
        "redelivery after": ", ".join(f"{wait:g} s" for wait in course.retries) or "never",
        "questions, of these deleted": f"{verdict.questions}, {verdict.deleted}",
        "events, of these never acknowledged": f"{len(deliveries)}, {lost}",
        "lost": listed(verdict.lost),
        "answered twice": listed(verdict.twice),
        "wrong outcome": listed(verdict.wrong),
        "orphans left": ", ".join(f"{count} {kind}" for kind, count in verdict.orphans.items() if count) or "0",
        "told that there is no answer": dict(verdict.notices) or "none",
        "kill to next outcome": f"{statistics.median(recovery):.1f} s median, {max(recovery):.1f} s at most"
        f" ({len(recovery)} of {len(stage.killed_at)} before the next kill)",
        "calls, and those refused as too many": f"{len(stage.slack.calls)}, {dict(stage.slack.limited) or 'none'}",
        "rules of Slack broken": len(stage.slack.violations),
        "exit status after SIGTERM": ", ".join(map(str, stage.statuses)),
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


def listed(numbers: list[int]) -> str:
    return f"{len(numbers)}: {', '.join(map(str, numbers[:8]))}" if numbers else "0"


def recoveries(stage: Stage, written: Mapping[str, float]) -> list[float]:
    """Seconds from every kill to the next outcome, where that came before the next kill."""
    outcomes = sorted(written[one.message.ts] for one in all_ours(stage.slack) if _has_ended(one.message.ts, written))
    found = []
    for killed_at, next_at in pairwise([*stage.killed_at, float("inf")]):
        first = next((at for at in outcomes if at > killed_at), None)
        if first is not None and first < next_at:
            found.append(first - killed_at)
    return found or [0.0]


def _has_ended(ts: str, written: Mapping[str, float]) -> bool:
    return ts in written
