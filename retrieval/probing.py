"""Work that may crash a process is tried in another one first."""

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

SECONDS = 120.0
"""Work that takes longer is taken to hang."""


def survives(work: Callable[[Path], None], path: Path, seconds: float = SECONDS) -> bool:
    """Whether a child process comes through `work(path)`; one that does not even begin proves nothing against it.

    `work` is a module's function. Blocking.
    """
    context = multiprocessing.get_context("spawn")
    hearing, telling = context.Pipe(duplex=False)
    child = context.Process(target=_quietly, args=(work, path, telling), daemon=True)
    with hearing:
        with telling:
            child.start()
        begun = _hears(hearing, SECONDS)
    child.join(seconds if begun else 0)
    if child.is_alive():
        child.kill()
        child.join()
    survived = child.exitcode == 0
    child.close()
    return survived or not begun


def _hears(hearing: Connection, seconds: float) -> bool:
    try:
        return hearing.poll(seconds) and bool(hearing.recv())
    except EOFError:
        return False


def _quietly(work: Callable[[Path], None], path: Path, telling: Connection) -> None:
    """What the work prints before it dies is of no use to anybody who reads the log."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    telling.send(True)
    work(path)
