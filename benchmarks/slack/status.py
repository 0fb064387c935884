"""How soon people see that they have been heard, the first words, and the end: our own time, without any limits."""

import time
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.figures import Figure, percentile
from benchmarks.slack.desk import Desk, open_desk
from benchmarks.slack.record import delivered_at, seen_under
from benchmarks.slack.script import PlayedModel
from tests.slack_server import Rates

MOST_MS = 300.0
MODEL_SECONDS, PIECES = 0.3, 2
"""Two pieces: the first 40 characters of an answer are held back, lest it be a refusal, and that is no time of ours."""
PEOPLE, CHANNELS = 60, 60
"""Many, so that no channel comes near the one message a second that it bears."""
REFUSED = "feature_disabled"


@dataclass
class Times:
    """When the model said its first and its last words, by the number of the question."""

    first: dict[int, float] = field(default_factory=dict)
    last: dict[int, float] = field(default_factory=dict)

    def note(self, what: Literal["first", "last"], number: int) -> None:
        {"first": self.first, "last": self.last}[what][number] = time.monotonic()


@dataclass(frozen=True, slots=True)
class Case:
    """Questions come in `rounds`, each when the one before is answered, of so many `at_once`."""

    name: str
    rounds: int
    at_once: int = 1
    slots: int = 4
    has_status_line: bool = True


def cases(questions: int, at_once: int) -> list[Case]:
    rounds = max(1, questions // at_once)
    return [
        Case("one after another", questions),
        Case("one after another, no status line", questions, has_status_line=False),
        Case(f"{at_once} at once, a slot for each", rounds, at_once, at_once),
        Case(f"{at_once} at once, 4 slots", rounds, at_once),
    ]


async def statuses(questions: int = 200, at_once: int = 20) -> list[Figure]:
    """Milliseconds, from the sending of the event to what is seen, and from the model's word to the same."""
    return [figure for case in cases(questions, at_once) for figure in await measured(case)]


async def measured(case: Case) -> list[Figure]:
    times = Times()
    model = PlayedModel(MODEL_SECONDS, PIECES, times.note)
    async with open_desk(model, rates=Rates(on=False), slots=case.slots, people=PEOPLE, channels=CHANNELS) as desk:
        if not case.has_status_line:
            desk.slack.fail("assistant.threads.setStatus", REFUSED)
        await desk.answered(desk.ask())  # what is only done once
        desk.asked.clear()
        for _ in range(case.rounds):
            await desk.answered(*[desk.ask(directly=len(desk.asked) % 2 == 1) for _ in range(case.at_once)])
        return figures(case, desk, times)


def figures(case: Case, desk: Desk, times: Times) -> list[Figure]:
    placed, opened, ended = waits(desk, times)
    most = None if case.slots < case.at_once else MOST_MS
    told = {"seen to be heard": (placed, most), "first words": (opened, most), "whole": (ended, most)}
    return [
        Figure(f"{case.name}: {what}, p{share * 100:.0f}", percentile(values, share), "ms", at_most)
        for what, (values, limit) in told.items()
        if values
        for share, at_most in ((0.5, None), (0.95, limit))
    ] + [
        Figure(f"{case.name}: streamed", len(opened), f"of {len(desk.asked)}"),
        Figure(f"{case.name}: without an end", len(desk.asked) - len(ended), "questions", 0),
    ]


def waits(desk: Desk, times: Times) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds to the first sign, from the model's first words to ours, and from its last to the end."""
    sent, seen = delivered_at(desk.slack, desk.watch), seen_under(desk.slack)
    placed, opened, ended = [], [], []
    for ts, (_, wording) in desk.asked.items():
        one, number = seen[ts], wording.number
        if one.placed_at is not None:
            placed.append((one.placed_at - sent[ts]) * 1000)
        if one.opened_at is not None:
            opened.append((one.opened_at - times.first[number]) * 1000)
        if one.ended_at is not None:
            ended.append((one.ended_at - times.last[number]) * 1000)
    return placed, opened, ended
