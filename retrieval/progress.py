"""What a run of ingestion tells while it goes, and at its end."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from retrieval.refusals import Refused


class FileResult(StrEnum):
    """How a file of the folder fared."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Progress(Protocol):
    """Is told of each step, for a progress bar. Called on the event loop: it must not block."""

    def begin(self, files: int) -> None:
        """The run has `files` files before it."""

    def file_done(self, path: str, result: FileResult) -> None: ...

    def chunks_embedded(self, count: int) -> None:
        """`count` more chunks have their vectors."""


class Silence:
    """Progress that nobody watches."""

    def begin(self, files: int) -> None:
        pass

    def file_done(self, path: str, result: FileResult) -> None:
        pass

    def chunks_embedded(self, count: int) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Summary:
    """One folder of one space after a run.

    `dropped` are the refused files whose earlier content was in the index and has been taken out. `removed` counts
    documents whose file is gone; `chunks` those embedded for files of this folder, `restored` those that an index
    had lost and that were embedded again from the database since the run before.
    """

    space: str
    source: str
    new: int
    changed: int
    unchanged: int
    removed: int
    refused: tuple[Refused, ...]
    dropped: tuple[str, ...]
    chunks: int
    restored: int
    seconds: float


@dataclass
class Tally:
    """Counts while a run goes."""

    results: Counter[FileResult] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    removed: int = 0
    chunks: int = 0

    def refuse(self, refused: Refused, *, was_indexed: bool) -> None:
        self.refused.append(refused)
        if was_indexed:
            self.dropped.append(refused.path)

    def summary(self, space: str, source: str, restored: int, seconds: float) -> Summary:
        return Summary(
            space=space,
            source=source,
            new=self.results[FileResult.NEW],
            changed=self.results[FileResult.CHANGED],
            unchanged=self.results[FileResult.UNCHANGED],
            removed=self.removed,
            refused=tuple(self.refused),
            dropped=tuple(self.dropped),
            chunks=self.chunks,
            restored=restored,
            seconds=seconds,
        )
