"""An index whose files cannot be used: the error that says so, and putting the files out of the way."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from core.errors import IndexUnavailable

KEPT = 2
"""Damaged copies of one index that stay for whoever wants to know what happened."""


class IndexDamaged(IndexUnavailable):
    """The files of an index must be made anew from the database; until then the search does without it."""


def set_aside(path: Path) -> Path | None:
    """Renames a file or folder to `NAME.damaged-TIME` and says the new name; None when nothing was there.

    Of those that were set aside the last `KEPT` stay. Raises OSError.
    """
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
    path.rename(aside)
    for old in sorted(path.parent.glob(f"{path.name}.damaged-*"))[:-KEPT]:
        if old.is_dir():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.unlink()
    return aside
