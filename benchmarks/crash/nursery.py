"""Worker processes as their parent sees them."""

import asyncio
import itertools
import sys
from asyncio.subprocess import Process
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.crash.worker import Fault, Options

CHECKOUT = Path(__file__).parents[2]


@dataclass(slots=True)
class Nursery:
    """Starts workers, each under a name of its own. What they say goes into one file."""

    options: Options
    log: Path
    _names: "itertools.count[int]" = field(default_factory=itertools.count)

    async def start(self, fault: Fault | None = None) -> Process:
        options = replace(self.options, name=f"worker-{next(self._names)}", fault=fault)
        command = (sys.executable, "-m", "benchmarks.crash.worker", options.written())
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, cwd=CHECKOUT
            )
