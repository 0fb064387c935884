"""How soon people see that they have been heard, the first words, and the end: our own time, without any limits."""

from collections.abc import Mapping

from benchmarks.figures import Figure, percentile
from benchmarks.slack.script import PlayedModel
from benchmarks.slack.status import MODEL_SECONDS, MOST_MS, PIECES, Times
from benchmarks.slack.status import Case as Rounds
from benchmarks.telegram.desk import Desk, open_desk
from benchmarks.telegram.record import Place, Screens

PEOPLE, GROUPS = 60, 60
REFUSED = "TEXTDRAFT_PEER_INVALID"


def cases(questions: int, at_once: int) -> list[Rounds]:
    """What has no status line here has no drafts."""
    rounds = max(1, questions // at_once)
    return [
        Rounds("one after another", questions),
        Rounds("one after another, no drafts", questions, has_status_line=False),
        Rounds(f"{at_once} at once, a slot for each", rounds, at_once, at_once),
        Rounds(f"{at_once} at once, 4 slots", rounds, at_once),
    ]


async def statuses(questions: int = 200, at_once: int = 20) -> list[Figure]:
    """Milliseconds, from the question's arrival at Telegram and from when it is durable to what is seen; and from the
    model's word to ours.
    """
    return [figure for case in cases(questions, at_once) for figure in await measured(case)]


async def measured(case: Rounds) -> list[Figure]:
    times = Times()
    model = PlayedModel(MODEL_SECONDS, PIECES, times.note)
    async with open_desk(model, slots=case.slots, people=PEOPLE, groups=GROUPS) as desk:
        if not case.has_status_line:
            desk.telegram.settings.drafts_refused = REFUSED
        await desk.answered(desk.ask(directly=True))  # what is only done once
        desk.asked.clear()
        for _ in range(case.rounds):
            await desk.answered(*[desk.ask(directly=len(desk.asked) % 2 == 1) for _ in range(case.at_once)])
        return figures(case, desk, times, await desk.accepted_at())


def figures(case: Rounds, desk: Desk, times: Times, accepted: Mapping[Place, float]) -> list[Figure]:
    """What comes at once is accepted one after the other, and the last of it waits for that."""
    noticed, placed, opened, ended = waits(desk, times, accepted)
    most = None if case.slots < case.at_once else MOST_MS
    told = {
        "arrived to seen": (noticed, None if case.at_once > 1 else most),
        "accepted to seen": (placed, most),
        "first words": (opened, most),
        "whole": (ended, most),
    }
    drafts = len(desk.telegram.called("sendMessageDraft"))
    return [
        Figure(f"{case.name}: {what}, p{share * 100:.0f}", percentile(values, share), "ms", at_most)
        for what, (values, limit) in told.items()
        for share, at_most in ((0.5, None), (0.95, limit))
    ] + [
        Figure(f"{case.name}: drafts", drafts, f"for {len(desk.asked)}"),
        Figure(f"{case.name}: not seen to be heard", len(desk.asked) - len(placed), "questions", 0),
        Figure(f"{case.name}: without an end", len(desk.asked) - len(ended), "questions", 0),
    ]


def waits(desk: Desk, times: Times, accepted: Mapping[Place, float]) -> tuple[list[float], ...]:
    """Milliseconds to the first sign, twice, from the model's first words to ours, and from its last to the end."""
    noticed: list[float] = []
    placed: list[float] = []
    opened: list[float] = []
    ended: list[float] = []
    numbers = {place: wording.number for place, wording in desk.asked.items()}
    for place, seen in Screens(numbers).read(desk.telegram).items():
        number = numbers[place]
        if seen.placed_at is not None:
            noticed.append((seen.placed_at - seen.sent_at) * 1000)
            placed.append((seen.placed_at - accepted[place]) * 1000)
        if seen.opened_at is not None:
            opened.append((seen.opened_at - times.first[number]) * 1000)
        if seen.ended_at is not None:
            ended.append((seen.ended_at - times.last[number]) * 1000)
    return noticed, placed, opened, ended
