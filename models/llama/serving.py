"""What the owner thread does: takes requests in, and makes one step after the other for all of them."""

import itertools
import time
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError, ModelTimeout
from core.ports import Completion, Finish
from models.llama.chat import PieceReader
from models.llama.config import LlamaConfig
from models.llama.drafts import CPU_STEP_SECONDS, H100_STEP_SECONDS, Drafting, NoDrafts, PromptLookup
from models.llama.drawing import Sampler, Sampling, Scratch
from models.llama.draws import Draws
from models.llama.generation import Generation, Shared, check_fits
from models.llama.grammar import GrammarCache
from models.llama.job import Job, Post
from models.llama.loading import Loaded, outputs_of
from models.llama.lora import Adapters
from models.llama.prefixes import PrefixStore, cache_identity
from models.llama.runner import Runner
from models.llama.scheduler import Scheduler, Shape
from models.llama.sequences import Sequence
from models.llama.settling import draw_tokens
from models.llama.statistics import Statistics
from models.llama.step import Row, Step
from models.llama.stopping import Cause, Stopped
from models.llama.under_way import UnderWay
from models.llama.warming import Warming


def nothing(job: Job, model: str) -> Completion:
    """The completion of a prompt that is only to be known."""
    return Completion("", model, Finish.LENGTH, len(job.prompt), 0)


