"""Whether thousands of short questions leave anything behind: memory, of this process and of the card, files, tasks."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engine.askers import measure
from benchmarks.engine.card import read_card
from benchmarks.engine.contest import warm_up
from benchmarks.engine.peer import Contestant
from benchmarks.engine.turns import Sizes, Words, independent
from benchmarks.figures import Figure, slope, usage

SIZES = Sizes(prefix=40, own=(20, 60), out=8)
PARTS = 10
"""Memory is read after each tenth; the first is taken to be warming up."""
MOST_MB, MOST_CARD_MIB = 16.0, 2.0


@dataclass(frozen=True, slots=True)
class Held:
    """After so many questions: megabytes of this process and its children, MiB of the card, files, tasks."""

    questions: int
    memory_mb: float
    card_mib: float
    files: int
    tasks: int


def parents() -> dict[int, int]:
    """The parent of each process."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                status = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has ended
            found[int(folder.name)] = int(status.rpartition(")")[2].split()[1])
    return found


def family(ancestor: int, parent_of: dict[int, int]) -> set[int]:
    """A process, its children and theirs."""
    members, size = {ancestor}, 0
    while len(members) > size:
        size = len(members)
        members |= {child for child, parent in parent_of.items() if parent in members}
    return members


def resident_mb(process: int) -> float:
    """0 for one that has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def held(questions: int) -> Held:
    own, card = usage(), await read_card()
    memory = sum(resident_mb(process) for process in family(os.getpid(), parents()))
    return Held(questions, memory, card.used_mib if card else 0.0, own.files, own.tasks)


async def flatness(
    contestant: Contestant, words: Words, questions: int, askers: int, said: Callable[[str], None]
) -> list[Figure]:
    """What was held at the end beyond what was held after the first tenth."""
    rounds, readings = max(1, questions // (PARTS * askers)), []
    async with contestant.open() as peer:
        await warm_up(peer, independent(words, SIZES, 1, 1, 0))
        for part in range(PARTS):
            await measure(peer, independent(words, SIZES, askers, rounds, part), SIZES.out)
            readings.append(await held((part + 1) * rounds * askers))
            said(f"{readings[-1].questions} questions: {readings[-1].memory_mb:.1f} MB")
    return growth(readings)


def growth(readings: list[Held]) -> list[Figure]:
    first, last = readings[0], readings[-1]
    line = slope([(reading.questions / 1000, reading.memory_mb) for reading in readings])
    return [
        Figure("questions", last.questions, ""),
        Figure("memory, after a tenth", first.memory_mb, "MB"),
        Figure("memory, more at the end", last.memory_mb - first.memory_mb, "MB", MOST_MB),
        Figure("memory, by 1,000 questions", line, "MB"),
        Figure("card, more at the end", last.card_mib - first.card_mib, "MiB", MOST_CARD_MIB),
        Figure("files, more at the end", last.files - first.files, "", 0),
        Figure("tasks, more at the end", last.tasks - first.tasks, "", 0),
    ]
