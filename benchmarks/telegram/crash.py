"""kill -9 over Telegram: real processes that die at random moments of their work, and what stands there in the end."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from rich.table import Table

from benchmarks.slack.crash import BIRTH, STILLBORN, Course, listed
from benchmarks.telegram.record import all_ours, written_at
from benchmarks.telegram.stage import POLLING, Stage, staged
from benchmarks.telegram.verdict import MOST_ORPHANS, Verdict, judge, story_of

MOST_STORIES = 5
"""Questions that went wrong of which all is told."""


async def crash(
    course: Course, *, seed: int = 1, told: Callable[[int], None] = lambda _number: None
) -> tuple[Table, bool]:
    """The figures of a run, and whether no question was lost, answered twice or wrongly. `told` hears of kills."""
    began = time.monotonic()
    async with staged(seed=seed) as stage:
        await kills(stage, course, told)
        verdict = judge(stage.telegram, stage.traffic)
        for number in verdict.faults[:MOST_STORIES]:
            print(story_of(stage.telegram, stage.traffic, number))
        is_kept = verdict.is_exact and not any(stage.statuses) and not stage.telegram.lost
        return figures(stage, verdict, time.monotonic() - began), is_kept


async def kills(stage: Stage, course: Course, told: Callable[[int], None]) -> None:
    """Kills one process after another at its work; the last one ends what there is, and is told to stop.

    People ask all the time, also while nobody is there yet: what they write waits at Telegram until it is confirmed.
    """
    worker = await stage.start()
    await stage.connected(worker)
    async with asyncio.TaskGroup() as group:
        for number in range(course.kills):
            is_stillborn = number > 0 and stage.chance.random() < STILLBORN
            life = stage.chance.uniform(0, BIRTH if is_stillborn else course.longest_life)
            flowing = group.create_task(stage.traffic.flow(group, course.share(number), BIRTH + life))
            if not is_stillborn:
                await stage.connected(worker)
            await asyncio.sleep(life)
            await stage.busy(unless=flowing)
            await stage.kill(worker)
            worker = await stage.start()
            told(number + 1)
    await stage.connected(worker)
    await stage.quiet(lambda: not judge(stage.telegram, stage.traffic).lost)
    await stage.stop(worker)


def figures(stage: Stage, verdict: Verdict, seconds: float) -> Table:
    telegram, recovery = stage.telegram, recoveries(stage)
    table = Table(title=f"SQLite: {len(stage.killed_at)} kills, {seconds:.0f} s", show_header=False)
    orphans, updates = verdict.orphans, telegram.updates.all
    kinds = ", ".join(f"{count} {kind}" for kind, count in orphans.items() if count)
    share = f"{orphans.total() / max(verdict.questions, 1):.1%} of the questions, at most {MOST_ORPHANS:.0%}"
    rows = {
        "questions, in private": f"{verdict.questions}, {sum(chat > 0 for chat, _ in stage.traffic.asked)}",
        "questions edited, words to stop": f"{edited(stage)}, {len(stage.traffic.stops)}",
        "updates, handed out more than once": f"{len(updates)}, {sum(update.sent > 1 for update in updates)}",
        "updates lost or left": f"{len(telegram.lost)}, {len(telegram.unconfirmed)}",
        "lost": listed(verdict.lost),
        "answered twice": listed(verdict.twice),
        "wrong outcome": listed(verdict.wrong),
        "stopped beyond what was wanted": verdict.overstopped,
        "orphans left": f"{kinds or '0'} ({share})",
        "told that there is no answer": dict(verdict.notices) or "none",
        "kill to next outcome": f"{statistics.median(recovery):.1f} s median, {max(recovery):.1f} s at most"
        f" ({len(recovery)} of {len(stage.killed_at)} before the next kill)",
        "calls, but for polls": sum(call.method != POLLING for call in telegram.calls),
        "refused": dict(refusals(stage)) or "none",
        "rules of Telegram broken": len(telegram.violations),
        "exit status after SIGTERM": ", ".join(map(str, stage.statuses)),
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


def edited(stage: Stage) -> int:
    return sum(len(one.wordings) > 1 for one in stage.traffic.asked.values())


def refusals(stage: Stage) -> Counter[str]:
    """What Telegram did not grant, by its words; a search for a lost message hears `not found` often."""
    return Counter(f"{call.method}: {call.error}" for call in stage.telegram.calls if call.error)


def recoveries(stage: Stage) -> list[float]:
    """Seconds from every kill to the next outcome, where that came before the next kill."""
    written = written_at(stage.telegram)
    endings = (one for one in all_ours(stage.telegram) if one.is_ending and one.place in written)
    outcomes = sorted(written[one.place] for one in endings)
    found = []
    for killed_at, next_at in pairwise([*stage.killed_at, float("inf")]):
        first = next((at for at in outcomes if at > killed_at), None)
        if first is not None and first < next_at:
            found.append(first - killed_at)
    return found or [0.0]
