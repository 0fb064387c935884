"""A whole service as an administrator sees it: every line of its log, its metrics, its readiness, its spans."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from core.conversation import Question
from core.deadline import Deadline
from core.pipeline import Event, Searching
from core.replies import KeepAnswer
from tests.bots.collector import Collector, facts
from tests.bots.logbook import logbook
from tests.bots.office import LEAVE, Office
from tests.bots.slack.office import MANIFEST
from tests.bots.web.reading import samples
from tests.core.desk import Desk, incoming
from tests.core.store.databases import fresh_database
from tests.models.openrouter_server import OpenRouterServer, answer, error, refuse
from tests.slack_server import SlackServer
from tests.telegram_server import TelegramServer

PLANTED = "trangxanh7788"
QUESTION = f"Toi duoc nghi phep nam bao nhieu ngay? Ma cua toi la {PLANTED}, goi 0912345678 hoac lan@example.com"
GOOD = answer("Bạn được nghỉ phép năm 14 ngày ", "[1].")
NAME = "Trangxanhvu"
WRITTEN = (
    PLANTED, "0912345678", "lan@example.com", "nghi phep nam", "Bạn được nghỉ", NAME, "hưởng nguyên lương",
    LEAVE.splitlines()[-1],
)  # fmt: skip
"""What people, documents and the model have written, and a person's name."""
ENDED = "a question has ended"
ID = re.compile(r"\b[0-9a-f]{32}\b")


@dataclass
class Running:
    """The service, with every line that it has logged."""

    process: asyncio.subprocess.Process
    port: int
    lines: list[str] = field(default_factory=list)

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    async def until(self, *parts: str) -> None:
        """Reads the log until a line with all these parts has come."""
        assert self.process.stderr
        async with asyncio.timeout(60):
            while line := (await self.process.stderr.readline()).decode():
                self.lines.append(line.rstrip("\n"))
                if all(part in line for part in parts):
                    return
        raise AssertionError(self.lines)

    async def stop(self) -> None:
        """As systemd does; the rest of the log is read."""
        self.process.terminate()
        assert self.process.stderr
        async with asyncio.timeout(60):
            self.lines += (await self.process.stderr.read()).decode().splitlines()
            assert await self.process.wait() == 0

    async def get(self, path: str) -> tuple[int, str]:
        address = f"http://127.0.0.1:{self.port}{path}"
        async with aiohttp.ClientSession() as session, session.get(address) as reply:
            return reply.status, await reply.text()


@dataclass
class Building:
    """Both platforms, who asks there, and where the service of an office would be run."""

    office: Office
    slack: SlackServer
    telegram: TelegramServer

    def __post_init__(self) -> None:
        self.an = self.slack.people.add_user(NAME)
        self.lan = self.telegram.people.add_user(NAME, started=True)
        self.channel = self.slack.people.add_channel("chung", [self.an])

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SOTAY_SLACK__BOT_TOKEN": self.slack.bot_token,
            "SOTAY_SLACK__APP_TOKEN": self.slack.app_token,
            "SOTAY_SLACK__API_URL": self.slack.api_url,
            "SOTAY_TELEGRAM__TOKEN": self.telegram.token,
            "SOTAY_TELEGRAM__API_URL": self.telegram.origin,
            "SOTAY_TELEGRAM__FILE_URL": f"{self.telegram.origin}/file",
            "SOTAY_TELEGRAM__ALLOWED": str(self.lan),
            "SOTAY_GROUPS__STAFF": f"telegram:{self.lan}",
            "SOTAY_LOG__FORMAT": "json",
        }

    @asynccontextmanager
    async def running(self, **environment: str) -> AsyncIterator[Running]:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        settings = self.environment | {"SOTAY_WEB__PORT": str(port)} | environment
        process = await self.office.start("run", stdout=asyncio.subprocess.PIPE, **settings)
        running = Running(process, port)
        try:
            await self.slack.until(lambda slack: slack.sockets.open, 60)
            yield running
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()

    async def asked(self, running: Running) -> None:
        """A question that the model fails at, and one that is answered although Telegram fails at first."""
        self.slack.people.ask(self.an, self.channel, QUESTION)
        await running.until(ENDED)
        self.telegram.fail("sendMessage", 502)
        self.telegram.people.tell(self.lan, QUESTION)
        await running.until(ENDED)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.slack.bot_token, self.slack.app_token, self.telegram.token)


@asynccontextmanager
async def building(folder: Path) -> AsyncIterator[Building]:
    failing = refuse(500, error(500, QUESTION))
    async with (
        OpenRouterServer(failing, GOOD) as model,
        SlackServer(dict(MANIFEST)) as slack,
        TelegramServer() as telegram,
    ):
        office = Office.found(folder, local=model.base_url)
        assert (await office.sotay("ingest")).status == 0
        yield Building(office, slack, telegram)


