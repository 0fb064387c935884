"""People in Slack who ask in channels and in private, follow up, think better of it, and take it back."""

import asyncio
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from benchmarks.slack.record import ending_under
from benchmarks.slack.script import Wording
from tests.slack_server import SlackServer

CHANNELS, PEOPLE = 4, 24
DIRECT, FOLLOW_UPS, MENTIONED = 0.35, 0.25, 0.5
"""The share of questions said to us alone; of those under an answer; and of these the share that names us again."""
EDITS, DELETIONS, LONG = 0.12, 0.06, 0.08
BURSTS, BURST = 0.1, 6
"""How often several ask in the same moment, and how many they are."""
LATEST = 4.0
"""Seconds after a question within which it is edited or deleted, mostly sooner."""


@dataclass(slots=True)
class Asked:
    """A question in Slack, with all that its asker did to it. `root` is the message that its thread begins with."""

    ts: str
    root: str
    channel: str
    person: str
    wordings: list[Wording]
    is_deleted: bool = False


@dataclass
class Traffic:
    """`asked` are all questions, by their ts. Chance repeats itself; what it meets does not."""

    slack: SlackServer
    chance: random.Random
    asked: dict[str, Asked] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        people = self.slack.people
        self.people = [people.add_user(f"person {number}") for number in range(PEOPLE)]
        self.channels = [people.add_channel(f"channel-{number}", self.people) for number in range(CHANNELS)]

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
        asked = self._under(follow_up, wording) if follow_up else self._anew(wording)
        self.asked[asked.ts] = asked
        return asked

    def _anew(self, wording: Wording) -> Asked:
        people, person = self.slack.people, self.chance.choice(self.people)
        if self.chance.random() < DIRECT:
            channel = people.im(person)
            ts = people.say(person, channel, wording.text)
        else:
            channel = self.chance.choice(self.channels)
            ts = people.ask(person, channel, wording.text)
        return Asked(ts, ts, channel, person, [wording])

    def _under(self, answered: Asked, wording: Wording) -> Asked:
        """In the thread of an answer, by whoever asked there first."""
        people, channel, person, root = self.slack.people, answered.channel, answered.person, answered.root
        names_us = self.chance.random() < MENTIONED
        say = people.ask if names_us and channel in self.channels else people.say
        ts = say(person, channel, wording.text, thread_ts=root)
        return Asked(ts, root, channel, person, [wording])

    def _an_answered_one(self) -> Asked | None:
        """One of the last questions, if an answer stands in its thread."""
        lately = list(itertools.islice(reversed(self.asked.values()), 60))
        one = self.chance.choice(lately) if lately else None
        return one if one and ending_under(self.slack, one.channel, one.root) and self._stands(one.root) else None

    def _stands(self, root: str) -> bool:
        return root in self.asked and not self.asked[root].is_deleted

    def _later(self, asked: Asked) -> Iterator[tuple[float, Callable[[], None]]]:
        if self.chance.random() < EDITS:
            yield self._soon(), lambda: self._edit(asked)
        if self.chance.random() < DELETIONS:
            yield self._soon(), lambda: self._delete(asked)

    def _soon(self) -> float:
        return LATEST * self.chance.random() ** 3

    def _edit(self, asked: Asked) -> None:
        if asked.is_deleted:
            return
        before = asked.wordings[-1]
        wording = Wording(before.number, before.version + 1, self.chance.random() < LONG)
        text = self.slack.message(asked.ts).text.replace(before.text, wording.text)
        asked.wordings.append(wording)
        self.slack.people.edit(asked.person, asked.ts, text)

    def _delete(self, asked: Asked) -> None:
        asked.is_deleted = True
        self.slack.people.delete(asked.person, asked.ts)


async def _after(seconds: float, change: Callable[[], None]) -> None:
    await asyncio.sleep(seconds)
    change()
