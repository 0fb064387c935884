"""Measured figures beside what they must reach, and what this process uses. Every benchmark ends with `report`."""

import asyncio
import math
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

Z = 1.96  # standard deviations on either side that hold 95 %


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `most` is what it may be, None where nothing was promised."""

    name: str
    value: float
    unit: str
    most: float | None = None

    @property
    def is_reached(self) -> bool:
        return self.most is None or self.value <= self.most


@dataclass(frozen=True, slots=True)
class Usage:
    """What this process holds: resident megabytes, open files, asyncio tasks."""

    memory_mb: float
    files: int
    tasks: int


def usage() -> Usage:
    """As Linux and the running loop count it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    files = len(list(Path("/proc/self/fd").iterdir()))
    return Usage(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, files, len(asyncio.all_tasks()))


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`, with Wilson's interval of 95 %."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else 0.0

    def interval(self) -> tuple[float, float]:
        """After Wilson, 1927: it stays within 0 and 1, and holds for few rows as well."""
        if not self.of:
            return 0.0, 1.0
        scale = 1 + Z * Z / self.of
        middle = (self.value + Z * Z / (2 * self.of)) / scale
        half = Z * math.sqrt(self.value * (1 - self.value) / self.of + Z * Z / (4 * self.of**2)) / scale
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        low, high = self.interval()
        return f"{self.value:.3f}  ({low:.3f} to {high:.3f}; {self.hits} of {self.of})"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below or at which `share` (0..1) of all lie: the nearest rank. Of nothing it is not a number."""
    if not values:
        return float("nan")
    rank = -int(-share * len(values) // 1)  # rounded up
    return sorted(values)[max(rank, 1) - 1]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """By how much y grows for each x, as the least squares have it; 0 for fewer than two different x."""
    if len({x for x, _ in points}) <= 1:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / sum((x - mean_x) ** 2 for x, _ in points)


def machine() -> str:
    return f"machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def report(figures: Iterable[Figure]) -> int:
    """Prints the figures, one a line; the exit status: 1 when one is missed."""
    figures, missed = list(figures), 0
    width = max(len(figure.name) for figure in figures) + 2
    print(f"\n{'figure':<{width}}{'measured':>12}{'at most':>12}")
    for figure in figures:
        most = "" if figure.most is None else f"{figure.most:g}"
        word = "" if figure.is_reached else "  MISSED"
        print(f"{figure.name:<{width}}{figure.value:>12.3f}{most:>12} {figure.unit}{word}")
        missed += not figure.is_reached
    print(f"\n{'all reached' if not missed else f'{missed} missed'}")
    return int(missed > 0)
