"""The local model in a process of its own, behind the same port: what ends that process ends no other."""

import asyncio
import functools
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from core.clock import SteadyClock
from core.deadline import Deadline
from core.errors import ModelTimeout, ModelUnavailable
from core.following import followed
from core.ports import Completion, CompletionRequest, Delta, Message
from models.llama.config import LlamaConfig
from models.llama.frames import Ask, Count, Look, Warm
from models.llama.process import ChildProcess, started
from models.llama.statistics import Glance
from models.llama.supervisor import Supervisor

GRACE = 2.0
"""Seconds past the deadline in which the child may still say how far it came."""
LOOK_SECONDS = 1.0
"""Seconds in which a child says how busy it is."""
KEPT = 8
"""Prompt starts that a new child is warmed with."""


class HostedModel:
    """A `core.ports.LanguageModel` over a GGUF file in a child process, which is started again when it ends.

    It serves `slots` requests at once.
    """

    def __init__(self, supervisor: Supervisor, name: str, slots: int) -> None:
        self.name = name
        self.slots = slots
        self._supervisor = supervisor
        self._warmed: OrderedDict[tuple[Message, ...], None] = OrderedDict()
        supervisor.on_start(self._warm_again)

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        """As `LlamaModel.stream`; closing the iterator reaches the child at once.

        Raises `ModelUnavailable` when the child ends meanwhile, or keeps ending; a request that comes while it is
        started again waits for it. A child that keeps silent past the deadline brings `ModelTimeout`.
        """
        begun = time.monotonic()
        child = await self._child(request.deadline)
        waited = time.monotonic() - begun
        with child.call(lambda number: Ask(number, request, request.deadline.remaining(), followed())) as call:
            item: Delta | Completion | None = None
            while not isinstance(item, Completion):
                item = (await call.item(request.deadline.remaining() + GRACE)).item
                yield counted_from_the_call(item, waited) if isinstance(item, Completion) else item

    async def warm(self, messages: Sequence[Message]) -> None:
        """As `LlamaModel.warm`; done again, unasked, in every child that follows."""
        with (await self._supervisor.child()).call(lambda number: Warm(number, tuple(messages))) as call:
            await call.done()
        self._warmed[tuple(messages)] = None
        if len(self._warmed) > KEPT:
            self._warmed.popitem(last=False)

    async def count_tokens(self, messages: Sequence[Message]) -> int:
        """The length in tokens of the prompt that `messages` make, as the child counts it: the template is there."""
        with (await self._supervisor.child()).call(lambda number: Count(number, tuple(messages))) as call:
            return await call.done()

    async def look(self) -> Glance:
        """As `LlamaModel.look`, of the child that runs now. Raises `ModelUnavailable` where none does."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                with (await self._supervisor.child()).call(Look) as call:
                    return await call.seen()
        except TimeoutError:
            raise ModelUnavailable("model.child_ended") from None

    def _warm_again(self, child: ChildProcess) -> None:
        for messages in self._warmed:
            child.send(functools.partial(Warm, messages=messages))

    async def _child(self, deadline: Deadline) -> ChildProcess:
        try:
            async with asyncio.timeout(deadline.remaining()):
                return await self._supervisor.child()
        except TimeoutError:
            raise ModelTimeout("model.timeout") from None


def counted_from_the_call(completion: Completion, waited: float) -> Completion:
    """The completion with the seconds for which its request waited for a child in the time to its first token."""
    if completion.first_token_ms is None:
        return completion
    return replace(completion, first_token_ms=completion.first_token_ms + 1000 * waited)


@asynccontextmanager
async def open_hosted(config: LlamaConfig) -> AsyncIterator[HostedModel]:
    """The model, loaded in a child process; both are ended with the block.

    Raises as `open_llama`, and `ModelUnavailable` where no process can be started. An error in the block leaves it as
    itself.
    """
    supervisor = Supervisor(functools.partial(started, config), SteadyClock(), config.queue_size)
    try:
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(supervisor.keep())
            try:
                yield HostedModel(supervisor, (await supervisor.child()).name, config.slots)
            finally:
                keeping.cancel()
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from errors
