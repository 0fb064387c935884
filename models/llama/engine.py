"""The owner thread: the only one that touches the model's context, one completion at a time."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from core.errors import ModelBusy, ModelUnavailable
from core.ports import Message
from models.llama.chat import ChatTemplate
from models.llama.config import LlamaConfig
from models.llama.generation import Generation, check_fits
from models.llama.job import Job
from models.llama.loading import Loaded, load
from models.llama.prefixes import PrefixCache, cache_identity
from models.llama.sampling import GrammarCache, TokenSampler, sampler_chain
from models.llama.sequence import KvSequence, shared_length
from models.llama.stopping import Cause, StopFlag


class Engine:
    """A loaded model with its thread. `queue_size` askers wait behind the one being served; the next one is refused."""

    def __init__(self, config: LlamaConfig) -> None:
        self._config = config
        self._name = config.name or config.path.stem
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="llama")
        self._lock = threading.Lock()
        self._flags: dict[Future[None], StopFlag] = {}
        self._closed = False

    @property
    def name(self) -> str:
        return self._name

    def open(self) -> None:
        """Loads the model on the owner thread; blocks. Raises as `loading.load` and `ChatTemplate` do."""
        try:
            self._thread.submit(self._load).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def close(self) -> None:
        """Stops what runs, drops what waits, frees the model; blocks for at most one step of the model."""
        with self._lock:
            self._closed = True
            running = list(self._flags.items())
        for future, flag in running:
            flag.raise_for(Cause.CANCELLED)
            future.cancel()
        self._thread.submit(self._free).result()
        self._thread.shutdown()

    def submit(self, job: Job) -> None:
        """Queues a completion. Raises `ModelBusy` at once when the queue is full."""
        job.future = self._queue(lambda: self._generate(job), job.flag)
        job.future.add_done_callback(job.finished)

    def warm(self, messages: Sequence[Message], flag: StopFlag) -> Future[None]:
        """Queues the evaluation of a prompt start, so that the prompts beginning with it are answered sooner."""
        return self._queue(lambda: self._warm(messages, flag), flag)

    def count_tokens(self, messages: Sequence[Message]) -> int:
        with self._lock:
            if self._closed:
                raise ModelUnavailable("model.closed")
            return len(self._chat.tokens(messages))

    def _queue(self, work: Callable[[], None], flag: StopFlag) -> Future[None]:
        with self._lock:
            if self._closed:
                raise ModelUnavailable("model.closed")
            if len(self._flags) > self._config.queue_size:
                raise ModelBusy("model.busy", waiting=len(self._flags) - 1)
            future = self._thread.submit(work)
            self._flags[future] = flag
        future.add_done_callback(self._leave)
        return future

    def _leave(self, future: Future[None]) -> None:
        with self._lock:
            del self._flags[future]

    def _load(self) -> None:
        self._loaded: Loaded = load(self._config)
        try:
            self._chat = ChatTemplate(self._loaded, self._config.chat_template)
        except BaseException:
            self._loaded.free()
            raise
        self._sequence = KvSequence(self._loaded)
        self._grammars = GrammarCache(self._loaded.vocab)
        self._prefixes = PrefixCache(self._config.prefix_cache, cache_identity(self._config))

    def _free(self) -> None:
        self._grammars.free()
        self._loaded.free()

    def _generate(self, job: Job) -> None:
        prompt = self._chat.tokens(job.request.messages)
        check_fits(len(prompt), self._loaded.n_ctx)
        grammar = self._grammars.start(job.request.grammar) if job.request.grammar else None
        sampler = TokenSampler(self._loaded, sampler_chain(self._config, job.request.temperature), grammar)
        try:
            self._reuse(prompt)
            Generation(job, self._sequence, sampler, self._loaded.vocab).run(prompt, self._name)
        finally:
            sampler.free()

    def _reuse(self, prompt: list[int]) -> None:
        """Leaves in the cache the longest start of `prompt` that is known, short of its last token."""
        shared = shared_length(self._sequence.tokens, prompt)
        known = self._prefixes.longest(prompt, beyond=shared)
        if known and self._sequence.restore(*known):
            shared = len(known[0])
        self._sequence.keep(min(shared, len(prompt) - 1))

    def _warm(self, messages: Sequence[Message], flag: StopFlag) -> None:
        prefix = self._chat.prefix(messages)
        check_fits(len(prefix), self._loaded.n_ctx)
        saved = self._prefixes.read(prefix)
        if saved is not None and self._sequence.restore(prefix, saved):
            self._prefixes.keep(prefix, saved)
            return
        self._reuse(prefix)
        self._sequence.extend(prefix[len(self._sequence.tokens) :], flag)
        state = self._sequence.save()
        self._prefixes.keep(prefix, state)
        self._prefixes.write(prefix, state)
