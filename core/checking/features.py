"""What the calibrated model sees of an answer: numbers between 0 and 4, each greater where something is amiss."""

from collections.abc import Mapping

from core.checking import polarity
from core.checking.asks import missing
from core.checking.elsewhere import Elsewhere
from core.checking.equations import false_totals
from core.checking.evidence import Evidence
from core.checking.exceptions import excludes_all, widens
from core.checking.form import lacks_end
from core.checking.founding import Founding
from core.checking.parts import parts_lacking
from core.checking.rates import rates_of
from core.checking.rows import Rows
from core.checking.strangers import strange_names, strange_offices
from core.checking.support import Support
from core.checking.units import DURATION

MOST_COUNTED = 3


def features_of(evidence: Evidence, founding: Founding) -> Mapping[str, float]:
    """The features by name; `core/data/checks.json` has a weight for each."""
    support = Support(evidence)
    gaps = Rows(evidence).gaps()
    says_yes = polarity.asks_whether(evidence) and polarity.says(evidence) > 0
    return {
        "another row by the answer": 0.0 if evidence.is_abroad else gaps.by_answer,
        "another row by the question": gaps.by_question,
        "another name": 0.0 if evidence.is_abroad else gaps.of_names,
        "names in no passage": _counted(len(strange_names(evidence))),
        "offices in no passage": _counted(len(strange_offices(evidence))),
        "denied in the passage": _counted(polarity.contradictions(evidence)),
        "opposite words": _counted(polarity.opposites(evidence)),
        "reckoned without need": _counted(len(founding.unhinted)),
        "total comes out otherwise": _counted(false_totals(evidence.claims)),
        "another rate": float(another_rate(evidence)),
        "all for some": float(widens(evidence) or excludes_all(evidence)),
        "yes for no": float(polarity.says_yes_wrongly(evidence)),
        "kind not held": _counted(missing(evidence)),
        "words in no passage": min(support.unfounded(), MOST_COUNTED),
        "parts lacking": float(parts_lacking(evidence)),
        "another line fits": float(Elsewhere(evidence).fits_better()),
        "yes to what no passage says": support.presumed() * says_yes,
        "a sentence without its end": float(lacks_end(evidence.answer) or evidence.breaks_off),
    }


def another_rate(evidence: Evidence) -> bool:
    """Whether the answer counts by a unit of time ("each month") that no line does, while lines count by others."""
    said = {rate.unit for piece in evidence.said for rate in rates_of(piece.text, strictly=True)} & DURATION
    held = {rate.unit for rate in evidence.rates} | {one.unit for one in evidence.amounts if one.values == (1.0,)}
    return bool(said - held) and bool(held & DURATION)


def _counted(count: int) -> float:
    return float(min(count, MOST_COUNTED))
