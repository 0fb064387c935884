"""Back ends that hang, and a platform that fails for a while: what the askers see, and when."""

import asyncio
import time
from dataclasses import replace

from benchmarks.chat import BEARS_ALL, Chat, Storm
from benchmarks.figures import Figure
from benchmarks.load_burst import at_moments, settled, without_outcome
from benchmarks.models import HungModel, PacedModel
from benchmarks.office import Office, message
from core.inbox import Answering
from core.intake import InboxLimits
from core.store.database import Database
from core.surfaces import SurfaceBusy, SurfaceUnavailable
from tests.core.desk import pipeline_over
from tests.fakes import HangingRetriever

DEADLINE, LATE = 2.0, 2.0
QUESTIONS, PEOPLE, SECONDS = 40, 20, 1.0
CALL_SECONDS = 1.0
STORM_FROM, STORM_TO, RECOVERY = 1.0, 5.0, 10.0
STORMS = {"500": SurfaceUnavailable("500"), "429": SurfaceBusy(1.0), "no word": None}


async def forever() -> frozenset[str]:
    return await asyncio.Future()


async def ask_all(office: Office, count: int, seconds: float) -> dict[str, float]:
    """When each question was asked (`time.perf_counter`), once all have ended."""
    asked_at: dict[str, float] = {}
    async with office.serving() as inbox:
        async for number in at_moments(seconds * number / count for number in range(count)):
            receipt = await inbox.accept(message(person=f"person{number % PEOPLE}"))
            asked_at[receipt.question_id or ""] = time.perf_counter()
        await settled(office)
    return asked_at


async def hang(database: Database, name: str, answering: Answering, chat: Chat) -> list[Figure]:
    limits = InboxLimits(deadline_seconds=DEADLINE, join_seconds=0.0)
    office = Office(database, answering, chat, limits=limits)
    asked_at = await ask_all(office, QUESTIONS, SECONDS)
    waits = [(chat.story(question_id).ended_at or float("inf")) - at for question_id, at in asked_at.items()]
    return [
        Figure(f"{name} hangs, deadline {DEADLINE:g} s: latest outcome", max(waits), "s", DEADLINE + LATE),
        Figure(f"{name} hangs: without outcome", without_outcome(chat, asked_at), "questions", 0),
    ]


async def hung(database: Database) -> list[Figure]:
    model = await hang(database, "model", pipeline_over(database, HungModel()), Chat())
    search = pipeline_over(database, PacedModel(0.2), HangingRetriever())
    retriever = await hang(database, "retriever", search, Chat())
    members = Chat(members=forever)
    return model + retriever + await hang(database, "members", pipeline_over(database, PacedModel(0.2)), members)


async def storms(database: Database) -> list[Figure]:
    """The platform fails for four seconds, while people ask and answers stream."""
    figures: list[Figure] = []
    for name, error in STORMS.items():
        now = time.perf_counter()
        storm = Storm(error, now + STORM_FROM, now + STORM_TO)
        chat = Chat(rates=replace(BEARS_ALL, call_seconds=CALL_SECONDS), weather=storm)
        office = Office(database, pipeline_over(database, PacedModel(0.5)), chat)
        asked_at = await ask_all(office, PEOPLE, STORM_TO - STORM_FROM)
        latest = max((chat.story(question_id).ended_at or float("inf")) for question_id in asked_at)
        answers = sum(shown.is_answer for question_id in asked_at for shown in chat.story(question_id).standing)
        figures += [
            Figure(f"platform says {name}: last answer after it recovered", latest - storm.end, "s", RECOVERY),
            Figure(f"platform says {name}: answers lost", len(asked_at) - answers, "questions", 0),
            Figure(f"platform says {name}: previews dropped", storm.previews, "edits"),
        ]
    return figures
