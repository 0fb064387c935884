"""The log of a test, line by line as it would be written."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bots.logs import formatter, ours_and_warnings


class Logbook(io.StringIO):
    @property
    def lines(self) -> list[str]:
        return self.getvalue().splitlines()

    @property
    def entries(self) -> list[dict[str, Any]]:
        """What JSON lines say."""
        return [json.loads(line) for line in self.lines]


@contextmanager
def logbook(
    form: str = "json", *, level: str = "DEBUG", texts: bool = False, secrets: tuple[str, ...] = ()
) -> Iterator[Logbook]:
    """Everything that any logger says while the block runs, as `bots.logs.set_up` would have it."""
    book, root = Logbook(), logging.getLogger()
    handler = logging.StreamHandler(book)
    handler.setFormatter(formatter(form, texts=texts, secrets=secrets))
    if not texts:
        handler.addFilter(ours_and_warnings)
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield book
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
