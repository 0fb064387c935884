"""Who is let in, by hand or by an invitation, and how often a code may be tried."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core.admission import ALPHABET, LENGTH, Admission, Admitted, digest_of
from core.store import tables
from core.store.admission import WRONG_TRIES
from core.store.database import Database
from tests.core.store.samples import NOON

LAN, HOA, CHAT = "telegram:1", "telegram:2", "telegram:-100456"
BOSS = "slack:U1"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def admission(database: Database) -> Admission:
    return Admission(database)


async def try_wrong(admission: Admission, subject: str, times: int, at: datetime = NOON) -> None:
    """So many wrong codes, a second apart."""
    for number in range(times):
        assert not await admission.redeem(f"WRONG{number}", subject, at + timedelta(seconds=number))


async def test_nobody_is_in_until_let_in(admission: Admission) -> None:
    assert not await admission.is_admitted(LAN)
    await admission.admit(LAN, BOSS, NOON)
    assert await admission.is_admitted(LAN)
    assert not await admission.is_admitted(HOA)
    await admission.expel(LAN)
    assert not await admission.is_admitted(LAN)
    await admission.expel(LAN)


async def test_who_is_in_stays_as_first_let_in(admission: Admission) -> None:
    await admission.admit(LAN, BOSS, NOON)
    await admission.admit(LAN, HOA, NOON + DAY)
    assert await admission.admitted("telegram:") == [Admitted(LAN, BOSS, NOON)]


async def test_the_admitted_are_listed_by_how_their_ids_begin(admission: Admission) -> None:
    for subject in (HOA, CHAT, LAN, "Telegram:9", "zalo:1"):
        await admission.admit(subject, BOSS, NOON)
    assert [each.subject for each in await admission.admitted("telegram:")] == [CHAT, LAN, HOA]
    assert [each.subject for each in await admission.admitted("telegram:-")] == [CHAT]
    assert len(await admission.admitted("")) == 5


async def test_a_code_is_short_plain_and_kept_by_its_digest_only(admission: Admission, database: Database) -> None:
    code = await admission.invite(BOSS, NOON)
    assert len(code) == LENGTH
    assert set(code) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01OIL")
    async with database.reading() as connection:
        (row,) = (await connection.execute(select(tables.admission_code))).all()
    assert row.digest == digest_of(code)
    assert code not in repr(row)


async def test_an_invitation_lets_one_subject_in(admission: Admission) -> None:
    code = await admission.invite(BOSS, NOON)
    assert await admission.redeem(code, CHAT, NOON + DAY)
    assert await admission.admitted("") == [Admitted(CHAT, BOSS, NOON + DAY)]
    assert not await admission.redeem(code, LAN, NOON + DAY)
    assert not await admission.is_admitted(LAN)


async def test_of_many_at_once_one_is_let_in(admission: Admission) -> None:
    code = await admission.invite(BOSS, NOON)
    let_in = await asyncio.gather(*(admission.redeem(code, f"telegram:{number}", NOON) for number in range(5)))
    assert sum(let_in) == 1
    assert len(await admission.admitted("")) == 1


async def test_a_delivery_that_comes_twice_is_no_wrong_try(admission: Admission) -> None:
    code = await admission.invite(BOSS, NOON)
    assert [await admission.redeem(code, LAN, NOON) for _ in range(WRONG_TRIES + 1)] == [True] * (WRONG_TRIES + 1)
    assert await admission.redeem(await admission.invite(BOSS, NOON), LAN, NOON)


async def test_a_used_code_does_not_bring_back_who_was_expelled(admission: Admission) -> None:
    code = await admission.invite(BOSS, NOON)
    await admission.redeem(code, LAN, NOON)
    await admission.expel(LAN)
    assert not await admission.redeem(code, LAN, NOON)
    assert not await admission.is_admitted(LAN)


@pytest.mark.parametrize(("after", "is_good"), [(7 * DAY - MINUTE, True), (7 * DAY, False)])
async def test_an_invitation_ends_after_a_week(admission: Admission, after: timedelta, *, is_good: bool) -> None:
    code = await admission.invite(BOSS, NOON)
    assert await admission.redeem(code, LAN, NOON + after) is is_good


async def test_an_invitation_may_end_sooner(admission: Admission) -> None:
    code = await admission.invite(BOSS, NOON, HOUR)
    assert not await admission.redeem(code, LAN, NOON + HOUR)


async def test_codes_that_have_ended_are_swept_out(admission: Admission, database: Database) -> None:
    await admission.invite(BOSS, NOON)
    last = await admission.invite(BOSS, NOON + 7 * DAY)
    async with database.reading() as connection:
        assert (await connection.scalars(select(tables.admission_code.c.digest))).all() == [digest_of(last)]


async def test_a_code_is_read_as_people_type_it(admission: Admission) -> None:
    code = await admission.invite(BOSS, NOON)
    assert await admission.redeem(f" {code[:4].lower()}-{code[4:8]} {code[8:]}\n", LAN, NOON)


@pytest.mark.parametrize("code", ["", "\0", "\ud800", "Ổ khoá", "A" * 10_000])
async def test_whatever_else_is_typed_is_wrong(admission: Admission, code: str) -> None:
    assert not await admission.redeem(code, LAN, NOON)


async def test_a_link_code_lets_nobody_in_as_an_invitation(admission: Admission) -> None:
    assert not await admission.redeem(await admission.link_code(BOSS, NOON), LAN, NOON)
    assert await admission.link(await admission.invite(BOSS, NOON), LAN, NOON) is None


async def test_after_ten_wrong_codes_the_right_one_is_refused_for_an_hour(admission: Admission) -> None:
    code = await admission.invite(BOSS, NOON)
    await try_wrong(admission, LAN, WRONG_TRIES)
    last = NOON + timedelta(seconds=WRONG_TRIES - 1)
    assert not await admission.redeem(code, LAN, last)
    assert not await admission.redeem(code, LAN, last + HOUR - timedelta(seconds=1))
    assert await admission.redeem(code, LAN, last + HOUR)


async def test_nine_wrong_codes_are_forgiven(admission: Admission) -> None:
    await try_wrong(admission, LAN, WRONG_TRIES - 1)
    assert await admission.redeem(await admission.invite(BOSS, NOON), LAN, NOON + MINUTE)


async def test_ten_wrong_codes_over_more_than_an_hour_are_forgiven(admission: Admission) -> None:
    for number in range(WRONG_TRIES):
        assert not await admission.redeem("WRONG", LAN, NOON + number * 7 * MINUTE)
    assert await admission.redeem(await admission.invite(BOSS, NOON), LAN, NOON + 64 * MINUTE)


async def test_each_subject_has_tries_of_its_own(admission: Admission) -> None:
    await try_wrong(admission, LAN, WRONG_TRIES)
    assert await admission.redeem(await admission.invite(BOSS, NOON), HOA, NOON)


async def test_wrong_codes_of_either_kind_count_together(admission: Admission) -> None:
    for number in range(WRONG_TRIES):
        at = NOON + timedelta(seconds=number)
        assert not await (admission.redeem("x", LAN, at) if number % 2 else admission.link("x", LAN, at))
    assert await admission.link(await admission.link_code(BOSS, NOON), LAN, NOON + MINUTE) is None
    assert not await admission.redeem(await admission.invite(BOSS, NOON), LAN, NOON + MINUTE)


async def test_tries_while_refused_are_not_counted_and_old_ones_are_swept_out(
    admission: Admission, database: Database
) -> None:
    await try_wrong(admission, LAN, WRONG_TRIES + 5)
    async with database.reading() as connection:
        assert len((await connection.execute(select(tables.wrong_code))).all()) == WRONG_TRIES
    await try_wrong(admission, HOA, 1, NOON + 3 * HOUR)
    async with database.reading() as connection:
        assert (await connection.scalars(select(tables.wrong_code.c.subject))).all() == [HOA]