async def test_no_line_holds_what_people_write_and_each_names_its_question(tmp_path: Path) -> None:
    async with building(tmp_path) as there:
        for level in ("debug", "info"):
            async with there.running(SOTAY_LOG__LEVEL=level) as running:
                await there.asked(running)
                await running.stop()
            assert_nothing_is_told(there, running.lines)
            questions = {entry["question"] for entry in running.entries if ENDED in entry["message"]}
            for entry in running.entries:
                assert set(ID.findall(entry["message"])) <= questions, entry
            if level == "debug":
                for question in questions:
                    assert_followed_from_acceptance_to_its_end(running, question)


def assert_nothing_is_told(there: Building, lines: list[str]) -> None:
    assert len(lines) >= 3
    for line in lines:
        for told in (*WRITTEN, *there.secrets):
            assert told not in line, line


def assert_followed_from_acceptance_to_its_end(running: Running, question: str) -> None:
    lines = [entry for entry in running.entries if entry.get("question") == question]
    points = [entry["message"].removeprefix(f"{question} ") for entry in lines if entry["logger"] == "bots.platforms"]
    assert points[0] == "accepted"
    assert points[-1] == "finished"
    assert {"claimed", "answered", "answer stored", "shown"} <= set(points)
    assert sum(ENDED in entry["message"] for entry in lines) == 1


async def test_texts_are_told_where_that_is_asked_for_and_tokens_never(tmp_path: Path) -> None:
    async with building(tmp_path) as there:
        async with there.running(SOTAY_LOG__LEVEL="debug", SOTAY_LOG__TEXTS="true") as running:
            await there.asked(running)
            await running.stop()
        loggers = {entry["logger"].split(".")[0] for entry in running.entries}
        assert loggers - {"bots", "core", "models", "retrieval"}
        for secret in there.secrets:
            assert secret not in "\n".join(running.lines)


async def test_metrics_readiness_and_spans_of_real_questions(tmp_path: Path) -> None:
    async with (
        Collector() as collector,
        building(tmp_path) as there,
        there.running(SOTAY_TELEMETRY__OTLP_ENDPOINT=collector.endpoint) as running,
    ):
        await there.asked(running)
        status, body = await running.get("/readyz")
        assert status == 200, body
        assert {part["name"]: part["is_up"] for part in json.loads(body)["parts"]} == {
            "database": True, "search": True, "Slack": True, "Telegram": True, "local": True,
        }  # fmt: skip
        assert (await running.get("/healthz"))[0] == 200
        text = (await running.get("/metrics"))[1]
        await running.stop()
    read = samples(text)
    for surface in ("slack", "telegram"):
        assert read["sotay_questions_total", (surface,)] == 1
        assert read["sotay_time_to_placeholder_seconds_count", (surface,)] == 1
        assert read["sotay_time_to_final_seconds_count", (surface,)] == 1
    assert read["sotay_time_to_first_token_seconds_count", ("telegram",)] == 1
    assert read["sotay_answers_total", ("failed", "none")] == 1
    assert read["sotay_answers_total", ("answered", "local")] == 1
    assert read["sotay_model_calls_total", ("failed", "local")] == 1
    assert read["sotay_tokens_total", ("completion", "local")] > 0
    assert read["sotay_documents", ("noi-bo",)] == 1
    assert read["sotay_queue_depth", ()] == 0
    people = (there.an, f'"{there.lan}"', f":{there.lan}")
    for told in (*WRITTEN, *there.secrets, *people):
        assert told not in text
    (answered,) = (span for span in collector.named("question") if facts(span)["sotay.outcome"] == "answered")
    below = {span.name for span in collector.spans if span.parent_span_id == answered.span_id}
    assert {"search", "prepare", "write", "deliver"} <= below
    assert not any(told in str(collector.spans) for told in (*WRITTEN, *people))


async def test_a_fault_in_our_own_code_is_told_by_its_place_alone(tmp_path: Path) -> None:
    async with fresh_database("sqlite", tmp_path) as database:
        office = Desk(database, Broken())
        with logbook() as book:
            async with office.serving() as inbox:
                receipt = await inbox.accept(incoming(QUESTION))
                question = receipt.question_id or ""
                await office.surface.until(lambda surface: any(sent.is_final for sent in surface.of(question)))
    (fault,) = (entry for entry in book.entries if entry["level"] == "error")
    assert fault["question"] == question
    assert "in answer" in fault["traceback"]
    assert fault["traceback"].endswith("RuntimeError")
    assert not any(told in book.getvalue() for told in WRITTEN)


@dataclass
class Broken:
    """`core.inbox.Answering` with a fault in its code, whose error quotes what it was given."""

    async def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]:
        del deadline, keep
        yield Searching(1)
        raise RuntimeError(question.text)


async def test_a_service_whose_port_is_taken_answers_all_the_same(tmp_path: Path) -> None:
    async with building(tmp_path) as there:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            async with there.running(SOTAY_WEB__PORT=str(taken.getsockname()[1])) as running:
                await running.until("no metrics on 127.0.0.1 port ")
                await there.asked(running)
