"""Money as the office sees it: what a question outside costs, what is found out later, and `sotay cost`."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.bootstrap import budget_of, caps_of, open_handbook, open_pipeline, openrouter_of, reconciler_of
from bots.platforms import Opened, open_service
from bots.settings import Settings, load_settings
from core.budget import Cap, Reservation, Windows
from core.conversation import Route
from core.metering import Settlement, Standing
from core.ports import Finish
from core.store.budget import ReservationBook
from core.store.database import Database, open_database
from core.store.journal import Journal, ModelCall
from tests.bots.office import Office
from tests.core.store.samples import an_answer, recorded
from tests.models.openrouter_server import Behaviour, Exchange, OpenRouterServer, answer, refuse
from tests.surface import RecordedSurface

QUESTION = "Người lao động được nghỉ phép năm bao nhiêu ngày?"
GOOD = ("Người lao động được nghỉ phép năm ", "14 ngày, hưởng nguyên lương [1].")
OUTSIDE = {"SOTAY_SPACES__NOI_BO__MAY_LEAVE": "true", "SOTAY_ROUTING__STRATEGY": "api"}
KEY = "sk-or-v1-5ecre7"
COST = 0.000013  # of the fake server's answer, rounded up
UNKNOWN = Settlement(Standing.UNKNOWN, None, "gen-1")


def settings_of(office: Office, **environment: str) -> Settings:
    return load_settings(office.folder / "sotay.toml", OUTSIDE | environment)


async def reserve(database: Database, name: str, worst: int, settlement: Settlement | None = None) -> None:
    book, now = ReservationBook(database), datetime.now(UTC)
    one = Reservation(name, "q1", "an", "m", now, worst)
    await book.reserve(one, Windows.at(now, UTC), dict.fromkeys(Cap, 10**9))
    if settlement:
        await book.settle(name, settlement, now)


async def spent(database: Database) -> int:
    return (await ReservationBook(database).used(Windows.at(datetime.now(UTC), UTC), ""))[Cap.MONTH]


async def test_a_question_outside_costs_what_openrouter_says_and_the_report_knows_it(tmp_path: Path) -> None:
    async with OpenRouterServer(answer(*GOOD)) as server:
        office = Office.found(tmp_path, remote=server.base_url, key=KEY)
        await office.sotay("ingest", **OUTSIDE)
        asked = await office.sotay("ask", QUESTION, "--json", **OUTSIDE)
        told = await office.sotay("cost", "--by", "space", "--json", **OUTSIDE)
    assert asked.json["route"] == "api", asked.notes
    assert (told.status, told.json["by"], told.json["days"]) == (0, "space", 30)
    (line,) = told.json["lines"]
    assert line == {
        "space": "noi-bo",
        "local_answers": 0,
        "cloud_calls": 1,
        "prompt_tokens": 31,
        "completion_tokens": 7,
        "spent_usd": COST,
        "open_usd": 0.0,
        "saved_usd_estimate": 0.0,
    }
    assert told.json["caps"]["usd_per_day"] == {"used": COST, "most": 5.0, "left": 5.0 - COST}
    assert told.json["caps"]["max_api_calls_per_hour"] == {"used": 1, "most": 100, "left": 99}
    assert told.json["in_doubt"] == {"calls": 0, "usd": 0.0}


async def test_a_cap_that_is_spent_keeps_the_question_in_the_office(tmp_path: Path) -> None:
    async with OpenRouterServer(answer(*GOOD)) as local, OpenRouterServer(answer(*GOOD)) as remote:
        office = Office.found(tmp_path, local=local.base_url, remote=remote.base_url, key=KEY)
        await office.sotay("ingest", **OUTSIDE)
        asked = await office.sotay("ask", QUESTION, "--json", **OUTSIDE, SOTAY_BUDGET__USD_PER_DAY="0.001")
    assert (asked.json["outcome"], asked.json["route"], remote.connections) == ("answered", "local", 0)


async def test_what_was_not_told_is_asked_for_at_the_next_start(tmp_path: Path) -> None:
    is_asked = asyncio.Event()

    async def tell(exchange: Exchange) -> None:
        await refuse(200, {"data": {"id": "gen-1", "total_cost": 0.000007}})(exchange)
        is_asked.set()

    behaviour: Behaviour = tell
    async with OpenRouterServer(answer(*GOOD)) as server:
        server.costs = {"gen-1": behaviour}
        settings = settings_of(Office.found(tmp_path, remote=server.base_url, key=KEY))
        async with open_handbook(settings) as handbook:
            await reserve(handbook.database, "r1", 500, UNKNOWN)
            async with open_pipeline(settings, handbook):
                await is_asked.wait()


async def test_the_reconciler_of_the_settings_settles_with_what_openrouter_says(tmp_path: Path) -> None:
    async with OpenRouterServer(answer(*GOOD)) as server:
        server.costs = {"gen-1": 0.000007}
        settings = settings_of(Office.found(tmp_path, remote=server.base_url, key=KEY))
        remote = openrouter_of(settings)
        assert remote
        async with open_database(settings.data.database_url) as database:
            await reserve(database, "r1", 500, UNKNOWN)
            await reserve(database, "r2", 90)
            reconciler = reconciler_of(settings, database, remote)
            assert await reconciler.reconcile() == 1
            assert await spent(database) == 97
        await remote.aclose()
    assert reconciler.longest_call == timedelta(seconds=180)


async def test_the_caps_and_the_price_limit_are_those_of_the_settings(tmp_path: Path) -> None:
    settings = settings_of(
        Office.found(tmp_path),
        SOTAY_BUDGET__USD_PER_DAY="0.004",
        SOTAY_BUDGET__USD_PER_MONTH="7.5",
        SOTAY_BUDGET__CALLS_PER_PERSON_PER_HOUR="3",
        SOTAY_ROUTING__MAX_API_CALLS_PER_HOUR="9",
        SOTAY_OPENROUTER__MAX_PRICE_PROMPT="0",
        SOTAY_OPENROUTER__MAX_PRICE_COMPLETION="2",
        SOTAY_OPENROUTER__MAX_TOKENS="1000",
    )
    assert caps_of(settings) == {Cap.HOUR: 9, Cap.PERSON: 3, Cap.DAY: 4000, Cap.MONTH: 7_500_000}
    async with open_database(settings.data.database_url) as database:
        assert await budget_of(settings, database).has_room("lan")  # two attempts of 1,000 tokens at 2 USD a million
        await reserve(database, "r1", 1)
        assert not await budget_of(settings, database).has_room("lan")


async def test_administrators_hear_when_the_budget_is_spent(tmp_path: Path) -> None:
    settings = settings_of(Office.found(tmp_path), SOTAY_BUDGET__USD_PER_MONTH="0")
    heard: list[tuple[str, str, str]] = []
    nothing_runs: Any = None
    console = Opened("here", RecordedSurface(), lambda *alarm: heard.append(alarm), lambda _inbox: nothing_runs)
    async with (
        open_handbook(settings) as handbook,
        open_pipeline(settings, handbook) as pipeline,
        open_service(settings, handbook, pipeline, console),
    ):
        assert not await pipeline.writer.budget.has_room()
    assert heard == [("alarm.budget_spent", "", "usd_per_month: 0.00 USD / 0.00 USD")]


async def filled(settings: Settings) -> None:
    """Two local answers of today; one call settled, one unknown."""
    async with open_database(settings.data.database_url) as database:
        await recorded(database, an_answer(1), an_answer(2))
        done = ModelCall("m1", "q1", "m", Route.LOCAL, datetime.now(UTC), 1000, 100, finish=Finish.STOP)
        for call in (done, replace(done, id="m2", question_id="q2"), replace(done, id="m3", route=Route.API)):
            await Journal(database).record_call(call)
        await reserve(database, "r1", 5000, Settlement(Standing.SETTLED, 2200))
        await reserve(database, "r2", 5000, UNKNOWN)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("vi", ("ước đỡ tốn", "0.0022", "0.0050", "0.0044", "1 lượt gọi chưa rõ", "chỉ là ước tính", "2.000 USD")),
        ("en", ("saved, est.", "0.0022", "0.0050", "0.0044", "1 calls whose cost", "is an estimate", "2.000 USD")),
    ],
)
async def test_people_read_a_table_what_is_left_and_that_the_saving_is_an_estimate(
    tmp_path: Path, language: str, expected: tuple[str, ...]
) -> None:
    office = Office.found(tmp_path)
    await filled(settings_of(office))
    told = await office.sotay("cost", SOTAY_CONSOLE__LANGUAGE=language)
    assert told.status == 0
    for text in expected:
        assert text in told.out
    assert "usd_per_day: " in told.out
    assert max(map(len, told.out.splitlines()[:3])) <= 80


async def test_where_nothing_was_paid_the_price_limit_is_said(tmp_path: Path) -> None:
    office = Office.found(tmp_path)
    told = await office.sotay("cost", "--days", "7", "--json", SOTAY_OPENROUTER__MAX_PRICE_COMPLETION="2.5")
    assert told.json["lines"] == []
    assert told.json["saved_estimate"] == {
        "basis": "price limit of the settings",
        "usd_per_million_prompt_tokens": 1.0,
        "usd_per_million_completion_tokens": 2.5,
    }
    page = await office.sotay("cost")
    assert "giá trần" in page.out


async def test_by_something_else_is_refused(tmp_path: Path) -> None:
    told = await Office.found(tmp_path).sotay("cost", "--by", "moon")
    assert (told.status, told.out) == (2, "")
