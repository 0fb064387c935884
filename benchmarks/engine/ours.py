"""Our engine as a contestant. The one file here that knows how it is opened and asked."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.engine.peer import TEMPERATURE, TOP_K, TOP_P, Contestant, Kind, Model, Peer, Request, Tally
from core.deadline import Deadline
from core.ports import CompletionRequest, Delta
from core.privacy import Clearance, Reach
from models.llama import LlamaConfig
from models.llama.chat import PieceReader
from models.llama.drawing import Drawn, Sampler, Sampling, Scratch
from models.llama.engine import Engine
from models.llama.generation import Generation
from models.llama.job import Item, Job
from models.llama.serving import Serving
from models.llama.stopping import Cause

LONGEST_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class EngineSetting:
    """How the engine is opened: for so many askers at once; `kept` conversations more are remembered."""

    model: Model
    askers: int
    drafts: bool = False
    kept: int = 2
    chunk: int | None = None


@dataclass(frozen=True, slots=True)
class SamplerSettings:
    """How a token is drawn, with no `min_p`; `penalty` over the last 64 tokens."""

    temperature: float = TEMPERATURE
    top_k: int = TOP_K
    top_p: float = TOP_P
    penalty: float = 1.0


Drawing = Callable[[NDArray[np.float32], Sequence[int]], int]
"""From a row of logits and the text so far to the next token."""


class TokenEngine(Protocol):
    """The engine below its text. It was told at its opening how to sample, but for the temperature."""

    def generate(
        self, prompt: list[int], max_tokens: int, temperature: float, script: Sequence[int] = ()
    ) -> AsyncGenerator[Sequence[int]]:
        """`max_tokens` tokens, also past an end of text; those of `script` in place of the ones drawn."""
        ...

    def statistics(self) -> Tally: ...


@dataclass(frozen=True, slots=True)
class Ours:
    """The engine as a peer."""

    engine: TokenEngine

    def stream(self, request: Request) -> AsyncGenerator[Sequence[int]]:
        return self.engine.generate(request.prompt, request.out, TEMPERATURE, request.script)

    def tally(self) -> Tally:
        return self.engine.statistics()


class Measured(Job):
    """A request in tokens: they come back as they are drawn."""

    def __init__(self, request: CompletionRequest, prompt: list[int], script: Sequence[int]) -> None:
        super().__init__(request, prompt, asyncio.get_running_loop())
        self.script = script
        self.drawn: asyncio.Queue[Sequence[int]] = asyncio.Queue()

    def put(self, item: Item) -> None:
        if isinstance(item, Tokens):
            self.drawn.put_nowait(item.tokens)


@dataclass(frozen=True, slots=True)
class Tokens(Delta):
    """A piece of text with its tokens."""

    tokens: list[int] = field(default_factory=list)


class Scripted(Sampler):
    """Samples as ever, and says what the script says. A text of noise may hold the token that ends one."""

    def __init__(self, sampler: Sampler, script: Sequence[int]) -> None:
        self._sampler = sampler
        self._script = iter(script)

    def due(self, count: int) -> list[tuple[float, float]]:
        return self._sampler.due(count)

    def draw(self, logits: NDArray[np.float32], recent: Sequence[int], ahead: Drawn | None = None) -> Drawn | None:
        drawn = self._sampler.draw(logits, recent, ahead)
        token = next(self._script, None)
        return drawn if token is None or drawn is None else Drawn(token, drawn.logprob)

    def accept(self, token: int) -> None:
        self._sampler.accept(token)

    def free(self) -> None:
        self._sampler.free()


class Endless(PieceReader):
    """No token ends the text."""

    def ends(self, token: int) -> bool:
        del token
        return False


class MeasuredGeneration(Generation):
    """Tells the tokens besides the text."""

    def drawn(self) -> list[int]:
        drawn = super().drawn()
        self._shared.post.add(self.job, Tokens("", drawn))
        return drawn


class MeasuredServing(Serving):
    """What the owner thread does, with answers as long as asked for."""

    def begin(self, job: Job) -> Generation:
        usual = super().begin(job)
        if not isinstance(job, Measured):
            return usual
        pieces = Endless(self._loaded.vocab)
        shared = dataclasses.replace(self.shared, pieces=pieces)
        sampler = Scripted(usual.sampler, job.script) if job.script else usual.sampler
        return MeasuredGeneration(job, usual.sequence, sampler, shared)


@dataclass(frozen=True, slots=True)
class ByTokens:
    """`TokenEngine` over the engine."""

    engine: Engine
    adapter: str

    async def generate(
        self, prompt: list[int], max_tokens: int, temperature: float, script: Sequence[int] = ()
    ) -> AsyncGenerator[Sequence[int]]:
        asked = CompletionRequest(
            messages=(),
            clearance=Clearance(Reach.PROCESS),
            deadline=Deadline(time.monotonic() + LONGEST_SECONDS),
            max_tokens=max_tokens,
            temperature=temperature,
            adapter=self.adapter,
        )
        job = Measured(asked, prompt, script)
        self.engine.submit(job)
        try:
            left = max_tokens
            while left > 0:
                drawn = await job.drawn.get()
                left -= len(drawn)
                yield drawn
        finally:
            self.engine.stop(job, Cause.CANCELLED)
            self.engine.forget(job)

    def statistics(self) -> Tally:
        known, statistics = self.engine.serving.scheduler, self.engine.statistics
        return Tally(
            prompt=known.prompt_tokens,
            known=known.known_tokens,
            proposed=statistics.drafted,
            accepted=statistics.accepted,
            python_seconds=statistics.plan_seconds + statistics.settle_seconds,
        )


def config_of(setting: EngineSetting) -> LlamaConfig:
    """As many slots as askers."""
    return LlamaConfig(
        setting.model.path,
        n_ctx=setting.model.context,
        slots=setting.askers,
        kept=setting.kept,
        n_batch=setting.chunk,
        n_gpu_layers=setting.model.gpu_layers,
        n_threads=setting.model.threads,
        queue_size=setting.askers,
        drafts=setting.drafts,
        top_k=TOP_K,
        top_p=TOP_P,
    )


@asynccontextmanager
async def open_ours(setting: EngineSetting) -> AsyncIterator[Peer]:
    """The engine, loaded. Raises as `open_llama` does."""
    engine = Engine(config_of(setting), MeasuredServing)
    await asyncio.to_thread(engine.open)
    try:
        adapter = ""
        if setting.model.lora:
            adapter = "lora"
            await asyncio.wrap_future(engine.load_adapter(adapter, setting.model.lora))
        yield Ours(ByTokens(engine, adapter))
    finally:
        await asyncio.to_thread(engine.close)


def our_sampler(settings: SamplerSettings, scratch: Scratch) -> Drawing:
    """Draws as the engine does, the token's log-probability included."""
    sampler = Sampler(Sampling(settings.temperature, settings.top_k, settings.top_p, 0.0, settings.penalty), scratch)

    def draw(logits: NDArray[np.float32], recent: Sequence[int]) -> int:
        drawn = sampler.draw(logits, recent)
        return -1 if drawn is None else drawn.token

    return draw


def our_samplers(settings: SamplerSettings, rows: int, vocabulary: int) -> list[Drawing]:
    """One for each row of a step."""
    scratch = Scratch(vocabulary)
    return [our_sampler(settings, scratch) for _ in range(rows)]


def our_contestant(setting: EngineSetting, name: str = "ours", kind: Kind = Kind.OURS) -> Contestant:
    return Contestant(name, kind, lambda: open_ours(setting))
