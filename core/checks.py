"""Is a completion good enough to be shown? Rules that need no model, in the order in which they are cheap.

The seed's test (length and words of refusal) caught 4 of 37 bad answers; script, echo, loop and numbers that stand in
no passage caught 20, at the same 3 false alarms of 23.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.conversation import Language
from core.documents import Passage
from core.folding import fold, words


class Verdict(StrEnum):
    """What becomes of a completion: shown, shown with a warning, taken as "not found", or not shown."""

    GOOD = "good"
    UNSURE = "unsure"
    REFUSAL = "refusal"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the rule that gave it."""

    verdict: Verdict
    reason: str


REFUSAL_CHARACTERS = 160
_REFUSAL = re.compile(
    r"\b(?:toi khong biet|khong co thong tin|khong (?:duoc )?(?:de cap|neu|noi|quy dinh)|khong tim thay"
    r"|chua co quy dinh"
    r"|i (?:do not|don't|don’t) know|(?:does|do) not (?:say|mention|specify)|no information|not mentioned)"
)
_FOREIGN_SCRIPT = re.compile(r"[\u0400-\u04ff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0600-\u06ff]")
_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")
_NO = re.compile(r"(?:khong|no|none|mien phi|free)\b")
_FIGURE = (
    r"\d|\b(?:mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi|nua|moi|one|two|three|four|five|six|seven|eight|nine|ten|half"
    r"|any|all|every)\b"
)
_FIGURES = (
    (
        r"bao nhieu tien|het bao nhieu|gia bao nhieu|how much",
        r"\d\.\d{3}|\d,\d{3}|\d+ ?(?:trieu|nghin|dong|vnd|usd|k\b|%)",
    ),
    (r"\bbao nhieu\b|\bmay (?:ngay|gio|tieng|thang|nguoi|lan)\b|\bphan tram\b|\bhow (?:many|long)\b", _FIGURE),
)
FIGURES = tuple((re.compile(asked), re.compile(held)) for asked, held in _FIGURES)
"""A question for an amount, and what an answer to it holds; over folded text, the first match counts."""
ENGLISH_CHARACTERS = 40
"""Vietnamese of this length has at least one letter with a mark."""
LOOP_WORDS, LOOP_REPEATS = 4, 3
LOW_CONFIDENCE = -1.2
"""Mean log-probability per token below which a model is guessing (about e**-1.2 = 0.30 per token)."""


def judge(
    text: str, question: str, passages: Sequence[Passage], language: Language, mean_logprob: float | None
) -> Judgement:
    """The verdict on a completion (marks already rewritten or not) for a question and the passages it was given."""
    bare = re.sub(r"\[\d+\]", "", text).strip(" .\n")
    if is_refusal(bare):
        return Judgement(Verdict.REFUSAL, "refusal")
    problem = (
        ("" if words(bare) else "empty")
        or ("foreign script" if _FOREIGN_SCRIPT.search(bare) and not _FOREIGN_SCRIPT.search(question) else "")
        or ("echo of the question" if fold(bare).strip("?. ") == fold(question).strip("?. ") else "")
        or ("loop" if has_loop(bare) else "")
        or ("language" if language is Language.VIETNAMESE and _looks_english(bare) else "")
        or ("no figure where one is asked for" if _lacks_figure(fold(bare), question) else "")
        or _ungrounded_number(bare, question, passages)
    )
    if problem:
        return Judgement(Verdict.POOR, problem)
    if mean_logprob is not None and mean_logprob < LOW_CONFIDENCE:
        return Judgement(Verdict.UNSURE, "low confidence")
    return Judgement(Verdict.GOOD, "passed")


def is_refusal(text: str) -> bool:
    """Whether a completion says that the passages do not say; a long answer with a caveat is none."""
    found = _REFUSAL.search(fold(text))
    return found is not None and (len(text) <= REFUSAL_CHARACTERS or found.start() == 0)


def has_loop(text: str) -> bool:
    """Whether the same run of words stands three times in a row."""
    tokens = words(text)
    for size in range(1, LOOP_WORDS + 1):
        for start in range(len(tokens) - size * LOOP_REPEATS + 1):
            run = tokens[start : start + size]
            if all(tokens[start + size * k : start + size * (k + 1)] == run for k in range(1, LOOP_REPEATS)):
                return True
    return False


def _lacks_figure(folded: str, question: str) -> bool:
    """Whether the question, of a follow-up its own line, asks for an amount that the answer does not hold."""
    asked = fold(question.splitlines()[-1] if question else "")
    held = next((held for pattern, held in FIGURES if pattern.search(asked)), None)
    return held is not None and not held.search(folded) and not _NO.match(folded)


def _looks_english(text: str) -> bool:
    return len(text) > ENGLISH_CHARACTERS and text.isascii()


def _ungrounded_number(text: str, question: str, passages: Sequence[Passage]) -> str:
    """A number of the answer that stands neither in a passage nor in the question, as a reason; else empty."""
    sources = (question, *(f"{passage.heading} {passage.text}" for passage in passages))
    known = {_digits(number) for source in sources for number in _numbers(source)}
    for number in _numbers(text):
        if len(_digits(number)) > 1 and _digits(number) not in known:
            return f"number {number} stands in no passage"
    return ""


def _numbers(text: str) -> list[str]:
    return _NUMBER.findall(text)


def _digits(number: str) -> str:
    """1.000.000, 1,000,000 and 1000000 alike; 17:30 and 17.30 too."""
    return re.sub(r"\D", "", number).lstrip("0") or "0"
