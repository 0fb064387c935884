"""What became of every question, counted from the platform's own record.

lost      it was delivered, and no outcome stands there
twice     two messages hold an outcome for the same part of it
wrong     what stands there is not the answer to its latest wording, or it was deleted while it was open and
          something of it stands there all the same
orphans   messages of ours that never came to an outcome and were not taken away
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.crash.chat import Asked, Chat, LastWord
from core.conversation import Language
from core.texts import translate

NOTICES = ("inbox.gave_up", "answer.too_late", "inbox.broken", "inbox.stopped")
MOST_ORPHANS = 0.02
LONGEST_STAND = 60.0
"""Seconds in which a placeholder comes to an outcome, whatever crashes meanwhile."""


@dataclass(slots=True)
class Verdict:
    """Keys of questions by what went wrong with them, and what there is to tell beside. Times are seconds."""

    questions: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    orphans: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    unacknowledged: int = 0
    longest_stand: float = 0.0

    @property
    def orphan_share(self) -> float:
        return self.orphans.total() / self.questions if self.questions else 0.0

    @property
    def is_exact(self) -> bool:
        """Whether every question has exactly the one outcome that it should."""
        return not (self.lost or self.twice or self.wrong or self.unacknowledged)

    @property
    def is_tidy(self) -> bool:
        """Whether hardly anything unfinished stands there, and never for long."""
        return self.orphan_share <= MOST_ORPHANS and self.longest_stand < LONGEST_STAND


def judge(chat: Chat) -> Verdict:
    verdict = Verdict(len(chat.asked), unacknowledged=len(chat.unacked))
    words = last_words(chat)
    for asked in chat.asked.values():
        said = words[asked.key]
        verdict.failures.update(notice_of(word.text) for word in said if word.is_failure)
        for fault in faults(asked, said):
            getattr(verdict, fault).append(asked.key)
    for (surface, _), messages in chat.places.items():
        verdict.orphans[surface] += sum(message.is_unfinished for message in messages)
    stands = [message.settled_at - message.posted_at for message in chat.of_ours() if message.settled_at]
    verdict.longest_stand = max(stands, default=0.0)
    return verdict


def last_words(chat: Chat) -> defaultdict[str, list[LastWord]]:
    """What stands there now, by the question that it stands for, in the order of parts."""
    words: defaultdict[str, list[LastWord]] = defaultdict(list)
    for message in chat.of_ours():
        if message.last_word:
            words[message.last_word.key].append(message.last_word)
    for said in words.values():
        said.sort(key=lambda word: word.part)
    return words


def faults(asked: Asked, said: Sequence[LastWord]) -> list[str]:
    """Which of lost, twice and wrong it is, if any."""
    parts = Counter(word.part for word in said)
    if any(count > 1 for count in parts.values()):
        return ["twice"]
    if asked.deletion:
        return [] if not said or was_before(asked, said) else ["wrong"]
    if not said:
        return ["lost"]
    return [] if is_notice(said) or is_answer(said, asked.wordings[-1].answer) else ["wrong"]


def was_before(asked: Asked, said: Sequence[LastWord]) -> bool:
    """Whether the question had its whole outcome before its deletion was acknowledged: then that stays."""
    deleted_at = asked.deletion.acked_at if asked.deletion else None
    is_whole = is_notice(said) or any(is_answer(said, wording.answer) for wording in asked.wordings)
    return is_whole and deleted_at is not None and all(word.at < deleted_at for word in said)


def is_notice(said: Sequence[LastWord]) -> bool:
    return len(said) == 1 and said[0].is_failure and said[0].part == 0


def is_answer(said: Sequence[LastWord], answer: str) -> bool:
    return not any(word.is_failure for word in said) and "".join(word.text for word in said) == answer


def notice_of(text: str) -> str:
    """The name in the catalogue of a sentence that was shown."""
    return next((name for name in NOTICES if any(translate(language, name) == text for language in Language)), text)
