"""Who is admitted next, and whose adapter is on: nobody waits for ever, whoever else comes."""

from itertools import pairwise

import pytest

from models.llama.scheduler import Shape
from models.llama.sequences import Sequence
from models.llama.turns import TURN, Turns
from tests.models.llama.simulator import Engine, text, unlike

SHAPE = Shape(slots=4, streams=8, chunk=64, context=400)


def test_short_prompts_and_known_ones_go_before_long_ones() -> None:
    engine = Engine(Shape(1, 4, 64, 400))
    engine.ask(text(1, 2, 3, 4), max_tokens=1)
    engine.drain()
    long, short = engine.ask(unlike(1, 90)), engine.ask(unlike(2, 50))
    known = engine.ask(text(1, 2, 3, 4, 5))
    engine.drain()
    assert sorted((long, short, known), key=lambda one: engine.ended[one.number]) == [known, short, long]


@pytest.mark.parametrize("person", ["", "An"], ids=["nobody in particular", "one person"])
@pytest.mark.parametrize("adapter", ["", "law"], ids=["one adapter", "two adapters"])
@pytest.mark.parametrize("max_tokens", [0, 1, 6])
def test_a_long_prompt_is_read_however_many_short_ones_come(person: str, adapter: str, max_tokens: int) -> None:
    engine = Engine(Shape(2, 4, 64, 2_000))
    long = engine.ask(unlike(0, 2_000), person=person)
    for number in range(1, 600):
        engine.ask(unlike(number, 5), max_tokens, person, adapter)
        engine.ask(text(1, 2), max_tokens, person, adapter)
        engine.go()
    assert long.number in engine.ended


@pytest.mark.parametrize("slots", [1, 4])
def test_fifty_requests_of_one_person_do_not_hold_up_anothers(slots: int) -> None:
    engine = Engine(Shape(slots, slots + 2, 64, 400))
    many = [engine.ask(unlike(number, 40), person="An") for number in range(50)]
    for _ in range(60):
        engine.go(seconds=2)
    one = engine.ask(unlike(50, 120), person="Binh")
    ended = set(engine.ended)
    engine.finish(one)
    meanwhile = [sequence for sequence in many if sequence.number in set(engine.ended) - ended]
    assert len(ended) < 30
    assert len(meanwhile) <= slots + 2


def test_adapters_take_turns_and_share_nothing() -> None:
    engine = Engine(SHAPE, end=None)
    plain = [engine.ask(text(1, 2, number), max_tokens=390) for number in range(2)]
    for _ in range(10):
        engine.go()
    law = [engine.ask(text(1, 2, number), max_tokens=390, adapter="law") for number in range(2)]
    began, seen = engine.now, []
    while engine.now < began + 4 * TURN:
        step = engine.go(seconds=0.05)
        seen.append("" if step is None else step.adapter)
    assert seen.index("law") * 0.05 == pytest.approx(TURN, abs=0.15)
    assert sum(left != right for left, right in pairwise(seen)) in {3, 4}
    assert [one.known for one in (*plain, *law)] == [0, 40, 0, 40]


def test_an_idle_adapter_gives_way_at_once() -> None:
    engine = Engine(SHAPE)
    engine.ask(text(1), max_tokens=1)
    engine.drain()
    engine.ask(text(1), max_tokens=1, adapter="law")
    step = engine.go()
    assert step is not None
    assert step.adapter == "law"


def test_each_of_three_adapters_has_a_whole_turn() -> None:
    turns = Turns()
    working = [Sequence(number, [1], 1, adapter=adapter) for number, adapter in enumerate(("", "law", "tax"))]
    seen = []
    for half_seconds in range(25):
        turns.take(half_seconds / 2, working)
        seen.append(turns.adapter)
    assert seen == [*[""] * 4, *["law"] * 4, *["tax"] * 4, *[""] * 4, *["law"] * 4, *["tax"] * 4, ""]
