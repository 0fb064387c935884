"""What became of every question, counted from what stands in Telegram at the end.

lost         neither an answer nor a sentence that says why there is none
twice        two of them
wrong        what stands there is not the whole answer to its latest wording, or says that it was stopped and nobody
             who asked it wanted that after its latest wording
overstopped  one word of somebody's stopped more than one of their questions
orphans      messages of ours that never came to an end: placeholders, parts that belong to nothing
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.slack.verdict import notice_of
from benchmarks.telegram.record import Ours, Place, all_ours, is_whole
from benchmarks.telegram.traffic import Asked, Stop, Traffic
from tests.telegram_server import TelegramServer

MOST_ORPHANS = 0.02
"""Of all questions, the share that may leave something behind: bots cannot look for what they have lost."""
STOPPED = "inbox.stopped"
LATELY = 30
"""Updates that a story tells, the last ones."""
SIGNS = 160
"""Of each text that was shown."""


@dataclass(slots=True)
class Verdict:
    """Numbers of questions by what went wrong with them, and what there is to tell beside."""

    questions: int = 0
    lost: list[int] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    overstopped: int = 0
    orphans: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)

    @property
    def faults(self) -> list[int]:
        return [*self.lost, *self.twice, *self.wrong]

    @property
    def is_exact(self) -> bool:
        """Whether every question has exactly the one outcome that it should, and little else is left."""
        is_tidy = self.orphans.total() <= MOST_ORPHANS * self.questions
        return is_tidy and not (self.faults or self.overstopped)


def judge(telegram: TelegramServer, traffic: Traffic) -> Verdict:
    asked = traffic.asked
    verdict, messages = Verdict(len(asked)), by_question(telegram, asked)
    stopped: Counter[tuple[int, int]] = Counter()
    for place, one in asked.items():
        said = messages.pop(place, [])
        if fault := fault_of(one, said, traffic.stops):
            getattr(verdict, fault).append(one.wordings[0].number)
        notices = [notice_of(message.body) for message in said if message.is_notice]
        verdict.notices.update(notices)
        stopped[place[0], one.person] += STOPPED in notices
        verdict.orphans.update(leftovers(said))
    verdict.orphans["of no question"] += sum(map(len, messages.values()))
    verdict.overstopped = (stopped - Counter((stop.chat, stop.person) for stop in traffic.stops)).total()
    return verdict


def by_question(telegram: TelegramServer, asked: Mapping[Place, Asked]) -> dict[Place, list[Ours]]:
    """Our messages by the question that their text names; where it names none, that they reply to. Without notes."""
    numbers = {one.wordings[0].number: place for place, one in asked.items()}
    found: defaultdict[Place, list[Ours]] = defaultdict(list)
    for message in all_ours(telegram):
        if not message.is_note:
            found[numbers.get(message.number or 0, message.asked)].append(message)
    return dict(found)


def fault_of(asked: Asked, said: Sequence[Ours], stops: Sequence[Stop]) -> str | None:
    """Which of lost, twice and wrong it is, if any."""
    endings = [message for message in said if message.is_ending]
    if len(endings) > 1:
        return "twice"
    if not endings:
        return "lost"
    if not endings[0].is_notice:
        return None if is_whole(parts_of(said), asked.wordings[-1].answer) else "wrong"
    is_wanted = notice_of(endings[0].body) != STOPPED or any(
        (stop.chat, stop.person) == (asked.place[0], asked.person) and stop.done > asked.changed for stop in stops
    )
    return None if is_wanted else "wrong"


def parts_of(said: Sequence[Ours]) -> list[Ours]:
    """The messages that hold the outcome, as they stand below each other: up to the last one that is finished."""
    last = max((message.message.id for message in said if message.is_ending), default=0)
    return [message for message in said if message.message.id <= last and not message.is_unfinished]


def leftovers(said: Sequence[Ours]) -> Counter[str]:
    """What stands there and belongs to no ending."""
    kept = {message.place for message in parts_of(said)}
    return Counter(_kind(message) for message in said if message.place not in kept)


def story_of(telegram: TelegramServer, traffic: Traffic, number: int) -> str:
    """All that is known of a question that went wrong: who did what, what came of it, what stands there."""
    one = next(one for one in traffic.asked.values() if one.wordings[0].number == number)
    chat, asked = one.place
    stops = [stop.done for stop in traffic.stops if (stop.chat, stop.person) == (chat, one.person)]
    updates = [
        f"{update.id} {update.kind} {update.body.get('text', '')[:40]!r} handed out {update.sent} times"
        for update in telegram.updates.all
        if update.body.get("chat", {}).get("id") == chat and update.body.get("from", {}).get("id") == one.person
    ]
    said = by_question(telegram, traffic.asked).get(one.place, [])
    lines = [
        f"question {number}: message {asked} of chat {chat}, changed at {one.changed}, stops at {stops}",
        f"{one.wordings}",
        *updates[-LATELY:],
        *(f"ours {each.message.id} {sorted(each.actions)} {shortened(each.message.shown)}" for each in said),
    ]
    return "\n  ".join(lines)


def shortened(texts: Sequence[str]) -> list[str]:
    """The beginning and the end of each."""
    return [text if len(text) <= SIGNS else f"{text[: SIGNS // 2]} ... {text[-SIGNS // 2 :]}" for text in texts]


def _kind(message: Ours) -> str:
    return "parts" if message.number is not None else "placeholders"
