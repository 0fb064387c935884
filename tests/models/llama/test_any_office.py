"""Whatever happens in whatever order, each request that is not cancelled ends with the answer it gets alone."""

import random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from models.llama.scheduler import Shape
from models.llama.sequences import Sequence
from models.llama.step import Copy
from tests.models.llama.simulator import Engine, Guesses, alone, text

PROMPTS = st.lists(st.integers(0, 2), min_size=1, max_size=8).map(lambda parts: text(*parts))


class AnyOffice(RuleBasedStateMachine):
    """Requests, cancellations and failures in any order; drafts of any length, right or wrong."""

    @initialize(
        slots=st.integers(1, 5),
        kept=st.integers(0, 4),
        chunk=st.integers(8, 64),
        context=st.integers(160, 200),
        seed=st.integers(0, 99),
    )
    def open(self, slots: int, kept: int, chunk: int, context: int, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311
        self.drafts = Guesses(3, lambda: chance.random() < 0.7)
        self.engine = Engine(Shape(slots, slots + kept, chunk, context), self.drafts)
        self.asked = list[Sequence]()
        self.cancelled: set[int] = set()

    @rule(
        prompts=st.lists(PROMPTS, min_size=1, max_size=6),
        max_tokens=st.integers(0, 30),
        person=st.sampled_from(["", "An", "Binh"]),
        adapter=st.sampled_from(["", "", "", "law"]),
    )
    def ask(self, prompts: list[list[int]], max_tokens: int, person: str, adapter: str) -> None:
        self.asked += [self.engine.ask(prompt, max_tokens, person, adapter) for prompt in prompts]

    @rule(data=st.data(), max_tokens=st.integers(1, 9))
    @precondition(lambda self: self.asked)
    def follow_up(self, data: st.DataObject, max_tokens: int) -> None:
        before = data.draw(st.sampled_from(self.asked))
        prompt = [*before.tokens, *text(5)]
        if len(prompt) <= self.engine.shape.context:
            self.asked.append(self.engine.ask(prompt, max_tokens, before.person, before.adapter))

    @rule(steps=st.integers(1, 9), seconds=st.sampled_from([0.001, 0.1, 0.6, 3.0]))
    def go(self, steps: int, seconds: float) -> None:
        for _ in range(steps):
            self.engine.go(seconds)

    @rule(k=st.integers(0, 5))
    def draft(self, k: int) -> None:
        self.drafts.k = k

    @rule(data=st.data())
    @precondition(lambda self: self.asked)
    def cancel(self, data: st.DataObject) -> None:
        self._cancel(data)

    @rule(data=st.data())
    @precondition(lambda self: self.asked)
    def cancel_while_a_step_runs(self, data: st.DataObject) -> None:
        if step := self.engine.next():
            results = self.engine.run(step)
            self._cancel(data)
            self.engine.settle(results)

    @rule(data=st.data(), is_moved=st.booleans(), is_cancelled=st.booleans())
    def fail(self, data: st.DataObject, is_moved: bool, is_cancelled: bool) -> None:
        step = self.engine.next()
        if step is None:
            return
        if is_moved:
            self.engine.kv.move(step.moves)
            self.engine.kv.spoil({row.stream for row in step.rows})
            self.engine.kv.spoil({move.target for move in step.moves if isinstance(move, Copy)})
        if is_cancelled:
            self._cancel(data)
        self.engine.scheduler.lost(step)
        self.engine.check_streams()

    def _cancel(self, data: st.DataObject) -> None:
        sequence = data.draw(st.sampled_from(self.asked))
        if sequence.number not in self.engine.ended:
            self.cancelled.add(sequence.number)
        self.engine.scheduler.drop(sequence)

    @invariant()
    def streams_hold_what_is_written(self) -> None:
        if hasattr(self, "engine"):
            self.engine.check_streams()

    @invariant()
    def the_share_saved_is_that_of_those_admitted(self) -> None:
        if hasattr(self, "engine"):
            assert 0 <= self.engine.scheduler.saved_share < 1

    def teardown(self) -> None:
        if not hasattr(self, "engine"):
            return
        self.engine.drain()
        self.engine.check_streams()
        for sequence in self.asked:
            if sequence.number not in self.cancelled:
                expected = alone(sequence.prompt, sequence.max_tokens, sequence.adapter, self.engine.shape.context)
                assert self.engine.said(sequence) == expected


AnyOffice.TestCase.settings = settings(
    max_examples=120, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnyOffice = AnyOffice.TestCase
