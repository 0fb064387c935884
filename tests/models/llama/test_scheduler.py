"""The scheduler's steps on a simulated cache: which, how long, from where, and what is not evaluated again."""

import dataclasses
import time

import pytest

from models.llama.drafts import NoDrafts
from models.llama.scheduler import Scheduler, Shape
from models.llama.sequences import Sequence
from models.llama.step import Copy, Row
from tests.models.llama.simulator import Engine, Guesses, alone, text, unlike

SHAPE = Shape(slots=4, streams=8, chunk=64, context=400)


def watch(engine: Engine, count: int, seconds: float = 0.01) -> str:
    """Runs `count` steps: a p for each one of prefill, a d for each one of decode."""
    seen = ""
    for _ in range(count):
        step = engine.next(seconds)
        assert step is not None
        seen += "p" if step.rows[0].sequence.is_prefilling else "d"
        engine.settle(engine.run(step))
    return seen


def test_prompts_go_first_and_fill_the_decode_steps() -> None:
    engine = Engine(SHAPE, end=None)
    for number in range(3):
        engine.ask(unlike(number, 100), max_tokens=1_000)
    assert watch(engine, 8) == "ppppppdd"


@pytest.mark.parametrize(("stall", "steps"), [(0.05, "pdpdpdpdp"), (0.3, "ppdppdppd"), (0.5, "pppdpppdd")])
def test_answers_go_on_while_a_long_prompt_is_read(stall: float, steps: str) -> None:
    engine = Engine(dataclasses.replace(SHAPE, stall_seconds=stall), end=None)
    engine.ask(unlike(0, 10), max_tokens=1_000)
    assert watch(engine, 2, seconds=0.2) == "pd"
    engine.ask(unlike(1, 64 * 6), max_tokens=1)
    assert watch(engine, 9, seconds=0.2) == steps


@pytest.mark.parametrize(("length", "parts"), [(64, [64]), (65, [33, 32]), (130, [44, 43, 43]), (1, [1])])
def test_a_prompt_is_read_in_few_parts_of_one_size(length: int, parts: list[int]) -> None:
    engine = Engine(SHAPE)
    engine.ask(unlike(0, length), max_tokens=0)
    steps = [engine.go() for _ in range(len(parts) + 1)]
    assert [len(step.rows[0].tokens) for step in steps if step] == parts
    assert [row.outputs for step in steps if step for row in step.rows] == [0] * len(parts)


def test_a_prompt_alone_is_evaluated_where_no_answer_is_wanted() -> None:
    engine = Engine(SHAPE)
    warm = engine.ask(text(1, 2, 3), max_tokens=0)
    engine.drain()
    assert warm.held == 60
    assert engine.said(warm) == []
    asked = engine.ask(text(1, 2, 3, 4))
    engine.drain()
    assert asked.known == 60


def test_the_share_saved_counts_prompt_tokens_held_at_admission() -> None:
    engine = Engine(SHAPE)
    assert engine.scheduler.saved_share == 0
    first = engine.ask(text(1, 2), max_tokens=1)
    engine.drain()
    second = engine.ask(text(1, 2, 3), max_tokens=1)
    engine.drain()
    again = engine.ask(text(1, 2), max_tokens=1)
    other = engine.ask(text(4, 5, 6), max_tokens=1)
    engine.drain()
    assert [one.known for one in (first, second, again, other)] == [0, 40, 39, 0]
    assert engine.scheduler.saved_share == pytest.approx(79 / (40 + 60 + 40 + 60))
    assert engine.evaluated == 40 + 20 + 1 + 60


def test_a_lost_step_takes_back_what_was_saved_and_is_done_again() -> None:
    engine = Engine(SHAPE)
    engine.ask(text(1, 2), max_tokens=1)
    engine.drain()
    second = engine.ask(text(1, 2, 3), max_tokens=3)
    step = engine.next()
    assert step is not None
    assert second.known == 40
    engine.scheduler.lost(step)
    assert second.known == 0
    assert engine.scheduler.waiting == [second]
    assert engine.scheduler.saved_share == 0
    engine.drain()
    assert engine.said(second) == alone(second.prompt, 3, "", SHAPE.context)


