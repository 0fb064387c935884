"""A pipeline under an experiment, for tests: everybody is in one arm, models say what they must."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from core.budget import Cap
from core.conversation import Answer, Question, Route
from core.documents import Passage
from core.experiments import Experiment
from core.pipeline import Limits, Pipeline
from core.ports import LanguageModel
from core.privacy import PrivacyGate
from core.routing import PatternPolicy, Router, Strategy
from core.store.budget import ReservationBook
from core.store.database import Database
from core.store.journal import Journal
from core.store.spaces import SpaceRepository
from core.writing import Writer
from tests.core.desk import LEAVE, language_of
from tests.core.makers import SPACES
from tests.fakes import ListRetriever, a_budget

STARTS = datetime(2026, 11, 1, tzinfo=UTC)
SIMPLE = "Tôi có bao nhiêu ngày nghỉ phép năm?"
HARD = "Vì sao được nghỉ 14 ngày?"


def everybody_in(strategy: Strategy, name: str = "mua-xuan") -> Experiment:
    return Experiment(name, {strategy: 100}, STARTS, STARTS + timedelta(days=30))


async def with_spaces(database: Database) -> None:
    await SpaceRepository(database).sync([(space, ()) for space in SPACES.values()])


def pipeline_with(
    database: Database,
    local: LanguageModel,
    api: LanguageModel | None,
    *,
    arm: Strategy | None = None,
    strategy: Strategy = Strategy.HYBRID,
    passages: tuple[Passage, ...] = (LEAVE,),
    caps: Mapping[Cap, int] | None = None,
    own: Mapping[str, Strategy] | None = None,
    **parts: Any,  # noqa: ANN401
) -> Pipeline:
    """`own` are the strategies of spaces; `parts` are further ones of the pipeline."""
    return Pipeline(
        journal=Journal(database),
        spaces=SpaceRepository(database),
        retriever=ListRetriever(passages),
        gate=PrivacyGate(),
        router=Router(PatternPolicy(), strategy, space_strategies=own or {}),
        writer=Writer(
            {Route.LOCAL: local} | ({Route.API: api} if api else {}), a_budget(ReservationBook(database), caps or {})
        ),
        language_of=language_of,
        limits=Limits(),
        **{"experiment": everybody_in(arm) if arm else None} | parts,
    )


async def answer_of(pipeline: Pipeline, asked: Question) -> Answer:
    last = [event async for event in pipeline.answer(asked)][-1]
    assert isinstance(last, Answer)
    return last
