"""The socket of the service's door: who holds it, who may open it, and what a dead service has left."""

import logging
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bots.settings import Settings

log = logging.getLogger(__name__)

NAME = "service.sock"
LONGEST_PATH = 107
"""Bytes of a path that a socket can have: `sun_path` of unix(7) is 108 with the zero at its end."""
OTHERS = 0o177
"""The mask under which a socket is made that its owner alone, and root, may open."""
BACKLOG = 100


def door_of(settings: Settings) -> Path:
    """Where the service of these settings listens."""
    return settings.data.directory / NAME


def listens(path: Path) -> bool:
    """Whether somebody listens there whom this user may speak to."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except BlockingIOError:  # so many knock that there is a queue
            return True
        except OSError:
            return False
    return True


@contextmanager
def listening(path: Path) -> Iterator[socket.socket | None]:
    """A socket that listens there while the block runs, its file gone afterwards; None, said in the log, where that
    cannot be: the service does without its door.

    What a dead service has left is replaced. Of two services that live the first one keeps the door.
    """
    made = _made(path)
    if made is None:
        yield None
        return
    with made:
        own = _identity(path)
        try:
            yield made
        finally:
            if own is not None and _identity(path) == own:
                path.unlink(missing_ok=True)


def _made(path: Path) -> socket.socket | None:
    if (length := len(os.fsencode(path))) > LONGEST_PATH:
        log.warning("no door for commands: %s has %d bytes, and a socket's path %d at most", path, length, LONGEST_PATH)
        return None
    if listens(path):
        log.info("no door for commands: another service listens at %s", path)
        return None
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _clear(path)
        _bind(made, path)
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        log.warning("no door for commands at %s: %s", path, error)
        return None
    return made


def _clear(path: Path) -> None:
    """Takes away the socket of a dead service; what is no socket is somebody's file, and stays in the way."""
    if path.exists() and stat.S_ISSOCK(path.lstat().st_mode):
        path.unlink()


def _bind(made: socket.socket, path: Path) -> None:
    before = os.umask(OTHERS)
    try:
        made.bind(str(path))
    finally:
        os.umask(before)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, None where there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
