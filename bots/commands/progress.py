"""Bars for work of several steps, on standard error."""

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from bots.commands.running import Session
from core.texts import translate


class Steps:
    """`core.backup.Progress` as bars, one a step; a step without an end only turns. May be told in any thread."""

    def __init__(self, session: Session) -> None:
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(),
                   TimeElapsedColumn())  # fmt: skip
        self._bar = Progress(*columns, console=session.notes, transient=True)
        self._language = session.language
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, step: str, done: int, total: int) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._bar.add_task(translate(self._language, step), total=total or None)
        self._bar.update(self._tasks[step], completed=done, total=total or None)
