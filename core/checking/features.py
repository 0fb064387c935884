"""What the calibrated model sees of an answer: numbers between 0 and 4, each greater where something is amiss."""

from collections.abc import Mapping

from core.checking import polarity
from core.checking.asks import missing
from core.checking.evidence import Evidence
from core.checking.form import lacks_end
from core.checking.founding import Founding
from core.checking.reading import rates_of
from core.checking.rows import Rows
from core.checking.strangers import strange_names, strange_offices
from core.checking.support import Support
from core.checking.units import DURATION

CLEAR_GAP = 0.25
"""From this gap on another row fits better."""
MOST_COUNTED = 3


def features_of(evidence: Evidence, founding: Founding) -> Mapping[str, float]:
    """The features by name; `core/data/checks.json` has a weight for each."""
    support = Support(evidence)
    gaps = Rows(evidence).gaps()
    unheld, untouched = missing(evidence)
    says_yes = polarity.asks_whether(evidence) and polarity.says(evidence) > 0
    return {
        "another row by the answer": gaps.by_answer,
        "another row by the question": gaps.by_question,
        "another name": 0.0 if evidence.is_abroad else gaps.of_names,
        "another row": float(gaps.by_answer > CLEAR_GAP) + float(gaps.by_question > CLEAR_GAP),
        "names in no passage": _counted(len(strange_names(evidence))),
        "offices in no passage": _counted(len(strange_offices(evidence))),
        "denied in the passage": _counted(polarity.contradictions(evidence)),
        "opposite words": _counted(polarity.opposites(evidence)),
        "reckoned without need": _counted(len(founding.unhinted)),
        "another rate": float(another_rate(evidence)),
        "all for some": float(polarity.widens(evidence)),
        "yes for no": float(polarity.says_yes_wrongly(evidence)),
        "kind not held": _counted(unheld),
        "part not answered": _counted(untouched),
        "words in no passage": min(support.unknown_weight(), MOST_COUNTED),
        "nothing new": float(support.nothing_new() and not polarity.asks_whether(evidence)),
        "yes to what no passage says": support.presumed() * says_yes,
        "another case": float(support.another_case()),
        "a sentence without its end": float(lacks_end(evidence.answer)),
    }


def another_rate(evidence: Evidence) -> bool:
    """Whether the answer counts by a unit of time ("each month") that no line does, while lines count by others."""
    said = {rate.unit for piece in evidence.said for rate in rates_of(piece.text, strictly=True)} & DURATION
    held = {rate.unit for rate in evidence.rates} | {one.unit for one in evidence.amounts if one.values == (1.0,)}
    return bool(said - held) and bool(held & DURATION)


def _counted(count: int) -> float:
    return float(min(count, MOST_COUNTED))
