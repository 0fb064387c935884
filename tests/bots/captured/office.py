"""An office with everything real but its search and its models, and a tap on the only line that leads out of it."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bots.bootstrap import Handbook, assemble, open_handbook
from bots.experiments import comparing
from bots.settings import load_settings
from core.clock import SteadyClock
from core.conversation import ATTACHED, Attachment, Person, Place, Question, Remark, Route
from core.documents import Label, Passage
from core.folding import words
from core.pipeline import Pipeline, Served
from core.ports import AttachmentsRead, LanguageModel, SearchResult, Typing
from core.shadow import Shadows
from models.openrouter import OpenRouterConfig, OpenRouterModel
from tests.bots.captured.parrots import LocalParrot, remote_parrot
from tests.bots.captured.talks import Page, Said, Talk
from tests.models.openrouter_server import OpenRouterServer

SPACE_OF = {Label.PUBLIC: "chung", Label.INTERNAL: "noi-bo", Label.CONFIDENTIAL: "nhan-su"}
SETTINGS = """
[groups]
staff = ["nobody"]
hr = ["nobody"]
[spaces.chung]
sources = ["chung"]
label = "public"
[spaces.noi-bo]
sources = ["noi-bo"]
[spaces.nhan-su]
sources = ["nhan-su"]
label = "confidential"
audience = ["hr"]
[console]
language = "vi"
[models]
local_base_url = "http://127.0.0.1:9/v1"
[routing]
max_api_calls_per_hour = 1000000
[budget]
usd_per_day = 1000000
usd_per_month = 1000000
calls_per_person_per_hour = 1000000
"""
WAYS = {
    "hybrid": {"SOTAY_ROUTING__STRATEGY": "hybrid"},
    "api": {"SOTAY_ROUTING__STRATEGY": "api"},
    "compared": {
        "SOTAY_EXPERIMENT__ENABLED": "true",
        "SOTAY_EXPERIMENT__NAME": "captured",
        "SOTAY_EXPERIMENT__HYBRID": "50",
        "SOTAY_EXPERIMENT__API": "50",
        "SOTAY_EXPERIMENT__SINCE": "2026-11-16",
        "SOTAY_EXPERIMENT__UNTIL": "2026-11-29",
        "SOTAY_EXPERIMENT__SHADOW": "true",
    },
}
"""Settings by which questions are sent: two strategies, and an experiment with shadow answers."""
STARTED = datetime(2026, 11, 23, 8, tzinfo=UTC)


@dataclass
class Shelf:
    """`core.ports.Retriever` over pages in memory: those that share most of their words with the query come first."""

    passages: list[Passage] = field(default_factory=list)
    _holding: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def put(self, page: Page) -> None:
        number = len(self.passages)
        name = f"trang-{number}"
        found = Passage(name, name, f"{name}.pdf", page.title, "", None, page.text, SPACE_OF[page.label], page.label)
        self.passages.append(found)
        for word in set(words(page.text)):
            self._holding[word].add(number)

    async def search(self, query: str, spaces: frozenset[str], limit: int) -> SearchResult:
        rare = [self._holding[word] for word in set(words(query)) if 0 < len(self._holding.get(word, ())) <= RARE]
        shared = Counter(number for holding in rare for number in holding)
        best = [self.passages[number] for number, _ in shared.most_common() if self.passages[number].space in spaces]
        return SearchResult(tuple(best[:limit]), query, Typing.ACCENTED, nearness=0.2, coverage=0.9)


RARE = 3
"""A word that more pages have says nothing of what a page is about."""


class Desk:
    """`core.ports.AttachmentReader`: a file is one passage, and stays in the office."""

    async def read(self, query: str, files: Sequence[Attachment], limit: int) -> AttachmentsRead:
        del query
        return AttachmentsRead(tuple(map(self._passage, files[:limit])))

    @staticmethod
    def _passage(file: Attachment) -> Passage:
        name, text = file.name, file.data.decode()
        return Passage(name, name, name, name, "", None, text, ATTACHED, Label.CONFIDENTIAL)


@dataclass
class Tap:
    """Carries bytes between the office and the world, and keeps those that go out."""

    target: str
    out: list[bytes] = field(default_factory=list)
    _server: asyncio.Server | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """The address to be used instead of the target's."""
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        async with server:
            yield self.target.replace(urlsplit(self.target).netloc, f"127.0.0.1:{server.sockets[0].getsockname()[1]}")

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = urlsplit(self.target)
        there_reader, there_writer = await asyncio.open_connection(address.hostname, address.port)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pump(reader, there_writer, keep=True))
            group.create_task(self._pump(there_reader, writer, keep=False))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, keep: bool) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65_536):
                if keep:
                    self.out.append(piece)
                writer.write(piece)
                await writer.drain()
        writer.close()


@dataclass
class CapturedOffice:
    """Pipelines by strategy over one database, and what has left."""

    handbook: Handbook
    shelf: Shelf
    local: LocalParrot
    tap: Tap
    server: OpenRouterServer
    pipelines: dict[str, Pipeline]
    shadows: Shadows
    heard: list[Served]

    def sent(self) -> str:
        """Every byte that has left, as text; what JSON escapes, spelled out."""
        raw = b"".join(self.tap.out).decode()
        return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), raw)

    def file(self, talk: Talk) -> None:
        """Puts the talk's pages on the shelf."""
        for page in talk.pages:
            self.shelf.put(page)

    def question(self, talk: Talk, said: Said, number: int) -> Question:
        """Asked by somebody who may read everything; the local model behaves with them in the talk's manner."""
        person = Person(f"p{talk.number}", frozenset({"hr", "staff"}))
        self.local.manners[person.id] = talk.manner
        at = STARTED + timedelta(minutes=number)
        return Question(
            id=f"q{talk.number}-{number}",
            thread_id=f"t{talk.number}",
            person=person,
            place=Place("private"),
            text=said.text,
            asked_at=at,
            remarks=tuple(Remark(text, at - timedelta(seconds=30)) for text in said.remarks),
            attachments=(Attachment("ghi-chu.txt", said.file.encode()),) if said.file else (),
        )


@asynccontextmanager
async def captured_office(folder: Path) -> AsyncIterator[CapturedOffice]:
    """Assembled as `bots.bootstrap` does, with OpenRouter on a socket."""
    (folder / "sotay.toml").write_text(SETTINGS, encoding="utf-8")
    for space in SPACE_OF.values():
        (folder / space).mkdir()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(OpenRouterServer(remote_parrot()))
        tap = Tap(server.base_url)
        address = await stack.enter_async_context(tap.open())
        settings = {name: load_settings(folder / "sotay.toml", environment) for name, environment in WAYS.items()}
        handbook = await stack.enter_async_context(open_handbook(settings["hybrid"]))
        config = OpenRouterConfig(api_key="sk-or-v1-office", enabled=True, base_url=address, retry_wait=0.0)
        remote = OpenRouterModel(config)
        stack.push_async_callback(remote.aclose)
        local, shelf = LocalParrot(), Shelf()
        handbook = replace(handbook, retriever=shelf)
        models: dict[Route, LanguageModel] = {Route.LOCAL: local, Route.API: remote}
        pipelines = {
            name: replace(assemble(chosen, handbook, models), attachments=Desk()) for name, chosen in settings.items()
        }
        compared = comparing(settings["compared"], handbook.database, pipelines["compared"], SteadyClock())
        heard: list[Served] = []
        pipelines["compared"] = replace(compared.pipeline, heard=heard.append)
        yield CapturedOffice(handbook, shelf, local, tap, server, pipelines, compared.beside[0], heard)
