"""The owner thread: the only one that touches the model. Others hand it calls, which it makes between two steps."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from core.errors import ModelBusy, ModelUnavailable
from core.ports import Message
from models.llama.chat import ChatTemplate
from models.llama.config import LlamaConfig
from models.llama.job import Job
from models.llama.loading import Loaded, load
from models.llama.serving import Serving
from models.llama.statistics import Load, Statistics
from models.llama.stopping import Cause
from models.llama.under_way import UnderWay

log = logging.getLogger(__name__)

Call = Callable[[], None]
ServingOf = Callable[[LlamaConfig, Loaded, UnderWay], Serving]
_T = TypeVar("_T")


class Engine:
    """A loaded model with its thread. `queue_size` askers wait behind those being served; the next one is refused.

    `serving` and `chat` are there once the model is open. `serving` belongs to the owner thread: others reach it
    through `do`.
    """

    serving: Serving
    chat: ChatTemplate

    def __init__(self, config: LlamaConfig, serving_of: ServingOf = Serving) -> None:
        self._config = config
        self._serving_of = serving_of
        self._calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="llama", daemon=True)
        self._lock = threading.Lock()
        self._open_jobs: set[Job] = set()
        self._closed = False
        self._ending = False
        self._is_loaded = False
        self._under_way = UnderWay()

    @property
    def name(self) -> str:
        return self._config.name or self._config.path.stem

    @property
    def slots(self) -> int:
        """How many requests are served at once."""
        return self._config.slots

    def open(self) -> None:
        """Loads the model on the owner thread; blocks. Raises as `loading.load` and `ChatTemplate` do."""
        self._thread.start()
        try:
            self.do(self._load).result()
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        """Stops what runs, drops what waits, frees the model; blocks for at most one step of the model."""
        with self._lock:
            self._closed = True
            running = list(self._open_jobs)
        for job in running:
            self.stop(job, Cause.CANCELLED)
        self.do(self._free).result()
        self._end()

    def do(self, work: Callable[[], _T]) -> "Future[_T]":
        """Has the owner thread do something between two steps; what it raises comes with the future."""
        future: Future[_T] = Future()

        def call() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:  # noqa: BLE001 whoever asked is told, whatever it is
                    future.set_exception(error)

        self._calls.put(call)
        return future

    def submit(self, job: Job) -> None:
        """Queues a completion. Raises `ModelBusy` at once when the queue is full."""
        with self._lock:
            self._check_open()
            most = self._config.slots + self._config.queue_size
            if len(self._open_jobs) >= most:
                raise ModelBusy("model.busy", waiting=len(self._open_jobs) - self._config.slots)
            self._open_jobs.add(job)
        self._calls.put(lambda: self.serving.admit(job))

    def stop(self, job: Job, cause: Cause) -> None:
        """Ends the job within one step, or before its turn; from any thread. One that has ended is no error."""
        self._under_way.stopped(job, cause)
        self._calls.put(lambda: self.serving.leave(job))

    def forget(self, job: Job) -> None:
        """Nobody waits for the job any more."""
        with self._lock:
            self._open_jobs.discard(job)

    def prefix(self, messages: Sequence[Message]) -> list[int]:
        """The tokens that every prompt beginning with these messages begins with. Raises `ModelRejected`."""
        return self._tokens(lambda: self.chat.prefix(messages))

    def load_adapter(self, name: str, path: Path) -> "Future[None]":
        """Loads a LoRA adapter, or replaces it: what runs goes on with the old one. Raises as `Adapters.load` does."""
        return self.do(lambda: self.serving.adapters.load(name, path))

    def unload_adapter(self, name: str) -> "Future[None]":
        """Frees a LoRA adapter; what runs with it goes on, who asks with it then is refused."""

        def unload() -> None:
            self.serving.adapters.unload(name)
            self.serving.sweep()

        return self.do(unload)

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """The prompt that `messages` make, template included; from any thread."""
        return self._tokens(lambda: self.chat.tokens(messages))

    @property
    def statistics(self) -> Statistics:
        return self.serving.statistics

    @property
    def load(self) -> Load:
        """How busy it is; from any thread."""
        with self._lock:
            asked = len(self._open_jobs)
        return Load(self._config.slots, min(asked, self._config.slots), max(0, asked - self._config.slots))

    @property
    def saved_share(self) -> float:
        """The share of all prompt tokens that were not evaluated, because their evaluation was known."""
        return self.serving.scheduler.saved_share

    def _tokens(self, count: Callable[[], list[int]]) -> list[int]:
        with self._lock:
            self._check_open()
            return count()

    def _check_open(self) -> None:
        if self._closed:
            raise ModelUnavailable("model.closed")

    def _work(self) -> None:
        """Whatever goes wrong, nobody waits for ever: all that is in hand is told so, and the thread goes on."""
        while not self._ending:
            try:
                self._make_calls()
                if self._is_busy:
                    self.serving.advance()
            except Exception:
                log.exception("the model's thread met a fault, and gives up what is in hand")
                self.serving.give_up(ModelUnavailable("model.failed"))

    @property
    def _is_busy(self) -> bool:
        return self._is_loaded and not self.serving.is_idle

    def _make_calls(self) -> None:
        """Those that came; without anything to do it waits for one."""
        if not self._is_busy:
            self._calls.get()()
        while not self._calls.empty():
            self._calls.get()()

    def _load(self) -> None:
        self._loaded: Loaded = load(self._config)
        try:
            self.chat = ChatTemplate(self._loaded, self._config.chat_template)
        except BaseException:
            self._loaded.free()
            raise
        self.serving = self._serving_of(self._config, self._loaded, self._under_way)
        self._is_loaded = True

    def _free(self) -> None:
        self.serving.close()
        self._loaded.free()

    def _end(self) -> None:
        """The thread ends after what it has been told to do."""

        def end() -> None:
            self._ending = True

        self._calls.put(end)
        self._thread.join()
