"""One worker process with the real inbox and pipeline, on a platform behind a socket and a model that is played.

    python -m benchmarks.crash.worker OPTIONS      as JSON, see `Options`

With a fault it kills itself, as `kill -9` would, when it comes to the named point for the n-th time.
"""

import asyncio
import json
import logging
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace

from benchmarks.crash.chat import SURFACES
from benchmarks.crash.script import PIECES, SENTENCES, pieces, read
from benchmarks.crash.surface import Calls, SocketSurface
from benchmarks.crash.wire import Line, read_lines, to_incoming, write_line
from bots.service import serve_until_stopped
from core.access import Directory
from core.clock import SteadyClock
from core.delivery import Channel
from core.errors import StoreError
from core.inbox import Capacity, Inbox
from core.intake import InboxLimits
from core.pacing import Pacer
from core.ports import Completion, CompletionRequest, Delta, Finish
from core.store.claims import Claims
from core.store.database import Database, open_database
from core.store.intake import Intake
from tests.core.desk import LEAVE, language_of, pipeline_over
from tests.fakes import ListRetriever

POINTS = (
    "arrived",
    "accepted",
    "claimed",
    "posted",
    "post stored",
    "answered",
    "answer stored",
    "shown",
    "finished",
)
"""Where a worker may be told to die: before an event is accepted, then where `Channel.trace` is called."""


SAID = replace(LEAVE, text=" ".join([LEAVE.text, *SENTENCES]))
"""The passage that holds what the model says: the answer check looks."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Death at the `nth` coming to `point` of a question of `surface`."""

    point: str
    surface: str
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Options:
    """One worker. `model_seconds` is what the model takes for an answer."""

    name: str
    url: str
    socket: str
    people: tuple[str, ...]
    lease_seconds: float = 3.0
    model_seconds: float = 0.05
    slots: int = 4
    drain_seconds: float = 20.0
    fault: Fault | None = None

    @classmethod
    def read(cls, text: str) -> "Options":
        values = json.loads(text)
        fault = Fault(**values["fault"]) if values["fault"] else None
        return cls(**values | {"people": tuple(values["people"]), "fault": fault})

    def written(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class PlayedModel:
    """Says what must be answered to the question that the prompt ends with."""

    seconds: float
    name: str = "played"

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        text = read(request.messages[-1].content).answer
        for piece in pieces(text, -(-len(text) // PIECES)):
            await asyncio.sleep(self.seconds / PIECES)
            yield Delta(piece)
        yield Completion(text, self.name, Finish.STOP, 100, PIECES, -0.1, cost_usd=0.0)


@dataclass(frozen=True, slots=True)
class Doom:
    """Counts how often each point is reached."""

    fault: Fault | None
    reached: Counter[tuple[str, str]] = field(default_factory=Counter)

    def on(self, surface: str) -> Callable[[str, str], None]:
        def trace(point: str, _question_id: str) -> None:
            self.reached[point, surface] += 1
            if self.fault == Fault(point, surface, self.reached[point, surface]):
                os.kill(os.getpid(), signal.SIGKILL)

        return trace


def open_inbox(options: Options, database: Database, calls: Calls, doom: Doom) -> Inbox:
    clock, limits = SteadyClock(), InboxLimits(10**6, 10**6, 0.0, lease_seconds=options.lease_seconds)
    claims = Claims(database, limits, options.name, SURFACES, clock.now())
    channels = {
        name: Channel(SocketSurface(name, calls), Pacer(SocketSurface.rates, clock), claims, clock, doom.on(name))
        for name in SURFACES
    }
    return Inbox(
        Intake(database, limits),
        claims,
        answering=pipeline_over(database, PlayedModel(options.model_seconds), ListRetriever([SAID])),
        channels=channels,
        directory=Directory({"staff": frozenset(options.people)}),
        language_of=language_of,
        clock=clock,
        capacity=Capacity(options.slots, options.drain_seconds),
    )


@dataclass(frozen=True, slots=True)
class Ear:
    """Listens to the platform: replies go to who waits for them, events are accepted and then acknowledged."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    calls: Calls
    inbox: Inbox
    doom: Doom

    async def listen(self) -> None:
        async with asyncio.TaskGroup() as group:
            async for line in read_lines(self.reader):
                if "reply" in line:
                    self.calls.heard(line)
                else:
                    group.create_task(self._accept(line["event"]))
        os._exit(1)  # the platform is gone, and with it the run

    async def _accept(self, line: Line) -> None:
        incoming = to_incoming(line)
        self.doom.on(incoming.surface)("arrived", "")
        with suppress(StoreError):  # then it comes again
            await self.inbox.accept(incoming)
            write_line(self.writer, {"ack": incoming.event})


async def main(options: Options) -> None:
    async with open_database(options.url) as database:
        reader, writer = await asyncio.open_unix_connection(options.socket)
        calls, doom = Calls(writer), Doom(options.fault)
        inbox = open_inbox(options, database, calls, doom)
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(Ear(reader, writer, calls, inbox, doom).listen())
            await serve_until_stopped(inbox)
            listening.cancel()
        writer.close()


if __name__ == "__main__":
    logging.basicConfig(format="%(asctime)s %(process)d %(levelname)s %(message)s")
    asyncio.run(main(Options.read(sys.argv[1])))
