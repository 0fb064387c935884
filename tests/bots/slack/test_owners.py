"""The button under an answer that was not found: who can be asked instead."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncApp

from bots.slack import controls
from bots.slack.owners import Owners
from core.conversation import ATTACHED, Language, Outcome
from core.documents import Label, Space
from tests.bots.slack.bench import Bench, a_bench
from tests.core.makers import passage

STAFF = Space("noi-bo", Label.INTERNAL)
OWNERS = {
    ("noi-bo", "tai-lieu-1.pdf"): " Phòng Nhân sự & <!channel> ",
    ("noi-bo", "tai-lieu-2.pdf"): "slack:U0007",
    ("noi-bo", "tai-lieu-3.pdf"): "slack:everybody",
    ("noi-bo", "tai-lieu-4.pdf"): " ",
}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with a_bench(tmp_path) as bench:
        owners = Owners(bench.threads, bench.journal, bench.telling, lambda space, path: OWNERS.get((space, path)))

        def register(app: AsyncApp) -> None:
            bench.on_action(app, controls.ASK_OWNER, owners.keep, owners.after)

        async with bench.listening(register):
            yield bench


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "Tài liệu gần nhất là Tài liệu 1. Bạn có thể hỏi *Phòng Nhân sự &amp; channel*."),
        (2, "Tài liệu gần nhất là Tài liệu 2. Bạn có thể hỏi <@U0007>."),
        (3, "Tài liệu gần nhất là Tài liệu 3. Bạn có thể hỏi *slack:everybody*."),
        (4, "Chưa có người phụ trách"),
        (5, "Chưa có người phụ trách"),
    ],
)
async def test_the_owner_of_the_nearest_document_is_named_to_who_asks(bench: Bench, number: int, said: str) -> None:
    near = passage("x", number=number, space=STAFF)
    shown = await bench.answered(Outcome.NOT_FOUND, passages=(near, passage("y", number=2, space=STAFF)))
    assert (await bench.slack.hands.click(bench.lan, shown.ts, controls.ASK_OWNER)).acknowledged
    told = await bench.told(bench.lan)
    assert told.text.startswith(said)
    assert told.thread_ts == shown.asked_ts
    assert not bench.slack.ephemerals(bench.an)


async def test_files_that_came_with_the_question_have_no_owner(bench: Bench) -> None:
    attached = replace(passage("x", number=1, space=STAFF), space=ATTACHED)
    near = passage("x", number=2, space=STAFF)
    shown = await bench.answered(Outcome.NOT_FOUND, language=Language.ENGLISH, passages=(attached, near))
    await bench.slack.hands.click(bench.lan, shown.ts, controls.ASK_OWNER)
    assert (await bench.told(bench.lan)).text == "The nearest document is Tài liệu 2. You can ask <@U0007>."


async def test_where_nothing_was_near_nobody_is_named(bench: Bench) -> None:
    shown = await bench.answered(Outcome.NOT_FOUND)
    await bench.slack.hands.click(bench.lan, shown.ts, controls.ASK_OWNER)
    assert (await bench.told(bench.lan)).text.startswith("Chưa có người phụ trách")


async def test_a_click_under_another_message_names_nobody(bench: Bench) -> None:
    shown = await bench.answered(Outcome.NOT_FOUND, passages=(passage("x", number=2, space=STAFF),))
    copy = await bench.post(shown.answer, bench.office)
    assert (await bench.slack.hands.click(bench.lan, copy, controls.ASK_OWNER)).acknowledged
    await bench.slack.hands.click(bench.lan, shown.ts, controls.ASK_OWNER)
    assert (await bench.told(bench.lan)).channel == shown.channel
    assert len(bench.slack.ephemerals(bench.lan)) == 1


async def test_a_click_on_nothing_names_nobody(bench: Bench) -> None:
    owners = Owners(bench.threads, bench.journal, bench.telling, lambda _space, _path: "ai đó")
    assert await owners.keep({}) is None
    assert await owners.keep({"user": {"id": "U1"}, "actions": [{"value": "a9"}]}) is None
