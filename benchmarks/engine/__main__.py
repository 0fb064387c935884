"""The engine against llama-cpp-python's `Llama` and llama-server: the same questions, in turns, on this machine.

    python -m benchmarks.engine independent --model FILE [--server PROGRAM] [--askers 1,4,8,16,32] [--runs 3]
    python -m benchmarks.engine office      --model FILE [--server PROGRAM] [--askers 8,16,32]
    python -m benchmarks.engine drafts      --model FILE [--askers 1,8]
    python -m benchmarks.engine second-question --model FILE [--first 3000] [--between 0]
    python -m benchmarks.engine flat        --model FILE [--questions 2000]
    python -m benchmarks.engine sampling    [--rows 1,8,32]

independent      A prefix of 300 tokens that all share, 1,200 to 2,200 tokens of one's own, exactly 200 tokens of
                 answer (temperature 0.2, top-k 40, top-p 0.9), streamed; each asks again when answered.
office           What an office does: passages drawn by Zipf's law from 200, so that people are shown the same ones,
                 and 30 % of the questions go on in a conversation: their prompts begin with its prompt and its answer.
drafts           Answers that copy 80 % of their tokens from the passages, with drafts and without them. What the model
                 draws is played by a script; everything is computed all the same.
second-question  The time to the first token of a conversation's second question against that of its first.
flat             Memory of the process and of the card before and after thousands of short questions.
sampling         Microseconds to choose a token from a row of logits, against llama.cpp's own chain.

Contestants are opened, asked and closed one after another, again in every run, each time beginning with another one;
in a run all get the same questions. `tok/s` counts tokens of answers, the median of the runs with the least and the
most beside it; `first` and `answer` are seconds until the first and the last token, over all runs; `x server` is
against the best server setting at that number of askers; `known`: the share of the prompts' tokens that were not
evaluated again; `python`: of the wall time, what the engine's thread spends outside llama.cpp; `drafts`: accepted.
`Llama` serves one at a time: measured with one asker, its rate stands for any number of them.

It runs on a CPU with a small model too: --prefix 30 --own 60-120 --out 16 --context 512 --askers 1,2.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from functools import partial

from benchmarks.engine.card import surroundings
from benchmarks.engine.contest import Cell, Contest
from benchmarks.engine.copying import copying
from benchmarks.engine.flat import flatness
from benchmarks.engine.office import follow_ups, office
from benchmarks.engine.options import arguments
from benchmarks.engine.ours import EngineSetting, our_contestant
from benchmarks.engine.peer import Contestant, Kind, Model
from benchmarks.engine.plain import llama_contestant
from benchmarks.engine.rows import rows_of
from benchmarks.engine.sampling import timings, timings_table
from benchmarks.engine.second import Conversation, SecondQuestion
from benchmarks.engine.server import server_contestant
from benchmarks.engine.table import cell_line, table, write_json
from benchmarks.engine.turns import Plan, Sizes, Words, independent, rounds_for
from benchmarks.engine.vocabulary import Vocabulary, read_vocabulary
from benchmarks.figures import report

Planner = Callable[[Words, Sizes, int, int, int], Plan]
PLANNERS: dict[str, Planner] = {"independent": independent, "office": office, "drafts": copying}
RUNS_APART = 1000


def engine_setting(given: argparse.Namespace, askers: int, *, drafts: bool = False) -> EngineSetting:
    return EngineSetting(model_of(given), askers, drafts, given.kept, given.chunk)


def model_of(given: argparse.Namespace) -> Model:
    return Model(given.model, given.context, given.gpu_layers, given.lora, given.threads)


def contestants(given: argparse.Namespace, askers: int) -> list[Contestant]:
    """Those that were asked for."""
    if given.part == "drafts":
        return [
            our_contestant(engine_setting(given, askers), "without", Kind.UNDRAFTED),
            our_contestant(engine_setting(given, askers, drafts=True), "with drafts"),
        ]
    found = [our_contestant(engine_setting(given, askers))] if "ours" in given.peers else []
    model = model_of(given)
    if "llama" in given.peers:
        found.append(llama_contestant(model, frozenset(getattr(given, "llama_askers", (1,)))))
    if "server" in given.peers and given.server:
        found += [server_contestant(given.server, setting, model) for setting in given.server_settings]
    return found


def sizes_of(given: argparse.Namespace) -> Sizes:
    return Sizes(given.prefix, given.own, given.out, given.context)


def planned(given: argparse.Namespace, words: Words) -> Callable[[int, int], Plan]:
    """From the number of askers and of the run to the questions."""
    make, sizes = PLANNERS[given.part], sizes_of(given)

    def plan(askers: int, run: int) -> Plan:
        rounds = rounds_for(askers, given.requests, given.rounds)
        return make(words, sizes, askers, rounds, given.seed + RUNS_APART * run + askers)

    return plan


async def compete(given: argparse.Namespace, vocabulary: Vocabulary, facts: list[str]) -> int:
    """Cells as they come, and the table."""
    plan, cells = planned(given, vocabulary.words), list[Cell]()
    until = time.monotonic() + given.minutes * 60
    contest = Contest(contestants(given, max(given.askers)), given.askers, given.runs, plan, given.out, until)

    def told(cell: Cell) -> None:
        cells.append(cell)
        print(cell_line(cell), flush=True)
        if given.json:
            write_json(given.json, cells, {"part": given.part, "facts": facts})

    await contest.cells(told)
    print(f"\n{table(rows_of(cells))}")
    if given.part == "office":
        shares = [f"{askers}: {follow_ups(plan(askers, 0)):.0%}" for askers in given.askers]
        print("follow-ups among the questions, by askers:", ", ".join(shares))
    return 0 if cells else 1


async def converse(given: argparse.Namespace, vocabulary: Vocabulary) -> int:
    conversation = Conversation(given.first, given.second, given.between)
    everybody = contestants(given, max(1, given.between))
    asked = SecondQuestion(everybody, vocabulary.words, sizes_of(given), conversation, given.runs)
    return report(await asked.figures())


async def stay_flat(given: argparse.Namespace, vocabulary: Vocabulary) -> int:
    ours, say = our_contestant(engine_setting(given, given.askers)), partial(print, flush=True)
    return report(await flatness(ours, vocabulary.words, given.questions, given.askers, say))


async def run(given: argparse.Namespace) -> int:
    facts = await surroundings(getattr(given, "server", None))
    facts.append("command: python -m benchmarks.engine " + " ".join(sys.argv[1:]))
    if given.part == "sampling":
        print(*facts, sep="\n")
        print(timings_table(timings(given.rows, given.vocabulary, given.repeats)))
        return 0
    vocabulary = read_vocabulary(given.model)
    size = given.model.stat().st_size / 1e9
    facts.append(f"model: {vocabulary.name}, {size:.2f} GB, {vocabulary.label}")
    print(*facts, sep="\n", flush=True)
    match given.part:
        case "second-question":
            return await converse(given, vocabulary)
        case "flat":
            return await stay_flat(given, vocabulary)
        case _:
            return await compete(given, vocabulary, facts)


def main() -> int:
    return asyncio.run(run(arguments(__doc__)))


if __name__ == "__main__":
    raise SystemExit(main())