class Serving:
    """The requests in hand. All of it belongs to the owner thread, but for `under_way`."""

    def __init__(self, config: LlamaConfig, loaded: Loaded, under_way: UnderWay) -> None:
        self._config = config
        self._loaded = loaded
        self.under_way = under_way
        self.adapters = Adapters(loaded)
        self.runner = Runner(loaded, self.adapters, under_way.flag)
        self.drafts = self.drafting()
        shape = Shape(slots=config.slots, streams=loaded.streams, chunk=loaded.chunk, context=loaded.n_ctx)
        self.scheduler = Scheduler(shape, self.drafts)
        store = PrefixStore(config.prefix_cache, cache_identity(config))
        self._warming = Warming(self.scheduler, self.runner, store)
        self.statistics = Statistics()
        self._grammars = GrammarCache(loaded.vocab, loaded.n_vocab)
        self._scratch = Scratch(loaded.n_vocab)
        self._draws = Draws(loaded.n_vocab, self._sampling(0.0))
        self._post = Post()
        self._name = config.name or config.path.stem
        self.shared = Shared(PieceReader(loaded.vocab), self._post, loaded.n_ctx, self._name)
        self._numbers = itertools.count()
        self._at_work: dict[int, Generation] = {}
        self._by_job: dict[Job, Generation] = {}

    def drafting(self) -> Drafting:
        """What guesses tokens ahead."""
        if not self._config.drafts:
            return NoDrafts()
        return PromptLookup(outputs_of(self._config), H100_STEP_SECONDS if self._loaded.on_gpu else CPU_STEP_SECONDS)

    def admit(self, job: Job) -> None:
        """Takes a request in; one that cannot be served is told so."""
        if job.cause is not None:
            self._leave_out(job)
            return
        try:
            if job.is_warming and self._warming.recall(job.prompt):
                self._post.add(job, nothing(job, self._name))
                self._send()
                return
            generation = self.begin(job)
        except ModelError as error:
            self._post.add(job, error)
            self._send()
            return
        self._at_work[generation.sequence.number] = self._by_job[job] = generation
        self.scheduler.add(generation.sequence)

    def _leave_out(self, job: Job) -> None:
        """The job was told to stop before its turn came."""
        if job.cause is Cause.DEADLINE:
            self._post.add(job, ModelTimeout("model.timeout"))
            self._send()

    def begin(self, job: Job) -> Generation:
        """What the job's answer grows in. Raises `ModelRejected` for one that cannot be served."""
        check_fits(len(job.prompt), self._loaded.n_ctx)
        request = job.request
        grammar = self._grammars.start(request.grammar) if request.grammar else None
        sampler = Sampler(self._sampling(request.temperature), self._scratch, grammar)
        sequence = Sequence(
            number=next(self._numbers),
            prompt=job.prompt,
            max_tokens=request.max_tokens,
            person=request.person,
            adapter=self.adapters.key(request.adapter),
            arrived=job.begun,
        )
        return Generation(job, sequence, sampler, self.shared)

    def _sampling(self, temperature: float) -> Sampling:
        config = self._config
        return Sampling(
            temperature=temperature,
            top_k=config.top_k,
            top_p=config.top_p,
            min_p=config.min_p,
            repeat_penalty=config.repeat_penalty,
            seed=config.seed,
        )

    def leave(self, job: Job) -> None:
        """The job was told to stop."""
        generation = self._by_job.get(job)
        if generation is not None and job.cause is not None:
            generation.stop(job.cause)
            self._end(generation)
            self._send()

    @property
    def is_idle(self) -> bool:
        return not self._at_work

    def advance(self) -> None:
        """One step for everybody, or none where nobody waits."""
        began = time.monotonic()
        step = self.scheduler.step(began)
        planned = time.monotonic()
        self.statistics.plan_seconds += planned - began
        if step is None:
            return
        is_writing = bool(step.rows) and not step.rows[0].sequence.is_prefilling
        logits = self._evaluate(step)
        evaluated = time.monotonic()
        if logits is not None:
            self._settle(step, logits)
        self._send()
        settled = time.monotonic()
        self.statistics.steps += 1
        self.statistics.model_seconds += evaluated - planned
        self.statistics.settle_seconds += settled - evaluated
        if is_writing and logits is not None:
            self.drafts.learn(len(step.rows), len(step.rows[0].tokens) - 1, settled - planned)

    def _evaluate(self, step: Step) -> NDArray[np.float32] | None:
        """None where nothing came of it: whoever was in the step has been told, or wants nothing any more."""
        self.under_way.begin(tuple(self._at_work[row.sequence.number].job for row in step.rows))
        try:
            return self.runner.run(step)
        except Stopped:
            self.scheduler.lost(step)
        except ModelError as error:
            self.scheduler.lost(step)
            self._fail(step.rows, error)
        finally:
            self.under_way.end()
        return None

    def _fail(self, rows: Iterable[Row], error: ModelError) -> None:
        for row in rows:
            generation = self._at_work[row.sequence.number]
            generation.fail(error)
            self._end(generation)

    def _settle(self, step: Step, logits: NDArray[np.float32]) -> None:
        generations = [self._at_work[row.sequence.number] for row in step.rows]
        if step.rows:
            draw_tokens(step.rows, generations, logits, self._draws)
        for row, generation in zip(step.rows, generations, strict=True):
            drawn = generation.drawn()
            self.scheduler.settle(row, drawn)
            self._count(row, len(drawn))
            if generation.job.is_warming and not row.sequence.is_prefilling:
                self._warming.keep(row.sequence)
                generation.finish = Finish.LENGTH
            if generation.finish is not None:
                generation.complete()
                self._end(generation)

    def _count(self, row: Row, drawn: int) -> None:
        self.statistics.evaluated += len(row.tokens)
        self.statistics.drawn += drawn
        if row.outputs > 1:
            right = max(0, drawn - 1)
            self.statistics.drafted += row.outputs - 1
            self.statistics.accepted += right
            self.drafts.accepted(row.sequence, row.outputs - 1, right)

    def _end(self, generation: Generation) -> None:
        self.scheduler.drop(generation.sequence)
        self.drafts.forget(generation.sequence)
        del self._at_work[generation.sequence.number]
        del self._by_job[generation.job]
        generation.free()
        self.sweep()

    def sweep(self) -> None:
        """Frees the adapters that nobody can ask for any more."""
        self.adapters.sweep({working.sequence.adapter for working in self._at_work.values()})

    def _send(self) -> None:
        for job in self._post.send():
            self.under_way.stopped(job, Cause.CANCELLED)
            if generation := self._by_job.get(job):
                self._end(generation)

    def give_up(self, error: ModelError) -> None:
        """Everybody in hand is told so, and nothing is held for known any more."""
        self.under_way.end()
        for generation in list(self._at_work.values()):
            generation.fail(error)
            self._end(generation)
        self.scheduler.forget_all()
        self._send()

    def close(self) -> None:
        """Drops what is in hand, and gives back what was made."""
        for generation in list(self._at_work.values()):
            self._end(generation)
        self._grammars.free()
        self.adapters.unload_all()
        self.adapters.sweep(())
