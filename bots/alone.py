"""Commands that work on the data instead of the service, or beside it: they must not meet, nor leave it locked out."""

import os
import pwd
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bots.bootstrap import vectors_of
from bots.settings import Settings
from core.errors import BackupError, IndexUnavailable
from retrieval.chroma import owned


def check_user(settings: Settings) -> None:
    """Raises BackupError where root is about to leave files among those of the service that it could not write to."""
    directory = settings.data.directory
    if os.geteuid() == 0 and directory.is_dir() and (owner := directory.stat().st_uid) != 0:
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = f"'#{owner}'"
        raise BackupError("backup.other_user", path=directory, user=name)


@contextmanager
def alone(settings: Settings, message_id: str = "backup.in_use") -> Iterator[None]:
    """No service runs on the data of the settings, and none starts, while the block does.

    On PostgreSQL that is so for this machine. Raises BackupError with this text where one runs.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(owned(vectors_of(settings)))
        except IndexUnavailable as error:
            raise BackupError(message_id, place=settings.data.directory) from error
        yield
