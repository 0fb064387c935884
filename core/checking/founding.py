"""Which amounts of an answer stand in what it was given, follow from it, or come from nowhere."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.checking.amounts import Amount, is_about, same
from core.checking.arithmetic import Reckoning, is_close
from core.checking.conditions import excludes
from core.checking.evidence import Evidence
from core.checking.phrases import Phrases
from core.checking.spans import clock_follows, date_follows, spans_of
from core.checking.units import COUNTED, DURATION

SMALL, HALF = 10, 0.5
"""Up to here an answer may count things itself; a half is a way of speaking."""
_ASKED_TO_RECKON = Phrases(
    r"\b(?:tổng|tất cả|cả thảy|cộng lại|hết (?:bao nhiêu|mấy)|còn|chênh|lệch|(?:cao |thấp |nhiều |ít |dài |ngắn "
    r"|sớm |muộn )?hơn|kém"
    r"|mỗi \w+ (?:bao nhiêu|mấy)|kể cả|đủ|kéo dài|đến khi nào|gấp|bao nhiêu phần trăm|mấy phần|total|altogether"
    r"|in all|left"
    r"|remain\w*|difference|more|less|fewer|later|earlier|longer|end|last|cost|whole|until|by how much)\b"
)
_SHOWN = Phrases(r"\b(?:còn lại|tổng|cộng|trừ đi|nhân với|chia cho|total|plus|minus|left|remaining|altogether)\b|[=×]")
_HEDGE = re.compile(r"\b(?:khoang|chung|gan|tam|xap xi|about|around|roughly|nearly|some|almost)\s$")
_YEAR = Phrases(
    r"\b(?:cả|trọn|một|mỗi|suốt|nguyên|hằng|hàng) năm\b|/năm\b"
    r"|\b(?:a|one|whole|full|entire|per|each|every) year\b|\b(?:yearly|annual\w*)\b"
)


@dataclass(frozen=True, slots=True)
class Founding:
    """The amounts of an answer that come from nowhere, and those that can be reckoned though nothing hints at it."""

    nowhere: tuple[Amount, ...]
    unhinted: tuple[Amount, ...]


def founding_of(evidence: Evidence) -> Founding:
    """How an answer comes by its amounts."""
    asked, implied = evidence.question.amounts, _implied(evidence)
    known = [*evidence.amounts, *evidence.rates, *implied, *_next_to_bounds(evidence)]
    apart = [one for one in evidence.said_amounts if not any(same(one, other) for other in (*asked, *known))]
    hedged = {one for piece in evidence.said for one in piece.amounts if _HEDGE.search(piece.text.folded[: one.start])}
    apart = [one for one in apart if not any(is_about(one, other, loosely=one in hedged) for other in (*asked, *known))]
    rest = [one for one in apart if not _is_counted(one, evidence.said_amounts, (*asked, *known))]
    if not rest:
        return Founding((), ())
    told = [one for one in evidence.said_amounts if one not in rest]
    cases = [one for one in asked if not _is_rate(one)]
    known = [*evidence.told_amounts, *evidence.rates, *implied]
    strict = _settle(rest, told, known, near=cases)
    loose = _settle(rest, told, known, near=[*cases, *known]) if strict else []
    has_margin = any("±" in line.piece.text.written for line in evidence.lines)
    is_hinted = has_margin or _ASKED_TO_RECKON.search(evidence.asked.text) or _SHOWN.search(evidence.answer_text)
    return Founding(tuple(loose), () if is_hinted else tuple(one for one in strict if one not in loose))


def _is_rate(amount: Amount) -> bool:
    """Whether it is but "a day" or "one month", by which nothing is multiplied."""
    return amount.values == (1.0,) and amount.unit in DURATION


def _is_counted(amount: Amount, said: Sequence[Amount], given: Sequence[Amount]) -> bool:
    """Whether an amount that stands nowhere counts what the answer lists, or things that nothing else counts."""
    return _is_a_count(amount, given) or _counts_these(amount, said)


def _settle(
    rest: Sequence[Amount],
    told: Sequence[Amount],
    known: Sequence[Amount],
    near: Sequence[Amount],
) -> list[Amount]:
    """What is left of `rest` once all that follows is taken out, what follows being told for the next."""
    left, told, before = list(rest), list(told), -1
    while left and len(left) != before:
        before = len(left)
        for amount in list(left):
            if follows(amount, [*near, *told], known, told):
                left.remove(amount)
                told.append(amount)
    return left


def follows(amount: Amount, near: Sequence[Amount], known: Sequence[Amount], told: Sequence[Amount]) -> bool:
    """Whether an amount can be made of others, one of them near; `told` are those that the answer names."""
    every = [*near, *known]
    if amount.kind == "date":
        return date_follows(amount, near, every) or date_follows(amount, every, near)
    if amount.kind == "clock":
        return clock_follows(amount, every)
    return bool(derivations(amount, near, known, told, first=True))


def derivations(
    amount: Amount, near: Sequence[Amount], known: Sequence[Amount], told: Sequence[Amount], *, first: bool = False
) -> list[tuple[Amount, ...]]:
    """What a number may be made of, each way once; with `first` only one way."""
    if amount.kind != "number":
        return []
    alike = [one for one in told if one.unit == amount.unit and one.kind == "number" and one is not amount]
    if len(alike) > 1 and is_close(sum(one.value for one in alike), amount):
        return [tuple(alike)]
    spans = spans_of([*near, *known])
    if any(same(amount, span) for span in spans):
        return [()]
    ways_of_two = Reckoning(amount, [*near, *spans], known).of_two()
    found: dict[tuple[Amount, ...], None] = {}
    for ways in (ways_of_two, Reckoning(amount, near, known).of_three()):
        for used in ways:
            found[used] = None
            if first:
                return list(found)
    return list(found)


def _is_a_count(amount: Amount, given: Iterable[Amount]) -> bool:
    """Whether the answer counts something, which the texts do not count otherwise."""
    if amount.kind != "number" or amount.value == HALF:
        return amount.kind == "number" and not any(c.isdigit() for c in amount.text)
    is_small = amount.value <= SMALL and amount.value == int(amount.value)
    if not is_small or amount.unit not in COUNTED:
        return False
    return not any(_counts_the_same(amount, other) for other in given)


def _counts_these(amount: Amount, said: Sequence[Amount]) -> bool:
    """Whether it is the number of things that the answer lists: "twice, on 12/3 and 17/9"."""
    groups = Counter((other.kind, other.unit) for other in said if other is not amount)
    return amount.kind == "number" and amount.unit in COUNTED and amount.value in groups.values()


def _counts_the_same(one: Amount, other: Amount) -> bool:
    return one.unit == other.unit and (bool(one.unit) or (one.noun != "" and one.noun == other.noun))


def _implied(evidence: Evidence) -> list[Amount]:
    """What everybody knows: the whole is 100 %; of a year that is asked about, its months."""
    question = evidence.question
    whole = [Amount("number", "100", 0, 0, (100.0,), "percent")]
    if not (_YEAR.search(question.text) or any(amount.unit == "year" for amount in question.amounts)):
        return whole
    return [*whole, *(Amount("number", f"{n}", 0, 0, (float(n),), "month") for n in (1, 12))]


def _next_to_bounds(evidence: Evidence) -> list[Amount]:
    """The whole numbers beside a bound: 7 of "more than 6", 5 of "fewer than 6"."""
    pieces = [*evidence.said, *(line.piece for line in evidence.lines)]
    return [
        replace(amount, values=(amount.value + side,), text="")
        for piece in pieces
        for amount in piece.amounts
        if amount.kind == "number" and (side := excludes(piece.text.folded, amount))
    ]