def test_a_lost_answer_is_read_again_with_what_was_said_so_far() -> None:
    engine = Engine(Shape(1, 2, 16, 400), end=None)
    sequence = engine.ask(unlike(0, 40), max_tokens=30)
    assert watch(engine, 23) == "ppp" + "d" * 20
    step = engine.next()
    assert step is not None
    engine.kv.spoil([step.rows[0].stream])
    engine.scheduler.lost(step)
    assert watch(engine, 5) == "ppppd"
    assert sequence.drawn == 23
    assert engine.scheduler.saved_share == 0


def test_what_is_known_of_an_answer_is_no_prompt_saved() -> None:
    engine = Engine(SHAPE, end=None)
    engine.ask(text(1, 2), max_tokens=30)
    engine.drain()
    again = engine.ask(text(1, 2), max_tokens=30)
    assert watch(engine, 9) == "p" + "d" * 8
    step = engine.next()
    assert step is not None
    engine.kv.spoil([step.rows[0].stream])
    engine.scheduler.lost(step)
    assert watch(engine, 1) == "d"
    assert again.known == 40
    assert engine.scheduler.saved_share == 0.5


def test_nothing_is_evaluated_for_who_is_only_to_be_dropped() -> None:
    scheduler = Scheduler(Shape(2, 2, 64, 41), NoDrafts())
    for number in (1, 2):
        scheduler.add(Sequence(number, unlike(number, 40), max_tokens=5 * number - 3))
    steps = 0
    while step := scheduler.step(100.0):
        steps += 1
        for row in step.rows:
            scheduler.settle(row, [7])
    assert steps == 3
    assert [sequence.drawn for sequence in scheduler.running] == [2, 2]
    assert not any(scheduler.has_work(sequence) for sequence in scheduler.running)


def test_what_a_lost_step_was_to_save_is_lost_too() -> None:
    engine = Engine(Shape(2, 3, 64, 400), end=None)
    for number in (1, 2):
        engine.ask(unlike(number, 40), max_tokens=0)
        engine.drain()
    engine.ask(unlike(3, 40), max_tokens=300)
    engine.go()
    engine.ask(unlike(4, 40), max_tokens=300)
    step = engine.next()
    assert step is not None
    saved = [move.target for move in step.moves if isinstance(move, Copy)]
    assert saved
    engine.kv.spoil([*saved, step.rows[0].stream])
    engine.scheduler.lost(step)
    engine.check_streams()


def test_who_is_left_is_decoded_in_one_pass() -> None:
    engine = Engine(SHAPE, end=None)
    sequences = [engine.ask(unlike(number, 40), max_tokens=100) for number in range(4)]
    while engine.scheduler.waiting or any(one.is_prefilling for one in engine.scheduler.running):
        engine.go()
    engine.scheduler.drop(next(one for one in sequences if one.stream == 1))
    step = engine.next()
    assert step is not None
    assert any(isinstance(move, Copy) for move in step.moves)
    streams = [row.stream for row in step.rows]
    assert streams == list(range(streams[0], streams[0] + 3))


def test_a_second_question_reads_only_what_is_new() -> None:
    engine = Engine(SHAPE)
    first = engine.ask(text(1, 2, 3, 4), max_tokens=9)
    engine.drain()
    held = first.held
    second = engine.ask([*first.tokens, *text(5)], max_tokens=1)
    engine.drain()
    assert second.known == held >= 80


