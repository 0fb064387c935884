"""People on Telegram who ask in private and in groups, follow up, think better of it, and want no answer after all."""

import asyncio
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.slack.script import Wording
from benchmarks.telegram.record import Place, ending_of
from tests.telegram_server import TelegramServer

PEOPLE, GROUPS, SUPERGROUPS = 24, 2, 2
PRIVATE, FOLLOW_UPS, MENTIONED = 0.45, 0.25, 0.5
"""The share of questions asked in private; of those that reply to an answer; and of these the share that names us."""
EDITS, STOPS, LONG = 0.12, 0.06, 0.08
BURSTS, BURST = 0.1, 6
"""How often several ask in the same moment, and how many they are."""
LATEST = 4.0
"""Seconds after a question within which it is edited or stopped, mostly sooner."""
COMMAND, WORD = "/huy", "dừng"
"""The two ways to say that no answer is wanted."""


@dataclass(slots=True)
class Asked:
    """A question on Telegram, with all that its asker did to it. `changed` orders the doings of everybody."""

    place: Place
    person: int
    wordings: list[Wording]
    changed: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody asked us in a chat to stop, which means their newest question; `done` as `Asked.changed`."""

    chat: int
    person: int
    done: int


@dataclass
class Traffic:
    """`asked` are all questions, by chat and message. Chance repeats itself; what it meets does not."""

    telegram: TelegramServer
    chance: random.Random
    asked: dict[Place, Asked] = field(default_factory=dict)
    stops: list[Stop] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _doings: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        people = self.telegram.people
        self.people = [people.add_user(f"person {number}", started=True) for number in range(PEOPLE)]
        self.groups = [
            people.add_group(f"group {number}", self.people, supergroup=number >= GROUPS)
            for number in range(GROUPS + SUPERGROUPS)
        ]

    async def flow(self, group: asyncio.TaskGroup, count: int, seconds: float) -> None:
        """So many questions at random moments of the next seconds; what follows from them happens in `group`."""
        left = count
        while left > 0:
            await asyncio.sleep(self.chance.expovariate(count / max(seconds, 0.01)))
            together = min(left, BURST if self.chance.random() < BURSTS else 1)
            left -= together
            for _ in range(together):
                asked = self.ask()
                for wait, change in self._later(asked):
                    group.create_task(_after(wait, change))

    def ask(self) -> Asked:
        """One question, now."""
        wording = Wording(next(self._numbers), 0, self.chance.random() < LONG)
        follow_up = self._an_answered_one() if self.chance.random() < FOLLOW_UPS else None
        asked = self._under(*follow_up, wording) if follow_up else self._anew(wording)
        self.asked[asked.place] = asked
        return asked

    def _anew(self, wording: Wording) -> Asked:
        people, person = self.telegram.people, self.chance.choice(self.people)
        if self.chance.random() < PRIVATE:
            return self._noted(person, person, people.tell(person, wording.text), wording)
        chat = self.chance.choice(self.groups)
        return self._noted(chat, person, people.ask(person, chat, wording.text), wording)

    def _under(self, answered: Asked, answer: int, wording: Wording) -> Asked:
        """A reply to the answer, by whoever asked for it."""
        people, person, chat = self.telegram.people, answered.person, answered.place[0]
        say = people.ask if chat in self.groups and self.chance.random() < MENTIONED else people.say
        return self._noted(chat, person, say(person, chat, wording.text, reply_to=answer), wording)

    def _noted(self, chat: int, person: int, message: int, wording: Wording) -> Asked:
        return Asked((chat, message), person, [wording], next(self._doings))

    def _an_answered_one(self) -> tuple[Asked, int] | None:
        """One of the last questions, and the message of its answer, if there is one."""
        lately = list(itertools.islice(reversed(self.asked.values()), 60))
        one = self.chance.choice(lately) if lately else None
        answer = ending_of(self.telegram, one.place) if one else None
        return (one, answer.id) if one and answer else None

    def _later(self, asked: Asked) -> Iterator[tuple[float, Callable[[], None]]]:
        if self.chance.random() < EDITS:
            yield self._soon(), lambda: self.edit(asked)
        if self.chance.random() < STOPS:
            yield self._soon(), lambda: self.stop(asked)

    def _soon(self) -> float:
        return LATEST * self.chance.random() ** 3

    def edit(self, asked: Asked) -> None:
        before = asked.wordings[-1]
        wording = Wording(before.number, before.version + 1, self.chance.random() < LONG)
        text = self.telegram.message(*asked.place).text.replace(before.text, wording.text)
        asked.wordings.append(wording)
        asked.changed = next(self._doings)
        self.telegram.people.edit(asked.person, *asked.place, text)

    def stop(self, asked: Asked) -> None:
        """By the command, or by a word, which in groups names us: else we would not hear of it."""
        people, (chat, _), person = self.telegram.people, asked.place, asked.person
        self.stops.append(Stop(chat, person, next(self._doings)))
        if self.chance.random() < MENTIONED:
            people.say(person, chat, f"{COMMAND}{people.mention}" if chat in self.groups else COMMAND)
        elif chat in self.groups:
            people.ask(person, chat, WORD)
        else:
            people.say(person, chat, WORD)


async def _after(seconds: float, change: Callable[[], None]) -> None:
    await asyncio.sleep(seconds)
    change()
