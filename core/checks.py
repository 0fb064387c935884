"""Is a completion good enough to be shown? Rules first, in the order of their price, then a small calibrated model.

The seed's test (length and words of refusal) caught 4 of 37 bad answers; script, echo, loop and numbers that stand in
no passage caught 20, at the same 3 false alarms of 23. `python -m benchmarks.checks` measures what is caught now.
Where the model is not sure, an answer is grey: `core.verification` may ask a local model about it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.checking.coverage import is_belied
from core.checking.equations import false_sums
from core.checking.evidence import Evidence, obeys
from core.checking.features import features_of
from core.checking.form import form_problem, has_loop, is_cut
from core.checking.founding import Founding, founding_of
from core.checking.refusals import MARK, is_refusal
from core.checking.scoring import scorer
from core.conversation import Language
from core.documents import Passage
from core.ports import Finish

__all__ = ["LOW_CONFIDENCE", "Judgement", "Verdict", "examine", "has_loop", "is_refusal", "judge", "verdict_at"]


class Verdict(StrEnum):
    """What becomes of a completion: shown, shown with a warning, taken as "not found", or not shown."""

    GOOD = "good"
    UNSURE = "unsure"
    REFUSAL = "refusal"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the rule that gave it. `p_good` is None where a rule decided.

    `is_grey`: the model is not sure; without a word from `core.verification` the verdict stands.
    """

    verdict: Verdict
    reason: str
    p_good: float | None = None
    is_grey: bool = False


LOW_CONFIDENCE = -1.2
"""Mean log-probability per token below which a model is guessing (about e**-1.2 = 0.30 per token)."""
USUAL_CONFIDENCE, USUAL_LEAST = -0.4, -4.0
"""Mean and least log-probability per token of answers that are nothing special."""
NEAR, HELD = 0.05, 0.4
"""`SearchResult.nearness` and `coverage` below both of which the search found nothing near the question."""
_MARK = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known beside the texts, None where it is not: log-probabilities, and how near the search came."""

    mean_logprob: float | None = None
    min_logprob: float | None = None
    nearness: float | None = None
    coverage: float | None = None

    def features(self) -> Mapping[str, float]:
        """As features; nothing unknown is held against an answer."""
        mean = USUAL_CONFIDENCE if self.mean_logprob is None else self.mean_logprob
        least = USUAL_LEAST if self.min_logprob is None else self.min_logprob
        is_far = (
            self.nearness is not None and self.coverage is not None and self.nearness < NEAR and self.coverage < HELD
        )
        return {
            "low confidence": min(1.0, max(0.0, USUAL_CONFIDENCE - mean)),
            "an unlikely word": min(1.0, max(0.0, USUAL_LEAST - least) / -USUAL_LEAST),
            "nothing near was found": float(is_far),
        }


def judge(
    text: str,
    question: str,
    passages: Sequence[Passage],
    language: Language,
    mean_logprob: float | None,
    *,
    finish: Finish = Finish.STOP,
    min_logprob: float | None = None,
    nearness: float | None = None,
    coverage: float | None = None,
) -> Judgement:
    """The verdict on a completion (marks already rewritten or not) for a question and the passages it was given.

    `nearness` and `coverage` are those of the `SearchResult`. Pure; takes milliseconds.
    """
    seen = examine(text, question, passages, language)
    if isinstance(seen, Judgement):
        return seen
    signals = Signals(mean_logprob, min_logprob, nearness, coverage)
    judgement = by_probability({**seen, **signals.features()})
    if judgement.verdict is not Verdict.GOOD:
        return judgement
    if finish is not Finish.STOP:
        return Judgement(Verdict.UNSURE, "cut off", judgement.p_good)
    if mean_logprob is not None and mean_logprob < LOW_CONFIDENCE:
        return doubted("low confidence")
    return judgement


def examine(
    text: str, question: str, passages: Sequence[Passage], language: Language
) -> Judgement | Mapping[str, float]:
    """The verdict where a rule decides, else the features for the calibrated model."""
    bare = MARK.sub("", text).strip()
    if problem := form_problem(bare, question, language):
        return Judgement(Verdict.POOR, problem)
    evidence = Evidence(text, question, passages)
    if is_refusal(bare):
        return _judge_refusal(evidence)
    founding = founding_of(evidence)
    if problem := next(_problems(text, bare, evidence, founding), ""):
        return Judgement(Verdict.POOR, problem)
    return features_of(evidence, founding)


def _judge_refusal(evidence: Evidence) -> Judgement:
    """An honest "the documents do not say" is one only where they do not say."""
    if is_belied(evidence):
        return Judgement(Verdict.POOR, "refusal although the passages deal with the question")
    return Judgement(Verdict.REFUSAL, "refusal")


def _problems(text: str, bare: str, evidence: Evidence, founding: Founding) -> Iterator[str]:
    """What alone makes an answer poor, as it is found."""
    if any(not 0 < int(number) <= len(evidence.headings) for number in _MARK.findall(text)):
        yield "mark of no passage"
    if is_cut(bare):
        yield "cut off"
    if obeys(evidence):
        yield "order of a passage obeyed"
    for equation in false_sums(evidence.answer_text):
        yield f"sum comes out otherwise: {equation}"
    for amount in founding.nowhere:
        yield f"number {amount.text} stands in no passage"


def by_probability(features: Mapping[str, float]) -> Judgement:
    """The verdict of the calibrated model."""
    model = scorer()
    p_good = model.p_good(features)
    return verdict_at(p_good, "passed" if p_good >= model.thresholds.good else model.worst(features))


def doubted(reason: str) -> Judgement:
    """The judgement on an answer that a doubt from elsewhere takes into the grey zone."""
    limits = scorer().thresholds
    return Judgement(Verdict.UNSURE, reason, (limits.poor + limits.good) / 2, is_grey=True)


def verdict_at(p_good: float, reason: str) -> Judgement:
    """The verdict at a probability; between "not shown" and "sure" it is grey."""
    limits = scorer().thresholds
    is_grey = limits.poor <= p_good < limits.sure
    if p_good >= limits.good:
        return Judgement(Verdict.GOOD, reason, p_good, is_grey)
    return Judgement(Verdict.UNSURE if p_good >= limits.poor else Verdict.POOR, reason, p_good, is_grey)
