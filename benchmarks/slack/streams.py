"""A hundred answers at once under Slack's own limits: nothing is broken, and every answer ends up whole."""

import time
from collections import defaultdict

from benchmarks.figures import Figure
from benchmarks.slack.desk import Desk, open_desk
from benchmarks.slack.record import Ours, all_ours, is_whole, seen_under
from benchmarks.slack.script import PlayedModel
from tests.slack_server import Rates

MODEL_SECONDS, PIECES = 20.0, 40
CHANNELS = 20


async def streams(answers: int = 100, model_seconds: float = MODEL_SECONDS) -> list[Figure]:
    """Every person asks once and at once; half of them in channels, half to us alone. There is a slot for each."""
    model = PlayedModel(model_seconds, PIECES)
    async with open_desk(model, rates=Rates(), slots=answers, people=answers, channels=CHANNELS) as desk:
        began = time.monotonic()
        await desk.answered(*[desk.ask(directly=number % 2 == 1) for number in range(answers)])
        return figures(desk, began)


def figures(desk: Desk, began: float) -> list[Figure]:
    slack, by_question = desk.slack, answers_by_number(desk)
    parts = {wording.number: (by_question[wording.number], wording.answer) for _, wording in desk.asked.values()}
    whole = [number for number, (messages, answer) in parts.items() if messages and is_whole(messages, answer)]
    streamed = [number for number in whole if any(one.message.stream for one in parts[number][0])]
    natively = [number for number in streamed if any(_is_still_a_stream(one) for one in parts[number][0])]
    ends = [seen.ended_at - began for ts, seen in seen_under(slack).items() if seen.ended_at and ts in desk.asked]
    print(f"asked to wait: {dict(slack.limited) or 'never'}; violations: {slack.violations or 'none'}")
    print(f"calls: {calls(desk)}")
    return [
        Figure("answers that are not whole", len(parts) - len(whole), "answers", 0),
        Figure("rules broken", len(slack.violations), "violations", 0),
        Figure("calls that Slack refused as too many", slack.limited.total(), "calls"),
        Figure("streamed to the end", len(natively), "answers"),
        Figure("streamed, and ended by an edit", len(streamed) - len(natively), "answers"),
        Figure("by post and edits", len(whole) - len(streamed), "answers"),
        Figure("from the questions to the first whole answer", min(ends, default=0.0), "s"),
        Figure("from the questions to the last whole answer", max(ends, default=0.0), "s"),
    ]


def answers_by_number(desk: Desk) -> defaultdict[int, list[Ours]]:
    found: defaultdict[int, list[Ours]] = defaultdict(list)
    for one in all_ours(desk.slack):
        if one.number is not None:
            found[one.number].append(one)
    return found


def _is_still_a_stream(one: Ours) -> bool:
    """An edit takes the place of what was streamed."""
    return one.message.stream is not None and bool(one.message.stream.text)


def calls(desk: Desk) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for called in desk.slack.calls:
        counts[called.method] += called.ok
    return dict(sorted(counts.items(), key=lambda item: -item[1]))
