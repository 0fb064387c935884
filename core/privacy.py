"""The privacy gate: what may leave the office is decided here, before and after every stage, by code alone.

Two things hold a prompt back: a passage of a space whose label keeps it in the office, and personal data or secrets
in what people typed. The patterns look at text without tone marks, so that a phone's keyboard hides nothing. They are
a net with known holes; the labels are the wall.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from core.documents import Label, Passage, Space
from core.folding import fold
from core.private_data import DETECTORS, Detector

log = logging.getLogger(__name__)


class Reach(IntEnum):
    """How far a prompt may travel: within this process, within the office's network, or outside."""

    PROCESS = 0
    OFFICE = 1
    OUTSIDE = 2


@dataclass(frozen=True, slots=True)
class Clearance:
    """The gate's pass. Every request to a model carries one; a network client refuses a request whose reach is short.

    `reasons` say in short words what held it back, for the log; never what was found.
    """

    reach: Reach
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrivacyGate:
    """Reads everything a prompt is made of and says how far it may go. Fails closed."""

    detectors: Mapping[str, Detector] = field(default_factory=lambda: DETECTORS)

    def clear(self, typed: Iterable[str], passages: Iterable[Passage], spaces: Mapping[str, Space]) -> Clearance:
        """The pass for a prompt made of `typed` texts (question and history) and `passages`.

        A passage of an unknown space, a detector's hit or a detector's fault keeps the prompt in the office.
        """
        passages = tuple(passages)
        held = {f"label {p.label.value}" for p in passages if not _may_leave(p, spaces)}
        private = [p.text for p in passages if p.label is not Label.PUBLIC]
        held |= {kind for text in (*typed, *private) for kind in self._hits(text)}
        return Clearance(Reach.OFFICE, tuple(sorted(held))) if held else Clearance(Reach.OUTSIDE)

    def _hits(self, text: str) -> set[str]:
        try:
            folded = fold(text)
            return {kind for kind, found in self.detectors.items() if found(folded)}
        except Exception:  # any fault at all must close the gate, whatever a detector is made of
            log.exception("a privacy detector failed; the question stays in the office")
            return {"detector failed"}


def _may_leave(passage: Passage, spaces: Mapping[str, Space]) -> bool:
    space = spaces.get(passage.space)
    return space is not None and (space.may_leave or space.label is passage.label is Label.PUBLIC)
