"""The local model behind the port."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

from core.deadline import Deadline
from core.ports import Completion, CompletionRequest, Delta, Message
from core.privacy import Clearance, Reach
from models.llama.config import LlamaConfig
from models.llama.engine import Engine
from models.llama.job import Job
from models.llama.statistics import Glance
from models.llama.stopping import Cause

WARM_SECONDS = 600.0
"""Time for a prompt start: some thousand tokens on a slow machine."""


class LlamaModel:
    """A `core.ports.LanguageModel` over a GGUF file in this process. Many are served at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def slots(self) -> int:
        """How many requests are served at once."""
        return self._engine.slots

    @property
    def engine(self) -> Engine:
        """What serves the model: for statistics, adapters, and work that the owner thread must do."""
        return self._engine

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        """Deltas, then the completion. Closing the iterator stops the model within one step.

        Raises `ModelBusy` when too many wait, `ModelRejected` for a prompt longer than the context, a bad grammar or
        an adapter that is not loaded, `ModelTimeout` when the deadline passes before any text; after some, the
        completion ends with `Finish.DEADLINE`.
        """
        prompt = await asyncio.to_thread(self._engine.tokens, request.messages)
        async with aclosing(self._serve(request, prompt)) as items:
            async for item in items:
                yield item

    async def _serve(self, request: CompletionRequest, prompt: list[int]) -> AsyncGenerator[Delta | Completion]:
        loop = asyncio.get_running_loop()
        job = Job(request, prompt, loop)
        self._engine.submit(job)
        expiry = loop.call_later(request.deadline.remaining(), self._engine.stop, job, Cause.DEADLINE)
        try:
            item: Delta | Completion | None = None
            while not isinstance(item, Completion):
                item = await job.next()
                yield item
        finally:
            expiry.cancel()
            self._engine.stop(job, Cause.CANCELLED)
            self._engine.forget(job)

    async def warm(self, messages: Sequence[Message]) -> None:
        """Evaluates the fixed start of prompts (system message, examples) ahead of the first question.

        Kept in the cache of the model, and in `LlamaConfig.prefix_cache` for the next process. Raises as `stream`.
        """
        prefix = await asyncio.to_thread(self._engine.prefix, messages)
        deadline = Deadline.after(WARM_SECONDS)
        request = CompletionRequest(tuple(messages), Clearance(Reach.PROCESS), deadline, max_tokens=0)
        async with aclosing(self._serve(request, prefix)) as items:
            async for _ in items:
                pass

    async def look(self) -> Glance:
        """How busy the model is, and what it has done."""
        return Glance(self._engine.load, replace(self._engine.statistics))

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """The length in tokens of the prompt that `messages` make, template included. Fast enough for the event loop.

        Raises `ModelRejected` where the template refuses the order of roles.
        """
        return len(self._engine.tokens(messages))


@asynccontextmanager
async def open_llama(config: LlamaConfig) -> AsyncIterator[LlamaModel]:
    """The model, loaded; freed at the end of the block after stopping whatever still runs.

    Raises `ModelMissing`, `ModelDamaged`, `ModelUnavailable` (not loadable, not enough memory) or `ModelRejected` (no
    chat template in the file).
    """
    engine = Engine(config)
    await asyncio.to_thread(engine.open)
    try:
        yield LlamaModel(engine)
    finally:
        await asyncio.to_thread(engine.close)
