"""The local model in the bot's own process or in a child process: which is faster while the bots are busy?

    python -m benchmarks.hosting --model FILE [--askers 1,8,32] [--runs 3] [--words 900] [--out 200]

Each cell opens the model anew, in turns: in this process (`inline`) and in one of its own (`child`), with bots that do
nothing (`idle`) and with busy ones. Busy is what a bot's process does beside the model, done really: once a second
every answer that is being written is rendered for Slack and for Telegram, and forty events a second are read from JSON,
checked by HMAC and written as JSON. `share` is against the same hosting with idle bots, `x idle inline` against the
engine alone in this process. It runs on a CPU with a small model too: --askers 1,2 --words 60 --out 16 --context 512.
"""

import argparse
import asyncio
import hmac
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bots.slack import render as slack
from bots.telegram import render as telegram
from core.deadline import Deadline
from core.ports import Completion, CompletionRequest, Delta, LanguageModel, Message
from core.privacy import Clearance, Reach
from models.llama import LlamaConfig, open_hosted, open_llama
from models.llama.devices import can_offload

SENTENCE = (
    "quy định nghỉ phép năm của nhân viên kỹ thuật trạm ra đa được tính theo ngày làm việc và phải báo trước cho "
    "trưởng ca ít nhất ba ngày khi trực đài dẫn đường hoặc bảo dưỡng máy phát điện dự phòng tại sân bay"
)
WORDS = SENTENCE.split()
EVENTS_A_SECOND, RENDERS_A_SECOND = 40, 1
TOLD_SECONDS = 3600.0


@dataclass(slots=True)
class Bots:
    """What the bots' process does beside the model; `texts` are the answers being written."""

    texts: dict[int, str] = field(default_factory=dict)
    events: int = 0
    renders: int = 0
    seconds: float = 0.0

    async def work(self, stopping: asyncio.Event) -> None:
        """Events at even times, and renders once a second, until told to stop."""
        body = json.dumps({"event": {"text": " ".join(WORDS), "blocks": [{"type": "section", "text": WORDS}] * 20}})
        while not stopping.is_set():
            begun = time.perf_counter()
            hmac.new(b"secret", body.encode(), "sha256").hexdigest()
            json.dumps({"ok": json.loads(body)})
            self.events += 1
            if self.events % (EVENTS_A_SECOND // RENDERS_A_SECOND) == 0:
                for text in self.texts.values():
                    slack.preview(text)
                    telegram.preview(text)
                    self.renders += 1
            spent = time.perf_counter() - begun
            self.seconds += spent
            try:
                async with asyncio.timeout(max(0.0, 1 / EVENTS_A_SECOND - spent)):
                    await stopping.wait()
            except TimeoutError:
                continue


@dataclass(frozen=True, slots=True)
class Cell:
    """One hosting at one number of askers: answer tokens per second, and the bots' share of a core."""

    hosting: str
    busy: bool
    askers: int
    rate: float
    bots_share: float


def config_of(given: argparse.Namespace, askers: int) -> LlamaConfig:
    return LlamaConfig(
        given.model,
        n_ctx=given.context,
        n_gpu_layers=-1 if can_offload() else 0,
        n_threads=given.threads,
        slots=askers,
        queue_size=askers,
        seed=1,
    )


def opened(hosting: str, config: LlamaConfig) -> AbstractAsyncContextManager[LanguageModel]:
    return open_hosted(config) if hosting == "child" else open_llama(config)


def request_of(chance: random.Random, given: argparse.Namespace) -> CompletionRequest:
    text = " ".join(chance.choice(WORDS) + str(chance.randrange(100)) for _ in range(given.words // 2))
    message = Message("user", text)
    return CompletionRequest((message,), Clearance(Reach.PROCESS), Deadline.after(TOLD_SECONDS), given.out, 0.2)


async def answered(model: LanguageModel, request: CompletionRequest, bots: Bots, asker: int) -> int:
    """How many tokens came."""
    bots.texts[asker], tokens = "", 0
    async with aclosing(model.stream(request)) as items:
        async for item in items:
            if isinstance(item, Delta):
                bots.texts[asker] += item.text
            elif isinstance(item, Completion):
                tokens = item.completion_tokens
    return tokens


@asynccontextmanager
async def at_work(bots: Bots, *, busy: bool) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        if busy:
            group.create_task(bots.work(stopping))
        yield
        stopping.set()


async def cell_of(given: argparse.Namespace, hosting: str, askers: int, run: int, *, busy: bool) -> Cell:
    """Every asker asks `rounds` questions one after another; the first one of all is not counted."""
    bots, tokens = Bots(), 0

    async def asks(model: LanguageModel, asker: int) -> int:
        chance = random.Random(1000 * run + asker)  # noqa: S311
        return sum([await answered(model, request_of(chance, given), bots, asker) for _ in range(given.rounds)])

    async with opened(hosting, config_of(given, askers)) as model:
        chance = random.Random(run)  # noqa: S311
        await answered(model, request_of(chance, given), Bots(), 0)
        async with at_work(bots, busy=busy):
            begun = time.perf_counter()
            async with asyncio.TaskGroup() as group:
                askings = [group.create_task(asks(model, asker)) for asker in range(askers)]
            seconds = time.perf_counter() - begun
        tokens = sum(asking.result() for asking in askings)
    return Cell(hosting, busy, askers, tokens / seconds, bots.seconds / seconds)


async def run(given: argparse.Namespace) -> None:
    cells: list[Cell] = []
    kinds = [(hosting, busy) for hosting in ("inline", "child") for busy in (False, True)]
    for number in range(given.runs):
        for askers in given.askers:
            for hosting, busy in kinds[number % len(kinds) :] + kinds[: number % len(kinds)]:
                cell = await cell_of(given, hosting, askers, number, busy=busy)
                cells.append(cell)
                print(f"run {number + 1}: {cell}", flush=True)
    print(table(cells))


def table(cells: list[Cell]) -> str:
    lines = ["askers  hosting  bots   tok/s   least    most  share  x idle inline  bots' share of a core"]
    rates: dict[tuple[int, str, bool], list[Cell]] = {}
    for cell in cells:
        rates.setdefault((cell.askers, cell.hosting, cell.busy), []).append(cell)
    middle = {key: median(cell.rate for cell in found) for key, found in rates.items()}
    for (askers, hosting, busy), found in sorted(rates.items()):
        rate, each = middle[askers, hosting, busy], [cell.rate for cell in found]
        share, alone = rate / middle[askers, hosting, False], rate / middle[askers, "inline", False]
        bots = median(cell.bots_share for cell in found)
        lines.append(
            f"{askers:6}  {hosting:7}  {'busy' if busy else 'idle'}  {rate:6.1f}  {min(each):6.1f}  {max(each):6.1f}"
            f"  {share:5.1%}  {alone:13.1%}  {bots:21.1%}"
        )
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--askers", type=lambda text: [int(part) for part in text.split(",")], default=[1, 8, 32])
    for name, default in (("runs", 3), ("rounds", 2), ("words", 900), ("out", 200), ("context", 4096)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--threads", type=int)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(run(arguments()))
