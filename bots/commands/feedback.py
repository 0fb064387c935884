"""`sotay feedback export`: votes and corrections as training data."""

import sys
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from bots.bootstrap import open_store
from bots.commands.running import Session
from core.errors import SotayError


async def export(session: Session, kind: str, output: Path | None, *, confidential: bool) -> int:
    """Writes JSON lines to `output` or standard output, and says what was left out."""
    async with open_store(session.settings) as feedback:
        with ExitStack() as stack:
            try:
                out = stack.enter_context(output.open("w", encoding="utf-8")) if output else sys.stdout
            except OSError as error:
                raise SotayError("feedback.cannot_write", path=output, reason=error.strerror) from error
            summary = await feedback.export(kind, out, confidential=confidential)
    session.say("feedback.exported", **asdict(summary))
    return 0
