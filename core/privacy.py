"""The privacy gate: what may leave the office is decided here, before and after every stage, by code alone.

Three things hold a prompt back: a passage of a space whose label keeps it in the office, private data or secrets in
what people typed, and the same in a passage that could leave by its label. What is private is read from the text with
and without its tone marks, so that a phone's keyboard hides nothing. That is a net with known holes; the labels are the
wall.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from core.conversation import ATTACHED
from core.documents import Label, Passage, Space
from core.private_data import Source, kinds_in

log = logging.getLogger(__name__)

LONGEST = 10_000
"""Characters of one text that are read; a longer one stays in the office unread."""
Detector = Callable[[str, Source], Collection[str]]
"""Names the private kinds in a text, in words that an administrator understands."""


class Reach(IntEnum):
    """How far a prompt may travel: within this process, within the office's network, or outside."""

    PROCESS = 0
    OFFICE = 1
    OUTSIDE = 2


@dataclass(frozen=True, slots=True)
class Clearance:
    """The gate's pass. Every request to a model carries one; a network client refuses a request whose reach is short.

    `reasons` say in short words what held it back and where that stands, e.g. "phone (the history)", for the log and
    the record; never what was found.
    """

    reach: Reach
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrivacyGate:
    """Reads everything a prompt is made of and says how far it may go. Fails closed."""

    detect: Detector = kinds_in

    def clear(self, typed: Iterable[str], passages: Iterable[Passage], spaces: Mapping[str, Space]) -> Clearance:
        """The pass for a prompt made of `typed` texts (the question first, then history) and `passages`.

        A passage of an unknown space, a detector's hit or a detector's fault keeps the prompt in the office.
        """
        held = {*self._typed(typed), *self._drawn_on(passages, spaces)}
        return Clearance(Reach.OFFICE, tuple(sorted(held))) if held else Clearance(Reach.OUTSIDE)

    def _typed(self, texts: Iterable[str]) -> Iterator[str]:
        for number, text in enumerate(texts):
            where = "the history" if number else "the question"
            yield from (f"{kind} ({where})" for kind in self._kinds(text, Source.TYPED))

    def _drawn_on(self, passages: Iterable[Passage], spaces: Mapping[str, Space]) -> Iterator[str]:
        """What holds the passages back; one that is held by its label need not be read."""
        for passage in passages:
            is_attached = passage.space == ATTACHED
            where = "an attached file" if is_attached else f"a passage of space {passage.space}"
            if is_attached:
                yield f"label {passage.label.value} ({where})"
            elif passage.space not in spaces:
                yield f"unknown space ({where})"
            elif not _may_leave(passage, spaces[passage.space]):
                yield f"label {passage.label.value} ({where})"
            else:
                source = Source.PUBLIC if passage.label is Label.PUBLIC else Source.DOCUMENT
                text = f"{passage.title}\n{passage.heading}\n{passage.text}"
                yield from (f"{kind} ({where})" for kind in self._kinds(text, source))

    def _kinds(self, text: str, source: Source) -> Collection[str]:
        if len(text) > LONGEST:
            return {"too long to be read"}
        try:
            return self.detect(text, source)
        except Exception:  # any fault at all must close the gate, whatever a detector is made of
            log.exception("a privacy detector failed; the question stays in the office")
            return {"detector failed"}


def _may_leave(passage: Passage, space: Space) -> bool:
    return space.may_leave or space.label is passage.label is Label.PUBLIC
