"""Requests to a local model, and the ways to read what comes back."""

import asyncio

from core.deadline import Deadline
from core.ports import Completion, CompletionRequest, Delta, Message
from core.privacy import Clearance, Reach
from models.llama import LlamaModel

SYSTEM = Message("system", "You are a helpful assistant.")
ENDLESS = "root ::= [^~] root"  # a grammar that never lets the text end
LONG_TEXT = "The quick brown fox jumps over the lazy dog. " * 180  # about 1,800 tokens: seconds of evaluation


def request(
    text: str = "Tell me a long story about the sea.",
    *,
    seconds: float = 60,
    max_tokens: int = 24,
    temperature: float = 0.7,
    stop: tuple[str, ...] = (),
    grammar: str | None = None,
) -> CompletionRequest:
    return CompletionRequest(
        messages=(SYSTEM, Message("user", text)),
        clearance=Clearance(Reach.PROCESS),
        deadline=Deadline.after(seconds),
        max_tokens=max_tokens,
        temperature=temperature,
        stop=stop,
        grammar=grammar,
    )


async def read(model: LlamaModel, asked: CompletionRequest) -> tuple[list[str], Completion]:
    """The deltas and the completion that must end them."""
    items = [item async for item in model.stream(asked)]
    deltas = [item.text for item in items if isinstance(item, Delta)]
    last = items[-1]
    assert isinstance(last, Completion)
    assert len(deltas) == len(items) - 1
    return deltas, last


async def contents(model: LlamaModel) -> list[list[int]]:
    """The tokens that each stream of the cache holds, once everything asked of the owner thread so far is begun."""
    return await asyncio.wrap_future(model.engine.do(lambda: model.engine.serving.scheduler.contents))


async def held_tokens(model: LlamaModel) -> list[int]:
    """The fullest of them."""
    return max(await contents(model), key=len)


async def evaluated(model: LlamaModel) -> int:
    """The tokens that the model has evaluated since it was opened."""
    return await asyncio.wrap_future(model.engine.do(lambda: model.engine.statistics.evaluated))


async def idle(model: LlamaModel) -> None:
    """Returns once nothing is in hand any more."""
    while not await asyncio.wrap_future(model.engine.do(lambda: model.engine.serving.is_idle)):
        pass
