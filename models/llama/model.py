"""The local model behind the port."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

from core.ports import Completion, CompletionRequest, Delta, Message
from models.llama.config import LlamaConfig
from models.llama.engine import Engine
from models.llama.job import Job
from models.llama.stopping import Cause, StopFlag


class LlamaModel:
    """A `core.ports.LanguageModel` over a GGUF file in this process. Many may ask at once; they are served in turn."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def name(self) -> str:
        return self._engine.name

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        """Deltas, then the completion. Closing the iterator stops the model within one token, also inside the prompt.

        Raises `ModelBusy` when too many wait, `ModelRejected` for a prompt longer than the context or a bad grammar,
        `ModelTimeout` when the deadline passes before any text; after some, the completion ends with
        `Finish.DEADLINE`.
        """
        loop = asyncio.get_running_loop()
        job = Job(request, loop)
        self._engine.submit(job)
        expiry = loop.call_later(request.deadline.remaining(), job.stop, Cause.DEADLINE)
        try:
            item: Delta | Completion | None = None
            while not isinstance(item, Completion):
                item = await job.next()
                yield item
        finally:
            expiry.cancel()
            job.stop(Cause.CANCELLED)

    async def warm(self, messages: Sequence[Message]) -> None:
        """Evaluates the fixed start of prompts (system message, examples) ahead of the first question.

        Kept in memory, and in `LlamaConfig.prefix_cache` for the next process. Raises `ModelBusy` and
        `ModelRejected` as `stream` does.
        """
        flag = StopFlag()
        try:
            await asyncio.wrap_future(self._engine.warm(messages, flag))
        finally:
            flag.raise_for(Cause.CANCELLED)

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """The length in tokens of the prompt that `messages` make, template included. Fast enough for the event loop.

        Raises `ModelRejected` where the template refuses the order of roles.
        """
        return self._engine.count_tokens(messages)


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
