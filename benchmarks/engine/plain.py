"""llama-cpp-python's own `Llama`, as people use it: one question at a time, the others wait."""

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import llama_cpp
import numpy as np

from benchmarks.engine.peer import TEMPERATURE, TOP_K, TOP_P, Contestant, Kind, Model, Peer, Request, Tally

N_BATCH = 2048


class Recorded(llama_cpp.Llama):
    """Remembers the tokens that it draws, and takes an end of text for just another one: answers have their length."""

    drawn: list[int]

    def generate(self, *args: Any, **kwargs: Any) -> Iterator[int]:  # type: ignore[override]  # noqa: ANN401
        vocab, stand_in = self._model.vocab, self.tokenize(b".", add_bos=False)[0]
        for token in super().generate(*args, **kwargs):
            self.drawn.append(token)
            yield stand_in if llama_cpp.llama_vocab_is_eog(vocab, token) else token

    def held(self, prompt: Sequence[int]) -> int:
        """How many of the prompt's tokens are in the KV cache; the last one is evaluated anyway."""
        length = min(self.n_tokens, len(prompt) - 1)
        differs = self.input_ids[:length] != np.array(prompt[:length], np.intc)
        return int(differs.argmax()) if differs.any() else length


class LlamaPeer:
    """`Llama.create_completion`, streaming, on a thread of its own that is the queue and the lock."""

    def __init__(self, llama: Recorded, thread: ThreadPoolExecutor) -> None:
        self._llama, self._thread = llama, thread
        self._prompt = self._known = 0

    async def stream(self, request: Request) -> AsyncGenerator[Sequence[int]]:
        loop, stopped = asyncio.get_running_loop(), threading.Event()
        told: asyncio.Queue[Sequence[int] | None] = asyncio.Queue()

        def tell(tokens: Sequence[int] | None) -> None:
            loop.call_soon_threadsafe(told.put_nowait, tokens)

        answering = loop.run_in_executor(self._thread, self._answer, request, tell, stopped)
        try:
            while (tokens := await told.get()) is not None:
                yield tokens
        finally:
            stopped.set()
            await answering

    def tally(self) -> Tally:
        return Tally(self._prompt, self._known)

    def _answer(self, request: Request, tell: Callable[[Sequence[int] | None], None], stopped: threading.Event) -> None:
        try:
            self._write(request, tell, stopped)
        finally:
            tell(None)

    def _write(self, request: Request, tell: Callable[[Sequence[int]], None], stopped: threading.Event) -> None:
        self._prompt += len(request.prompt)
        self._known += self._llama.held(request.prompt)
        drawn: list[int] = []
        self._llama.drawn = drawn
        sent = 0
        for _ in self._llama.create_completion(
            request.prompt,
            max_tokens=request.out,
            temperature=TEMPERATURE,
            top_k=TOP_K,
            top_p=TOP_P,
            min_p=0.0,
            repeat_penalty=1.0,
            stream=True,
        ):
            tell(drawn[sent:])
            sent = len(drawn)
            if stopped.is_set():
                break


@asynccontextmanager
async def open_llama_peer(model: Model) -> AsyncIterator[Peer]:
    """Flash attention and long batches: the best that it offers. Raises ValueError where the file is not loadable."""

    def load() -> Recorded:
        return Recorded(
            str(model.path),
            n_ctx=model.context,
            n_batch=N_BATCH,
            n_gpu_layers=model.gpu_layers,
            n_threads=model.threads,
            n_threads_batch=model.threads,
            flash_attn=True,
            lora_path=str(model.lora) if model.lora else None,
            verbose=False,
        )

    llama = await asyncio.to_thread(load)
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="Llama") as thread:
            yield LlamaPeer(llama, thread)
    finally:
        llama.close()


def llama_contestant(model: Model, askers: frozenset[int] | None = None) -> Contestant:
    return Contestant("Llama", Kind.LLAMA, lambda: open_llama_peer(model), askers)
