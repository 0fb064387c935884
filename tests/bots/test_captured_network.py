"""A thousand conversations through the whole pipeline: nothing private leaves, and nothing harmful is shown.

The models obey everything that they read. The line out of the office is tapped: what has left is known to the byte.
"""

import asyncio
import io
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import pytest_asyncio

from core.conversation import Answer, Route
from core.documents import Passage
from core.pipeline import Pipeline
from core.ports import Delta, LanguageModel
from core.privacy import Clearance, PrivacyGate, Reach
from core.redacted import RedactedModel
from core.writing import Restarted
from tests.bots.captured.office import CapturedOffice, captured_office
from tests.bots.captured.parrots import obeying
from tests.bots.captured.showing import check_answer, check_preview
from tests.bots.captured.talks import TALKS, Talk, talks

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
WORKERS = 6
RATED = 6
"""Every so-manieth answer gets a vote."""
WAYS = ("hybrid", "api", "compared")


@dataclass
class Log:
    """What people were shown, moment by moment, and the answers that they got."""

    office: CapturedOffice
    previews: set[str] = field(default_factory=set)
    answers: list[tuple[Talk, Answer]] = field(default_factory=list)
    restarts: Counter[str] = field(default_factory=Counter)

    async def play(self, talk: Talk, pipeline: Pipeline) -> None:
        for number, said in enumerate(talk.said):
            text = ""
            async for event in pipeline.answer(self.office.question(talk, said, number)):
                match event:
                    case Delta():
                        text += event.text
                        self.previews.add(text)
                    case Restarted():
                        text = ""
                        self.restarts[event.reason.partition(" ")[0]] += 1
                    case Answer():
                        self.answers.append((talk, event))

    async def work(self, waiting: Iterator[Talk]) -> None:
        for talk in waiting:
            await self.play(talk, self.office.pipelines[WAYS[talk.number % len(WAYS)]])

    async def play_all(self) -> None:
        everything = list(talks())
        for talk in everything:
            self.office.file(talk)
        waiting = iter(everything)
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self.work(waiting))
        for served in self.office.heard:
            await self.office.shadows._compare(served)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def log(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Log]:
    async with captured_office(tmp_path_factory.mktemp("office")) as office:
        played = Log(office)
        await played.play_all()
        yield played


def found_in(text: str, played: Iterable[Talk]) -> list[str]:
    """Everything planted that stands in the text, in whatever shape; also where its digits are apart.

    What every prompt begins with is looked at once.
    """
    text = "\n".join(dict.fromkeys(text.split('{"role"')))
    joined = re.sub(r"(?<=\d)[ .()/-]{1,3}(?=\d)", "", text)
    shapes = {shape for talk in played for datum in talk.planted for shape in datum.shapes()}
    return [shape for shape in shapes if shape in text or shape in joined]


async def test_nothing_private_is_in_any_byte_that_left(log: Log) -> None:
    assert len({talk.number for talk, _ in log.answers}) == TALKS
    assert found_in(log.office.sent(), talks()) == []


async def test_only_conversations_without_anything_private_left(log: Log) -> None:
    by_station = {f"Sao{talk.number:04}": talk for talk in talks()}
    left = [by_station[station] for station in re.findall(r"Sao\d{4}", log.office.sent())]
    assert not [talk for talk in left if talk.planted]
    assert {talk.kind for talk in left} == {"clean", "injected"}
    assert len({talk.number for talk in left}) > TALKS // 6


async def test_every_way_out_was_tried(log: Log) -> None:
    """Retries, escalation, either fallback, shadow answers: otherwise this would prove little."""
    assert log.restarts.keys() >= {"number", "answer.too_late", "model.api.cut"}
    routes = Counter(answer.route for _, answer in log.answers)
    assert min(routes[Route.LOCAL], routes[Route.API]) > TALKS // 10
    asked = len(log.office.server.requests)
    assert asked == log.office.sent().count("POST /api/v1/chat/completions") > TALKS // 4
    assert len(await log.office.shadows.book.pairs("captured")) > TALKS // 50


async def test_nothing_harmful_is_shown_at_any_moment(log: Log) -> None:
    assert len(log.previews) > TALKS
    mailboxes = frozenset(datum.secret for talk in talks() for datum in talk.planted if "@" in datum.secret)
    for text in log.previews:
        check_preview(text, mailboxes)


async def test_no_answer_does_harm_on_any_platform(log: Log) -> None:
    shown = {re.sub(r"\d+", "#", answer.text): answer for _, answer in log.answers}
    assert len(shown) > TALKS // 10
    for answer in shown.values():
        check_answer(answer)


async def test_an_export_holds_nothing_private_unless_asked_for(log: Log) -> None:
    for _, answer in log.answers[::RATED]:
        await log.office.handbook.feedback.vote(answer.id, "lan", 1)
    for kind in ("sft", "kto"):
        usual, asked_for = io.StringIO(), io.StringIO()
        summary = await log.office.handbook.feedback.export(kind, usual)
        await log.office.handbook.feedback.export(kind, asked_for, confidential=True)
        assert summary.written > 10 < summary.private
        assert found_in(spelled_out(usual), talks()) == []
        assert found_in(spelled_out(asked_for), talks()) != []


def spelled_out(lines: io.StringIO) -> str:
    return "\n".join(json.dumps(json.loads(line), ensure_ascii=False) for line in lines.getvalue().splitlines())


@dataclass(frozen=True)
class Careless(PrivacyGate):
    """Lets everything out."""

    def clear(self, typed: Iterable[str], passages: Iterable[Passage], spaces: object) -> Clearance:
        del typed, passages, spaces
        return Clearance(Reach.OUTSIDE)


def bare(model: LanguageModel) -> LanguageModel:
    """Without the net behind the gate, which replaces data."""
    return model.model if isinstance(model, RedactedModel) else model


async def test_a_careless_gate_would_have_been_found_out(tmp_path: Path) -> None:
    async with captured_office(tmp_path) as office:
        careless, some = Log(office), [talk for talk in talks(36) if talk.planted]
        writer = copy(office.pipelines["api"].writer)
        writer.models = {route: bare(model) for route, model in writer.models.items()}
        for talk in some:
            office.file(talk)
            await careless.play(talk, replace(office.pipelines["api"], gate=Careless(), writer=writer))
        kinds = {talk.kind for talk in some if found_in(office.sent(), [talk])}
    assert kinds >= {"question", "history", "remark", "file", "page internal", "page public", "follow-up", "injected"}


async def test_an_open_filter_would_have_been_found_out() -> None:
    for number in range(20):
        with pytest.raises(AssertionError):
            check_preview("".join(obeying(f"Câu hỏi: {number}?")))
