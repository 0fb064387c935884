"""Files beside the database that may hold words of people: what was exported for training or for somebody to look at.

Everything here blocks and raises OSError.
"""

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TextIO

from core.store.forgetting import Traces
from core.store.mentions import mentions_of

NEW: Final = ".new"
LINES: Final = ".jsonl"


def clean(folder: Path, traces: Traces) -> int:
    """Takes a person out of the files of a folder, and of those below it; how many files were changed or removed.

    Of samples, one a line, those go that speak of an answer which had words of theirs; another file that names the
    person goes as a whole.
    """
    if not traces.ids:
        return 0
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    named = re.compile("|".join(_patterns(traces.ids)))
    return sum([_clean_lines(path, traces, named) if path.suffix == LINES else _clean(path, named) for path in files])


def _patterns(ids: Iterable[str]) -> Iterable[str]:
    """An id as a word by itself: within another word it is somebody else's."""
    known = list(ids)
    return (rf"(?<![\w:]){re.escape(word)}(?!\w)" for word in (*known, *mentions_of(known)))


def _clean_lines(path: Path, traces: Traces, named: re.Pattern[str]) -> bool:
    partial = path.with_name(path.name + NEW)
    removed = 0
    with path.open(encoding="utf-8", errors="replace") as lines, _private(partial) as kept:
        for line in lines:
            if named.search(line) or _answer_of(line) in traces.answers:
                removed += 1
            else:
                kept.write(line)
        kept.flush()
        os.fsync(kept.fileno())
    if removed:
        partial.replace(path)
    else:
        partial.unlink()
    return removed > 0


def _private(path: Path) -> TextIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w", encoding="utf-8")


def _answer_of(line: str) -> str | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    answer = found.get("answer_id") if isinstance(found, dict) else None
    return answer if isinstance(answer, str) else None


def _clean(path: Path, named: re.Pattern[str]) -> bool:
    is_about = named.search(path.read_text(encoding="utf-8", errors="replace")) is not None
    if is_about:
        path.unlink()
    return is_about
