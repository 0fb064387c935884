"""What became of every question, counted from what stands in Slack at the end.

lost      neither an answer nor a sentence that says why there is none
twice     two of them
wrong     what stands there is not the whole answer to its latest wording, or it was deleted while it was open and an
          answer stands there all the same
orphans   messages of ours that never came to an end: placeholders, streams that are open, parts that belong to nothing
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.slack.record import NOTICES, Ours, all_ours, is_whole
from benchmarks.slack.traffic import Asked
from core.conversation import Language
from core.texts import translate
from tests.slack_server import SlackServer

UNTOLD = float("inf")


@dataclass(slots=True)
class Verdict:
    """Numbers of questions by what went wrong with them, and what there is to tell beside."""

    questions: int = 0
    deleted: int = 0
    lost: list[int] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    orphans: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)

    @property
    def is_exact(self) -> bool:
        """Whether every question has exactly the one outcome that it should."""
        return not (self.lost or self.twice or self.wrong)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the messages do not tell: whose question an id of ours is, and times on the server's clock.

    `written` by the ts of our messages: their last change. `deleted` by the ts of questions: when the app had
    acknowledged that they were taken back; not there where it never did.
    """

    keys: Mapping[str, str]
    written: Mapping[str, float]
    deleted: Mapping[str, float]


def judge(slack: SlackServer, asked: Mapping[str, Asked], facts: Facts) -> Verdict:
    verdict, messages = Verdict(len(asked)), by_question(slack, asked, facts)
    verdict.deleted = sum(one.is_deleted for one in asked.values())
    for ts, one in asked.items():
        said = messages.pop(ts, [])
        if fault := fault_of(one, said, facts):
            getattr(verdict, fault).append(one.wordings[0].number)
        verdict.notices.update(notice_of(message.body) for message in said if message.is_notice)
        verdict.orphans.update(leftovers(said))
    verdict.orphans["of no question"] += sum(map(len, messages.values()))
    return verdict


def by_question(slack: SlackServer, asked: Mapping[str, Asked], facts: Facts) -> dict[str, list[Ours]]:
    """Our messages by the ts of the question that their text names; where it names none, that they are marked with."""
    numbers = {one.wordings[0].number: ts for ts, one in asked.items()}
    found: defaultdict[str, list[Ours]] = defaultdict(list)
    for message in all_ours(slack):
        marked = facts.keys.get(message.question_id or "", "").rpartition(":")[2]
        found[numbers.get(message.number or 0, marked)].append(message)
    return dict(found)


def fault_of(asked: Asked, said: Sequence[Ours], facts: Facts) -> str | None:
    """Which of lost, twice and wrong it is, if any."""
    endings = [message for message in said if message.is_ending]
    if len(endings) > 1:
        return "twice"
    if asked.is_deleted:
        deleted_at = facts.deleted.get(asked.ts, UNTOLD)
        was_before = all(facts.written.get(message.message.ts, UNTOLD) < deleted_at for message in endings)
        return None if deleted_at == UNTOLD or was_before else "wrong"
    if not endings:
        return "lost"
    return None if endings[0].is_notice or is_whole(parts_of(said), asked.wordings[-1].answer) else "wrong"


def parts_of(said: Sequence[Ours]) -> list[Ours]:
    """The messages that hold the answer: those up to its last part that are not unfinished."""
    last = max((message.part for message in said if message.is_ending), default=-1)
    return [message for message in said if message.part <= last and not message.is_unfinished]


def leftovers(said: Sequence[Ours]) -> Counter[str]:
    """What stands there and belongs to no ending."""
    kept = {message.message.ts for message in parts_of(said)}
    return Counter(_kind(message) for message in said if message.message.ts not in kept)


def _kind(message: Ours) -> str:
    stream = message.message.stream
    if stream is not None and stream.over is None:
        return "open streams"
    return "parts" if message.number is not None else "placeholders"


def notice_of(text: str) -> str:
    """The name in the catalogue of a sentence that was shown."""
    return next((name for name in NOTICES if any(translate(language, name) == text for language in Language)), text)
