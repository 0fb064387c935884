"""What goes wrong in the soak, one thing a minute; platform, model and database are moody."""

import asyncio
import random
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from benchmarks.chat import Weather
from benchmarks.models import completion
from core.conversation import Question
from core.deadline import Deadline
from core.errors import ModelTimeout, ModelUnavailable
from core.pipeline import Event, Pipeline
from core.ports import Completion, CompletionRequest, Delta
from core.replies import KeepAnswer
from core.surfaces import Action, SurfaceBusy, SurfaceSilent, SurfaceUnavailable
from tests.core.desk import GOOD

_T = TypeVar("_T")


class Trouble(StrEnum):
    """What one minute of the day brings."""

    NONE = "none"
    PLATFORM_500 = "platform says 500"
    PLATFORM_429 = "platform says 429"
    PLATFORM_SILENT = "platform silent after a send"
    MODEL_ERROR = "model fails"
    MODEL_HANGS = "model hangs"
    STORE_LOCKED = "store locked"
    RESTART = "worker cancelled and restarted"
    CLOCK_JUMP = "restart with another wall time"
    STORM = "edits and deletions"
    TWICE = "deliveries come again"


OFTEN, SELDOM = 0.4, 0.05
LOCKED_SECONDS = (0.1, 0.3)
HURRY = 0.5
"""Real seconds of an answer's deadline, so that a hanging model costs the simulated day little real time."""


@dataclass
class Mood:
    """The trouble of this minute; `strikes` says whether it shows now."""

    dice: random.Random
    trouble: Trouble = Trouble.NONE

    def strikes(self, trouble: Trouble, share: float = OFTEN) -> bool:
        return self.trouble is trouble and self.dice.random() < share


@dataclass
class MoodyWeather(Weather):
    """The platform's part of it."""

    mood: Mood

    async def __call__(self, action: Action, effect: Callable[[], _T]) -> _T:
        if self.mood.strikes(Trouble.PLATFORM_500):
            raise SurfaceUnavailable("500")
        if self.mood.strikes(Trouble.PLATFORM_429):
            raise SurfaceBusy(self.mood.dice.uniform(1, 5), everywhere=self.mood.dice.random() < SELDOM)
        done = effect()
        if action is not Action.FIND and self.mood.strikes(Trouble.PLATFORM_SILENT):
            raise SurfaceSilent
        return done


@dataclass
class MoodyModel:
    """The model's part of it. A hang ends with the deadline, as the models of this project do."""

    mood: Mood
    name: str = "moody"

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[Delta | Completion]:
        yield Delta(GOOD[0])
        if self.mood.strikes(Trouble.MODEL_ERROR):
            raise ModelUnavailable("model.api.empty", server=self.name)
        if self.mood.strikes(Trouble.MODEL_HANGS, SELDOM):
            await asyncio.sleep(request.deadline.remaining())
            raise ModelTimeout("answer.too_late")
        yield Delta(GOOD[1])
        yield completion("".join(GOOD), self.name)


@dataclass(frozen=True)
class Hurried:
    """`core.inbox.Answering`: the pipeline with a short deadline in real time, for a day that passes in minutes."""

    pipeline: Pipeline

    def answer(
        self, question: Question, deadline: Deadline | None = None, keep: KeepAnswer | None = None
    ) -> AsyncGenerator[Event]:
        del deadline
        return self.pipeline.answer(question, Deadline.after(HURRY), keep)


@dataclass(frozen=True)
class Locksmith:
    """Another program that locks the SQLite file for a moment."""

    file: str
    dice: random.Random = field(default_factory=random.Random)

    async def lock(self) -> None:
        await asyncio.to_thread(self._hold, self.dice.uniform(*LOCKED_SECONDS))

    def _hold(self, seconds: float) -> None:
        with closing(sqlite3.connect(self.file, timeout=10, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            connection.execute("ROLLBACK")