def test_what_running_requests_hold_is_shared_too() -> None:
    engine = Engine(SHAPE, end=None)
    engine.ask(text(1, 2, 3), max_tokens=1_000)
    while not engine.scheduler.running or engine.scheduler.running[0].is_prefilling:
        engine.go()
    second = engine.ask(text(1, 2, 4), max_tokens=1)
    engine.finish(second)
    assert second.known == 40


def test_drafts_shorten_the_way_and_not_the_answer() -> None:
    prompt, steps, answers = unlike(1, 50), [], []
    for drafts in (NoDrafts(), Guesses(3), Guesses(3, lambda: False)):
        engine = Engine(SHAPE, drafts, end=None)
        sequence = engine.ask(prompt, max_tokens=20)
        engine.drain()
        steps.append(engine.steps)
        answers.append(engine.said(sequence))
    assert answers[0] == answers[1] == answers[2]
    assert steps == [20, 6, 20]


def test_no_more_is_drafted_than_somebody_may_still_say() -> None:
    engine = Engine(SHAPE, Guesses(7), end=None)
    engine.ask(unlike(0, 20), max_tokens=2)
    engine.ask(unlike(1, 20), max_tokens=5)
    engine.go()
    engine.go()
    step = engine.next()
    assert step is not None
    assert [len(row.tokens) for row in step.rows] == [4, 4]


def test_drafts_stay_within_the_context_and_within_the_step() -> None:
    engine = Engine(Shape(2, 3, 8, 60), Guesses(7))
    sequences = [engine.ask(unlike(number, 50), max_tokens=99) for number in (3, 4)]
    engine.drain()
    for sequence in sequences:
        assert engine.said(sequence) == alone(sequence.prompt, 99, "", 60)


def test_a_row_of_a_request_dropped_meanwhile_changes_nothing() -> None:
    engine = Engine(SHAPE)
    sequence = engine.ask(text(1, 2))
    step = engine.next()
    assert step is not None
    engine.scheduler.drop(sequence)
    engine.scheduler.drop(sequence)
    engine.scheduler.settle(step.rows[0], [3])
    assert sequence.tokens == sequence.prompt
    assert engine.scheduler.step(engine.now) is None


def test_what_never_fits_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit a context of 400"):
        Engine(SHAPE).ask(unlike(0, 401))
    with pytest.raises(ValueError, match="at least one token"):
        Sequence(0, [], 1)
    with pytest.raises(ValueError, match="do not fit 3 streams"):
        Shape(4, 3, 64, 400)
    with pytest.raises(ValueError, match="a step of 3 tokens"):
        Shape(4, 4, 3, 400)


def test_a_step_of_32_answers_is_found_in_no_time() -> None:
    scheduler = full_scheduler()
    seconds = []
    for number in range(300):
        began = time.perf_counter()
        step = scheduler.step(200.0 + number)
        seconds.append(time.perf_counter() - began)
        assert step is not None
        assert len(step.rows) == 32
        for row in step.rows:
            scheduler.settle(row, [7])
    assert min(seconds) < 0.001


def full_scheduler(waiting: int = 50) -> Scheduler:
    """32 requests of 2,000 tokens that are answering, 8 streams of finished ones, and more that wait."""
    scheduler = Scheduler(Shape(slots=32, streams=40, chunk=1024, context=4096), NoDrafts())

    def evaluate(now: float) -> Row:
        step = scheduler.step(now)
        assert step is not None
        for row in step.rows:
            scheduler.settle(row, [7] * row.outputs)
        return step.rows[0]

    system = unlike(0, 300)
    for number in range(40 + waiting):
        scheduler.add(Sequence(number, [*system, *unlike(number + 1, 1_700)], 1_000, arrived=float(number)))
    now = 0.0
    while scheduler.running == [] or len(scheduler.waiting) > waiting + 32:
        now += 0.001
        row = evaluate(now)
        if row.outputs:
            scheduler.drop(row.sequence)
    while len(scheduler.running) < 32 or scheduler.running[-1].is_prefilling:
        now += 0.001
        evaluate(now)
    return scheduler
