"""The question with what its platform adds: rights, what was said before, files."""

import asyncio
from collections.abc import Mapping, Sequence
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


async def linked() -> Mapping[str, str]:
    return {"telegram:1": "slack:U1", "telegram:2": "slack:U1", "slack:U2": "lan"}


SLACK = RecordedSurface("slack", vouched={"slack:U1": frozenset({"members"}), "telegram:1": frozenset({"liars"})})
OFFICE = Directory({"staff": frozenset({"slack:U1"}), "pilots": frozenset({"telegram:2"}), "lan": frozenset({"lan"})})
U1 = Person("slack:U1", frozenset({"staff", "pilots", "members"}))


def telegram(*members: str) -> RecordedSurface:
    """A platform that vouches for people who are not its own."""
    vouched = {person: frozenset({"liars"}) for person in ("slack:U1", "slack:U9", "zalo:1")}
    return RecordedSurface("telegram", members=frozenset(members), vouched=vouched)


async def test_a_person_is_vouched_for_by_their_own_platform_wherever_they_ask() -> None:
    surface = telegram("slack:U1", "zalo:1")
    around = Surroundings(OFFICE, {"slack": SLACK, "telegram": surface})
    question = await around.question(replace(CLAIM, person="slack:U1"), surface)
    assert question.person == Person("slack:U1", frozenset({"staff", "members"}))
    assert question.place.readers == frozenset({question.person, Person("zalo:1")})


async def test_who_would_ask_has_the_rights_of_who_asks() -> None:
    around = Surroundings(OFFICE, {"slack": SLACK}, linked)
    assert await around.asker("telegram:1", telegram()) == U1


async def test_nobody_vouches_for_people_of_a_platform_that_is_not_there() -> None:
    question = await Surroundings(OFFICE).question(replace(CLAIM, person="slack:U1"), telegram())
    assert question.person == Person("slack:U1", frozenset({"staff"}))


async def test_asker_and_readers_are_the_people_behind_their_ids_with_the_rights_of_all_of_them() -> None:
    surface = telegram("telegram:2", "telegram:3", "slack:U2")
    around = Surroundings(OFFICE, {"slack": SLACK, "telegram": surface}, linked)
    question = await around.question(replace(CLAIM, person="telegram:1"), surface)
    assert question.person == U1
    lan = Person("lan", frozenset({"lan"}))
    assert question.place.readers == frozenset({U1, Person("telegram:3"), lan})


async def test_links_are_asked_for_once_whoever_reads() -> None:
    asked: list[str] = []

    async def counted() -> Mapping[str, str]:
        asked.append("links")
        return await linked()

    surface = telegram(*(f"telegram:{number}" for number in range(50)))
    await Surroundings(OFFICE, {"telegram": surface}, counted).question(CLAIM, surface)
    assert asked == ["links"]


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
