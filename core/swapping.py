"""Files and folders put in the places of others: all of them, or on an error none. Everything here blocks."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.archives import force

ASIDE: Final = ".replaced-"
"""Begins the names of what was there before, until all is in its place."""
BESIDE: Final = ".restoring-"


@dataclass(slots=True)
class Swap:
    """What has been put in place so far, and how it is undone."""

    _moved: list[tuple[Path, Path]] = field(default_factory=list)
    _aside: list[Path] = field(default_factory=list)

    def put(self, new: Path | None, place: Path) -> None:
        """`new` is at `place`, or nothing is; what was there is kept until the end. Raises OSError."""
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            aside = place.with_name(f"{ASIDE}{place.name}")
            remove(aside)
            self._move(place, aside)
            self._aside.append(aside)
        if new is not None and new.exists():
            self._move(_beside(new, place), place)

    def undo(self) -> None:
        """Everything is where it was; what was to take its place is gone."""
        for source, target in reversed(self._moved):
            target.rename(source)
            if source.name.startswith(BESIDE):
                remove(source)

    def finish(self) -> None:
        """What was there before is gone for good."""
        for folder in {target.parent for _, target in self._moved}:
            force(folder)
        for path in self._aside:
            remove(path)

    def _move(self, source: Path, target: Path) -> None:
        source.rename(target)
        self._moved.append((source, target))


@contextmanager
def swapping() -> Iterator[Swap]:
    """What is put into the swap takes its place for good when the block ends without an error, else not at all."""
    swap = Swap()
    try:
        yield swap
    except BaseException:
        swap.undo()
        raise
    swap.finish()


def remove(path: Path) -> None:
    """A file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _beside(new: Path, place: Path) -> Path:
    """`new` on the disk of `place`: a file of another one is copied."""
    beside = place.with_name(f"{BESIDE}{place.name}")
    remove(beside)
    try:
        new.rename(beside)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(new, beside)
    return beside
