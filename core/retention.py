"""How long things are kept: what people have written for a month, answers for a year, unless the settings say else."""

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from core.store.database import Database
from core.store.retention import Purge


@dataclass(frozen=True, slots=True)
class Limits:
    """How old each kind may become.

    `questions`: what somebody has written, with all that was made of it: the words of questions, prompts, and what the
    inbox knows of messages. `answers`: answers with their sources, votes and corrections, whatever is known of the
    question, and the figures of model calls. `events`: deliveries that were seen, by which one that comes twice is
    known. Nothing goes within a day, so that nothing under way is touched.
    """

    questions: timedelta = timedelta(days=30)
    answers: timedelta = timedelta(days=365)
    events: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows were emptied or removed.

    `questions` and `prompts` were emptied: who asked, when, and what came of it stays. `payers` are calls of which it
    is not known any more for whom they were paid. All others were removed.
    """

    questions: int = 0
    prompts: int = 0
    payers: int = 0
    inbox: int = 0
    answers: int = 0
    calls: int = 0
    events: int = 0

    @property
    def total(self) -> int:
        return sum(astuple(self))


async def purge(database: Database, limits: Limits, now: datetime) -> Purged:
    """Removes what is too old, some rows at a time: who writes meanwhile waits for milliseconds.

    What it has not come to, it comes to the next time; what is done is not done again. Raises StoreError.
    """
    rows = Purge(database)
    written = now - max(limits.questions, timedelta(days=1))
    answered = now - max(limits.answers, limits.questions, timedelta(days=1))
    return Purged(
        questions=await rows.empty_questions(written),
        prompts=await rows.empty_answers(written),
        payers=await rows.unname_reservations(written),
        inbox=await rows.remove_inbox(written),
        answers=await rows.remove_answers(answered),
        calls=await rows.remove_calls(answered),
        events=await rows.remove_events(now - max(limits.events, timedelta(days=1))),
    )
