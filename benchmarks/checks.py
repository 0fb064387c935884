"""The answer check on labelled answers: how many bad ones it catches, how many good ones it escalates.

    python -m benchmarks.checks --data FILE           a table with 95 % intervals, beside the naive check
    python -m benchmarks.checks --data FILE --json    {"bad_caught", "good_escalated"}
    python -m benchmarks.checks --data FILE --model PATH.gguf    grey answers are verified by that model

Rows are `{"question", "context", "answer", "good"}`; paragraphs of a context are its passages. An answer is flagged
when it would be asked of another model, shown with a warning or not shown. A refusal is flagged when the passages
belie it; one that is let stand is not.
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Share
from core.checks import Judgement, Verdict, is_refusal, judge
from core.conversation import Language
from core.deadline import Deadline
from core.ports import LanguageModel, Typing
from core.privacy import Clearance, Reach
from core.verification import settled, verify
from models.llama import LlamaConfig, open_llama
from models.training.checks import Triple, read_triples
from retrieval.vietnamese import typing_of

FEWEST_CHARACTERS = 20
"""The naive check finds shorter answers poor."""
VERIFY_SECONDS = 60.0
FLAGS = frozenset({Verdict.POOR, Verdict.UNSURE})


@dataclass(frozen=True, slots=True)
class Result:
    """One row and what the check said of it."""

    triple: Triple
    judgement: Judgement

    @property
    def is_flagged(self) -> bool:
        return self.judgement.verdict in FLAGS

    @property
    def is_flagged_naively(self) -> bool:
        """By length and words of refusal alone."""
        return len(self.triple.answer) < FEWEST_CHARACTERS or is_refusal(self.triple.answer)


def language_of(text: str) -> Language:
    """As the pipeline has it."""
    return Language.ENGLISH if typing_of(text) is Typing.ENGLISH else Language.VIETNAMESE


def check(triple: Triple) -> Result:
    """The check without a model."""
    judgement = judge(triple.answer, triple.question, triple.passages, language_of(triple.question), None)
    return Result(triple, judgement)


async def verified(result: Result, model: LanguageModel) -> Result:
    """The result after the model's word, where the check was not sure."""
    if not result.judgement.is_grey:
        return result
    triple = result.triple
    yes = await verify(
        model,
        Clearance(Reach.PROCESS),
        Deadline.after(VERIFY_SECONDS),
        triple.question,
        triple.passages,
        triple.answer,
        language_of(triple.question),
        seconds=VERIFY_SECONDS,
    )
    return Result(triple, settled(result.judgement, yes))


def share(flags: Sequence[bool]) -> Share:
    """How many of them are set, of how many."""
    return Share(sum(flags), len(flags))


def figures(results: Sequence[Result]) -> dict[str, float]:
    """What `--json` prints."""
    return {
        "bad_caught": share([result.is_flagged for result in results if not result.triple.good]).value,
        "good_escalated": share([result.is_flagged for result in results if result.triple.good]).value,
    }


def report(results: Sequence[Result], *, every: bool) -> None:
    """The table, then the reasons; with `every`, also each row that was judged wrongly."""
    bad = [result for result in results if not result.triple.good]
    good = [result for result in results if result.triple.good]
    print(f"{'':<18}{'check':>22}{'naive':>22}")
    for name, some in (("bad caught", bad), ("good escalated", good)):
        columns = [[one.is_flagged for one in some], [one.is_flagged_naively for one in some]]
        print(f"{name:<18}" + "".join(f"{_figure(flags):>22}" for flags in columns))
    print(f"\n{'reason':<58}{'bad':>6}{'good':>6}")
    reasons = Counter((_reason(one), one.triple.good) for one in results if one.is_flagged)
    for reason in sorted({reason for reason, _ in reasons}):
        print(f"{reason:<58}{reasons[reason, False]:>6}{reasons[reason, True]:>6}")
    for result in results if every else ():
        if result.is_flagged == result.triple.good:
            word = "FALSE ALARM" if result.is_flagged else "MISSED"
            print(f"\n{word} {result.judgement}\n  {result.triple.question}\n  {result.triple.answer}")


def _figure(flags: Sequence[bool]) -> str:
    low, high = share(flags).interval()
    return f"{share(flags).value:.2f} ({low:.2f}-{high:.2f})"


def _reason(result: Result) -> str:
    reason = result.judgement.reason
    return "a number stands in no passage" if reason.startswith("number ") else reason


async def run(options: argparse.Namespace) -> None:
    """Checks every row; grey ones are verified one after another."""
    results = [check(triple) for triple in read_triples(options.data)]
    if options.model:
        async with open_llama(LlamaConfig(options.model, slots=1, kept=0)) as model:
            results = [await verified(result, model) for result in results]
    if options.json:
        print(json.dumps(figures(results)))
    else:
        report(results, every=options.every)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--model", type=Path, help="a GGUF file")
    parser.add_argument("--every", action="store_true", help="print each row that was judged wrongly")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
