"""llama-server over HTTP: its settings, its process, and the client that streams from it."""

import asyncio
import json
import socket
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.engine.peer import TEMPERATURE, TOP_K, TOP_P, Contestant, Kind, Model, Peer, Request, Tally

HOST = "127.0.0.1"
START_SECONDS, STOP_SECONDS = 120.0, 10.0
LONGEST_LINE = 2**21
"""Bytes of one event: the last one of an answer repeats the whole prompt."""
EVENT = b"data: "
SHORT = {"np": "-np", "ub": "-ub", "b": "-b", "cram": "-cram"}
DEFAULTS = {"np": "1", "b": "2048", "ub": "512"}


class ServerEnded(Exception):
    """llama-server was not there in time, or is not there any more; the end of what it said."""


@dataclass(frozen=True, slots=True)
class ServerSetting:
    """How a server is started. `options` by name, those of `SHORT` or llama-server's own without the dashes."""

    options: tuple[tuple[str, str], ...]
    askers: frozenset[int] | None = None

    @property
    def name(self) -> str:
        return " ".join(["server", *(f"{key}={value}" if value else key for key, value in self.options)])

    def arguments(self, model: Model) -> list[str]:
        """The command line without program and port; every slot has a whole context."""
        options = {**DEFAULTS, **dict(self.options)}
        context = int(options["np"]) * model.context
        layers = "all" if model.gpu_layers < 0 else str(model.gpu_layers)
        line = ["-m", str(model.path), "-c", str(context), "-fa", "on", "-ngl", layers]
        for key, value in options.items():
            line += [SHORT.get(key, f"--{key}"), *([value] if value else [])]
        threads = ["-t", str(model.threads), "-tb", str(model.threads)] if model.threads else []
        return [*line, *threads, *(["--lora", str(model.lora)] if model.lora else [])]


def parse_setting(text: str) -> ServerSetting:
    """`np=8,ub=512,at=4:8` is 8 slots, batches of 512, and only where 4 or 8 ask. Raises ValueError."""
    pairs = [(key, value) for key, _, value in (part.strip().partition("=") for part in text.split(",")) if key]
    askers = next((frozenset(int(number) for number in value.split(":")) for key, value in pairs if key == "at"), None)
    setting = ServerSetting(tuple(pair for pair in pairs if pair[0] != "at"), askers)
    setting.arguments(Model(Path(), 0))  # what cannot be started is said before anything is
    return setting


def parse_settings(text: str) -> list[ServerSetting]:
    return [parse_setting(part) for part in text.split(";") if part.strip()]


class ServerPeer:
    """Streams from `/completion`, prompts as token ids, with the server's own cache of prompts.

    A token that ends within a character is not told by the server; its place is taken by the one that ends it.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._prompt = self._known = 0

    async def stream(self, request: Request) -> AsyncGenerator[Sequence[int]]:
        count = 0
        async with self._session.post("/completion", json=body_of(request)) as response:
            async for line in response.content:
                if not line.startswith(EVENT):
                    continue
                event = json.loads(line.removeprefix(EVENT))
                if "error" in event:
                    raise ServerEnded(str(event["error"]))
                missing = event["tokens_predicted"] - count
                yield event["tokens"] * max(1, missing)
                count = event["tokens_predicted"]
                self._count(event.get("timings") if event["stop"] else None)

    def tally(self) -> Tally:
        return Tally(self._prompt, self._known)

    def _count(self, timings: dict[str, Any] | None) -> None:
        if timings:
            self._prompt += timings["cache_n"] + timings["prompt_n"]
            self._known += timings["cache_n"]


def body_of(request: Request) -> dict[str, Any]:
    return {
        "prompt": request.prompt,
        "n_predict": request.out,
        "temperature": TEMPERATURE,
        "top_k": TOP_K,
        "top_p": TOP_P,
        "min_p": 0.0,
        "stream": True,
        "return_tokens": True,
        "cache_prompt": True,
        "ignore_eos": True,
    }


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[ServerPeer]:
    """A client of the server at `url`; each request has its own connection, which llama-server wants."""
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    waits = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(
        url, connector=connector, timeout=waits, read_bufsize=LONGEST_LINE, raise_for_status=True
    ) as session:
        yield ServerPeer(session)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


async def healthy(url: str) -> None:
    """Returns when the server has loaded its model."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        while True:
            try:
                async with session.get(f"{url}/health") as response:
                    if response.ok:
                        return
            except aiohttp.ClientConnectionError:
                pass  # not listening yet
            await asyncio.sleep(0.05)


async def started(url: str, process: asyncio.subprocess.Process) -> bool:
    """Whether the server can be asked; it has come to nothing when it ends, or is not there in time."""
    async with asyncio.TaskGroup() as group:
        waits = {group.create_task(healthy(url)), group.create_task(process.wait())}
        await asyncio.wait(waits, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        is_there = process.returncode is None and any(task.done() for task in waits)
        for task in waits:
            task.cancel()
    return is_there


async def stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


@asynccontextmanager
async def serving(program: Path, arguments: Sequence[str]) -> AsyncIterator[Peer]:
    """A server for the length of the block. Raises ServerEnded where it does not come up."""
    port = free_port()
    url = f"http://{HOST}:{port}"
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            program, *arguments, "--host", HOST, "--port", str(port), stdout=log, stderr=log
        )
        try:
            if not await started(url, process):
                log.seek(0)
                raise ServerEnded(log.read()[-2000:].decode("utf-8", "replace"))
            async with connected(url) as peer:
                yield peer
        finally:
            await stop(process)


def server_contestant(program: Path, setting: ServerSetting, model: Model) -> Contestant:
    arguments = setting.arguments(model)
    return Contestant(setting.name, Kind.SERVER, lambda: serving(program, arguments), setting.askers)
