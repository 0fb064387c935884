"""The engine's benchmark, small: contestants, questions, figures, and a real model at tiny sizes."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from benchmarks.engine.__main__ import contestants, run
from benchmarks.engine.askers import ask, measure
from benchmarks.engine.contest import Cell, Contest, turned
from benchmarks.engine.flat import Held, family, flatness, growth
from benchmarks.engine.options import arguments
from benchmarks.engine.ours import Ours
from benchmarks.engine.peer import Kind, Request
from benchmarks.engine.sampling import SETTINGS, timings, timings_table
from benchmarks.engine.second import Conversation, SecondQuestion
from benchmarks.engine.turns import Plan, Sizes, Turn, independent
from tests.benchmarks.played_engine import PlayedEngine, played
from tests.gguf import smollm2_path

__all__ = ["smollm2_path"]

WORDS = np.arange(1000, 3000, dtype=np.int32)
TINY = Sizes(8, (8, 16), 4, 256)
TINY_OPTIONS = [
    "--threads",
    "1",
    "--prefix",
    "8",
    "--own",
    "8-16",
    "--out",
    "4",
    "--context",
    "256",
    "--requests",
    "2",
    "--rounds",
    "1",
    "--runs",
    "1",
]


async def test_a_follow_up_begins_with_the_prompt_and_the_answer_before_it() -> None:
    engine = PlayedEngine()
    plan = Plan([[Turn((7, 8)), Turn((9,)), Turn((5,), follows=0)]], warm=1)
    load = await measure(Ours(engine), plan, 3)
    assert engine.prompts == [[7, 8], [9], [7, 8, 1, 2, 3, 5]]
    assert [(record.prompt, record.out, record.is_follow_up) for record in load.records] == [
        (1, 3, False),
        (6, 3, True),
    ]
    assert load.tally.prompt == 7
    assert load.rate == pytest.approx(6 / load.seconds)


async def test_so_many_ask_at_once_and_each_waits_for_its_answer() -> None:
    engine = PlayedEngine()
    load = await measure(Ours(engine), independent(WORDS, TINY, 5, 3, 1), 4)
    assert len(load.records) == 15
    assert engine.most == 5
    assert all(0 < record.first_seconds <= record.seconds <= load.seconds for record in load.records)


async def test_an_answer_without_a_token_is_no_answer() -> None:
    with pytest.raises(EOFError):
        await ask(Ours(PlayedEngine()), Request([1], 0))


async def test_contestants_take_turns_and_get_the_same_questions() -> None:
    first, second = PlayedEngine(), PlayedEngine()
    both = [played(first), played(second, "other", Kind.LLAMA, askers=2)]
    lines: list[Cell] = []
    contest = Contest(both, (1, 2), 2, lambda askers, run: independent(WORDS, TINY, askers, 1, 10 * run + askers), 4)
    cells = await contest.cells(lines.append)
    assert lines == cells
    assert [(one.name, one.askers, one.run) for one in cells] == [
        ("ours", 1, 0),
        ("ours", 2, 0),
        ("other", 2, 0),
        ("other", 2, 1),
        ("ours", 1, 1),
        ("ours", 2, 1),
    ]
    assert all(prompt in first.prompts for prompt in second.prompts)
    assert len({tuple(prompt) for prompt in second.prompts}) == 6  # two runs, each a warm-up and two questions
    assert len({tuple(prompt) for prompt in first.prompts}) == 8  # nothing comes twice
    assert turned(both, 3) == both[::-1]


async def test_nothing_is_begun_when_the_time_is_over() -> None:
    contest = Contest([played(PlayedEngine())], (1,), 3, lambda *_: independent(WORDS, TINY, 1, 1, 1), 4, 0.0)
    assert await contest.cells(lambda _: None) == []


async def test_the_second_question_is_timed_against_the_first() -> None:
    engine = PlayedEngine()
    asked = SecondQuestion([played(engine)], WORDS, TINY, Conversation(first=60, second=5, between=2), runs=2)
    figures = await asked.figures()
    assert [(figure.unit, figure.most) for figure in figures] == [("ms", None), ("ms", None), ("%", 25.0)]
    _, first, *others, second = engine.prompts[:5]
    assert len(first) == 60
    assert len(others) == 2
    assert second[:64] == [*first, 1, 2, 3, 4]
    assert len(second) == 69


async def test_memory_is_read_after_each_tenth_and_growth_is_a_fault() -> None:
    lines: list[str] = []
    figures = await flatness(played(PlayedEngine()), WORDS, 40, 2, lines.append)
    assert [line.split()[0] for line in lines] == [str(4 * part) for part in range(1, 11)]
    assert all(figure.is_reached for figure in figures)
    leaking = growth([Held(100, 500.0, 8000.0, 10, 3), Held(1000, 520.0, 8004.0, 11, 3)])
    missed = [figure.name for figure in leaking if not figure.is_reached]
    assert missed == ["memory, more at the end", "card, more at the end", "files, more at the end"]


def test_a_family_is_a_process_with_all_that_come_from_it() -> None:
    assert family(2, {2: 1, 3: 2, 4: 3, 5: 1, 6: 4}) == {2, 3, 4, 6}
    assert os.getpid() in family(os.getppid(), {os.getpid(): os.getppid()})


def test_choosing_a_token_is_timed_for_each_setting_and_number_of_rows() -> None:
    found = timings((1, 2), vocabulary=2000, repeats=2)
    assert [(one.setting, one.rows) for one in found] == [(name, rows) for name in SETTINGS for rows in (1, 2)]
    assert all(one.ours > 0 < one.chain for one in found)
    assert len(timings_table(found).splitlines()) == 9


@pytest.mark.parametrize(
    "given",
    [
        ["independent"],
        ["independent", "--model", "m", "--own", "5"],
        ["independent", "--model", "m", "--context", "2000"],
        ["office", "--model", "m", "--peers", "vllm"],
        ["office", "--model", "m", "--server-settings", "np=x"],
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_is(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        arguments("", given)
    assert caught.value.code == 2
    assert "error" in capsys.readouterr().err


def test_the_contestants_are_those_that_were_asked_for() -> None:
    loads = arguments("", ["independent", "--model", "m", "--server", "s"])
    assert [one.name for one in contestants(loads, 32)] == [
        "ours",
        "Llama",
        "server np=1 cram=0",
        "server np=8 cram=0",
        "server np=16 cram=0",
        "server np=32 cram=0",
        "server np=32 ub=2048 cram=0",
    ]
    asked = [[number for number in loads.askers if one.meets(number)] for one in contestants(loads, 32)]
    assert asked == [[1, 4, 8, 16, 32], [1], [1], [4, 8], [16], [16, 32], [16, 32]]
    drafts = arguments("", ["drafts", "--model", "m"])
    assert [one.kind for one in contestants(drafts, 8)] == [Kind.UNDRAFTED, Kind.OURS]
    alone = arguments("", ["second-question", "--model", "m", "--peers", "ours"])
    assert [one.name for one in contestants(alone, 1)] == ["ours"]


async def test_a_real_model_is_asked_by_tokens_and_makes_a_table(
    smollm2_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = tmp_path / "told.json"
    options = [*TINY_OPTIONS, "--askers", "1,2", "--peers", "ours,llama", "--llama-askers", "1,2"]
    given = arguments("", ["office", "--model", str(smollm2_path), *options, "--json", str(told)])
    assert await run(given) == 0
    printed = capsys.readouterr().out
    assert "real weights" in printed
    assert "run 1: Llama, askers 2" in printed
    rows = json.loads(told.read_text())["rows"]
    assert [(row["askers"], row["name"], row["answers"]) for row in rows] == [
        (1, "ours", 2),
        (1, "Llama", 2),
        (2, "ours", 2),
        (2, "Llama", 2),
    ]
    assert all(row["rate"] > 0 for row in rows)
    assert all(0 < row["known"] < 1 and row["x Llama"] == 1 for row in rows if row["name"] == "Llama")
    cells = json.loads(told.read_text())["cells"]
    records = [record for one in cells if one["name"] == "Llama" for record in one["load"]["records"]]
    assert [record["out"] for record in records] == [4] * 4
