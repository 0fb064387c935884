"""JSON lines over a Unix socket, and how a delivery travels in them."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from core.intake import Incoming

Line = dict[str, Any]


def write_line(writer: asyncio.StreamWriter, line: Line) -> None:
    writer.write(json.dumps(line).encode() + b"\n")


async def read_lines(reader: asyncio.StreamReader) -> AsyncIterator[Line]:
    """Every whole line, until the other side is gone."""
    try:
        while (line := await reader.readline()).endswith(b"\n"):
            yield json.loads(line)
    except ConnectionError:
        return


def to_line(incoming: Incoming) -> Line:
    return asdict(incoming) | {"sent_at": incoming.sent_at.isoformat()}


def to_incoming(line: Line) -> Incoming:
    return Incoming(**line | {"sent_at": datetime.fromisoformat(line["sent_at"])})
