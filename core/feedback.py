"""Feedback: one changeable vote for each person and answer, and what training learns from it.

An export is JSON Lines in the shapes that TRL reads: "sft" (prompt, completion) and "kto" (prompt, completion, label).
The prompt is the list of messages as served, passages included, so that a model is trained on what it will see.
"""

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TextIO

from core.errors import SotayError
from core.privacy import LONGEST
from core.private_data import Source, kinds_in
from core.store.database import Database
from core.store.feedback import Feedback, FeedbackRepository, Sample

__all__ = ["ExportSummary", "Feedback", "FeedbackBook", "Kind"]

VOTES: Final = (-1, 0, 1)


class Kind(StrEnum):
    """What an export is for."""

    SFT = "sft"
    KTO = "kto"


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """How many samples were written, and how many were left out by reason.

    `declined`: the person does not want to be learnt from. `confidential`: something in the prompt came from a
    confidential space. `private`: something in it is data or a matter of a person. `unasked`: no model was asked.
    `undecided`: no vote or correction that this kind of export can use, or a rejected one. `repeated`: another
    person's feedback gave the same sample.
    """

    written: int = 0
    declined: int = 0
    confidential: int = 0
    private: int = 0
    unasked: int = 0
    undecided: int = 0
    repeated: int = 0


class FeedbackBook:
    """What people say of answers. What changes it raises SotayError for an answer that is not there."""

    def __init__(self, database: Database) -> None:
        self._rows = FeedbackRepository(database)

    async def vote(self, answer_id: str, person: str, value: int, at: datetime | None = None) -> bool:
        """1 for good, -1 for bad, 0 to take the vote back; a later vote replaces it. Others raise SotayError.

        `at` is the platform's time of it, for platforms that deliver twice or out of order: what is no later than the
        vote that is known changes nothing. Returns whether the vote is now another than before.
        """
        if value not in VOTES:
            raise SotayError("feedback.bad_vote", value=value)
        given = Feedback(answer_id, person, vote=value)
        return self._known(given, await self._rows.put_vote(given, at))

    async def retract(self, answer_id: str, person: str, value: int, at: datetime) -> bool:
        """Takes the vote back if it is `value`, and leaves another one; whether it was taken back.

        `at` as in `vote`. One that comes before the vote it takes back is remembered.
        """
        given = Feedback(answer_id, person, vote=0)
        return self._known(given, await self._rows.put_vote(given, at, instead_of=value))

    async def explain(self, answer_id: str, person: str, reason: str) -> None:
        """Why; a later reason replaces it. The vote stays as it is."""
        await self._put(Feedback(answer_id, person, reason=reason), "reason")

    async def correct(self, answer_id: str, person: str, text: str) -> None:
        """What the answer should have been; a later correction replaces it. The vote stays as it is."""
        await self._put(Feedback(answer_id, person, correction=text), "correction")

    async def given(self, answer_id: str, person: str) -> Feedback | None:
        """What this person has said of this answer so far."""
        return await self._rows.get(answer_id, person)

    async def _put(self, given: Feedback, field: str) -> None:
        self._known(given, await self._rows.put(given, field) or None)

    @staticmethod
    def _known(given: Feedback, changed: bool | None) -> bool:
        if changed is None:
            raise SotayError("feedback.unknown_answer", answer_id=given.answer_id)
        return changed

    async def export(self, kind: str, out: TextIO, *, confidential: bool = False) -> ExportSummary:
        """Write one line of JSON for each sample to `out`, a few in memory at a time.

        What touches a confidential space, and what holds private data, is left out unless `confidential` is set; what
        comes from people who do not want to be learnt from, always. Raises SotayError for an unknown `kind`.
        """
        if kind not in tuple(Kind):
            raise SotayError("feedback.bad_kind", kind=kind)
        export = Export(Kind(kind), out, confidential=confidential)
        async for sample in self._rows.samples():
            export.take(sample)
        return ExportSummary(**export.counts)


class Export:
    """One export under way. Samples must come in the order of their answers."""

    def __init__(self, kind: Kind, out: TextIO, *, confidential: bool) -> None:
        self.counts: Counter[str] = Counter()
        self._kind = kind
        self._out = out
        self._confidential = confidential
        self._answer_id = ""
        self._completions: set[str] = set()

    def take(self, sample: Sample) -> None:
        fate = self._fate(sample)
        self.counts[fate] += 1
        if fate == "written":
            self._out.write(json.dumps(to_record(sample, self._kind), ensure_ascii=False) + "\n")

    def _fate(self, sample: Sample) -> str:
        completion = completion_of(sample, self._kind)
        if sample.declined:
            return "declined"
        if sample.confidential and not self._confidential:
            return "confidential"
        if not sample.prompt:
            return "unasked"
        if completion is None:
            return "undecided"
        if not self._confidential and is_private(sample):
            return "private"
        return "repeated" if self._kind is Kind.SFT and self._repeats(sample, completion) else "written"

    def _repeats(self, sample: Sample, completion: str) -> bool:
        if sample.feedback.answer_id != self._answer_id:
            self._answer_id = sample.feedback.answer_id
            self._completions.clear()
        repeats = completion in self._completions
        self._completions.add(completion)
        return repeats


def is_private(sample: Sample) -> bool:
    """Whether the privacy gate would keep anything of the sample in the office for what it says of people."""
    typed = (sample.question, sample.feedback.correction or "")
    prompt = (message["content"] for message in sample.prompt[-1:])
    passages = (f"{passage.title}\n{passage.heading}\n{passage.text}" for passage in sample.passages)
    drawn = (*prompt, sample.answer, *passages)
    texts = [*((text, Source.TYPED) for text in typed), *((text, Source.DOCUMENT) for text in drawn)]
    return any(len(text) > LONGEST or kinds_in(text, source) for text, source in texts)


def completion_of(sample: Sample, kind: Kind) -> str | None:
    """What a model should have said (sft) or did say (kto); None when the feedback does not tell."""
    given = sample.feedback
    if kind is Kind.KTO:
        return sample.answer if given.vote else None
    return given.correction or (sample.answer if given.vote > 0 else None)


def to_record(sample: Sample, kind: Kind) -> dict[str, object]:
    """The sample in the shape of its kind, what it was made of beside it. `hash` covers what is trained on."""
    given = sample.feedback
    trained: dict[str, object] = {
        "prompt": list(sample.prompt),
        "completion": [{"role": "assistant", "content": completion_of(sample, kind)}],
    }
    if kind is Kind.KTO:
        trained["label"] = given.vote > 0
    return trained | {
        "passages": [asdict(passage) for passage in sample.passages],
        "answer": sample.answer,
        "model": sample.model,
        "route": sample.route,
        "vote": given.vote,
        "correction": given.correction,
        "question": sample.question,
        "language": sample.language,
        "answer_id": given.answer_id,
        "hash": hashlib.sha256(json.dumps(trained, sort_keys=True).encode()).hexdigest(),
    }
