"""The question with what its platform adds: rights, what was said before, files."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.access import Directory
from core.conversation import Attachment, Person, RefusedFile, Remark
from core.intake import Claim, SharedFile, State
from core.surfaces import SurfaceError, SurfaceUnavailable
from core.surroundings import Surroundings
from tests.surface import CALM, RecordedSurface

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
CLAIM = Claim("w1", "q1", "recorded:1", "c1", "p1", "lan", "Nghỉ phép?", "k1", NOW, NOW, State.ANSWERING, 0)
AROUND = Surroundings(Directory({"staff": frozenset({"lan", "hoa"}), "pilots": frozenset({"lan"})}))
REMARK = Remark("Máy in hỏng rồi", NOW)


def file(name: str) -> SharedFile:
    return SharedFile(name, f"{name}.pdf", "application/pdf", 4, f"https://f/{name}")


async def test_groups_are_those_of_the_settings_and_those_the_platform_vouches_for() -> None:
    surface = RecordedSurface(members=frozenset({"hoa", "ngoc"}), vouched={"lan": frozenset({"members"})})
    question = await AROUND.question(CLAIM, surface)
    assert question.person == Person("lan", frozenset({"staff", "pilots", "members"}))
    assert question.place.readers == frozenset({Person("hoa", frozenset({"staff"})), Person("ngoc")})
    assert (question.id, question.thread_id, question.surface) == ("q1", "c1", "recorded")


async def test_unknown_readers_stay_unknown() -> None:
    question = await AROUND.question(CLAIM, RecordedSurface(members=None))
    assert question.place.readers is None


async def test_what_was_said_before_comes_along() -> None:
    question = await AROUND.question(CLAIM, RecordedSurface(threads={"c1": (REMARK,)}))
    assert question.remarks == (REMARK,)


class SlowThread(RecordedSurface):
    """A platform that does not come back with the thread."""

    async def remarks(self, conversation: str, reply_to: str) -> Sequence[Remark]:
        del conversation, reply_to
        await asyncio.Event().wait()
        raise AssertionError


@pytest.mark.parametrize("error", [SurfaceUnavailable(), SurfaceError(), None])
async def test_a_thread_that_cannot_be_read_holds_no_answer_up(error: SurfaceError | None) -> None:
    rates = replace(CALM, call_seconds=0.01)
    surface = RecordedSurface(rates=rates, thread_error=error) if error else SlowThread(rates=rates)
    question = await AROUND.question(CLAIM, surface)
    assert question.remarks == ()


async def test_files_are_fetched_and_those_that_cannot_be_are_named() -> None:
    surface = RecordedSurface(files={"a": b"1234"})
    question = await AROUND.question(replace(CLAIM, files=(file("a"), file("b"))), surface)
    assert question.attachments == (Attachment("a.pdf", b"1234"),)
    assert question.refused == (RefusedFile("b.pdf", "answer.file_gone"),)


class Unreachable(RecordedSurface):
    """A platform that gives out no file now."""

    async def fetch(self, file: SharedFile) -> Attachment:
        raise SurfaceUnavailable(file.name)


async def test_a_platform_that_is_away_gives_a_sentence_too() -> None:
    question = await AROUND.question(replace(CLAIM, files=(file("a"),)), Unreachable())
    assert question.refused == (RefusedFile("a.pdf", "answer.file_unreachable"),)
