"""What a run is told by: one table of figures, or one line for every point."""

import statistics
from collections.abc import Sequence
from itertools import pairwise

from rich.table import Table

from benchmarks.crash.stage import Stage
from benchmarks.crash.verdict import Verdict


def figures(stage: Stage, verdict: Verdict, seconds: float) -> Table:
    table = Table(title=f"{stage.setting.database}: {len(stage.killed_at)} kills, {seconds:.0f} s", show_header=False)
    recovery = recoveries(stage)
    rows = {
        "questions": verdict.questions,
        "events (edits, deletions, twins among them)": len(stage.chat.events),
        "events never acknowledged": verdict.unacknowledged,
        "lost": told(verdict.lost),
        "answered twice": told(verdict.twice),
        "wrong outcome": told(verdict.wrong),
        "orphan placeholders": f"{dict(verdict.orphans)} = {verdict.orphan_share:.2%} of the questions",
        "longest time without outcome": f"{verdict.longest_stand:.1f} s",
        "failures told": dict(verdict.failures) or "none",
        "kill to next outcome": f"{statistics.median(recovery):.2f} s median, {max(recovery):.2f} s at most",
        "exit status after SIGTERM": ", ".join(map(str, stage.statuses)),
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


def told(keys: Sequence[str]) -> str:
    return f"{len(keys)}: {', '.join(keys[:8])}" if keys else "0"


def recoveries(stage: Stage) -> list[float]:
    """Seconds from every kill to the next outcome, where that came before the next kill."""
    outcomes = sorted(message.settled_at for message in stage.chat.of_ours() if message.settled_at)
    found = []
    for killed_at, next_at in pairwise([*stage.killed_at, float("inf")]):
        first = next((at for at in outcomes if at > killed_at), None)
        if first is not None and first < next_at:
            found.append(first - killed_at)
    return found or [0.0]


def points_table(database: str) -> Table:
    table = Table(title=f"{database}: killed exactly there")
    for column in ("point", "surface", "kills", "asked", "lost", "twice", "wrong", "orphans", "failures"):
        table.add_column(column, no_wrap=True)
    return table


def point_row(point: str, stage: Stage, verdict: Verdict) -> tuple[str, ...]:
    problems = (verdict.lost, verdict.twice, verdict.wrong)
    counts = (len(stage.killed_at) - len(stage.missed), verdict.questions, *map(len, problems), verdict.orphans.total())
    return point, ",".join(stage.setting.surfaces), *map(str, counts), str(verdict.failures.total())
