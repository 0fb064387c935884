"""One person with several ids: how they are linked, and whose the rows are then."""

from dataclasses import dataclass
from datetime import UTC, timedelta

import pytest
from sqlalchemy import insert, select

from core.admission import Admission, Admitted
from core.budget import Cap, Reservation, Windows
from core.corrections import Corrections, CorrectionState
from core.feedback import Feedback, FeedbackBook
from core.people import People, Preference
from core.store import tables
from core.store.budget import ReservationBook
from core.store.database import Database
from core.store.threads import ThreadBook
from tests.core.desk import QUESTION
from tests.core.store.lobby import Lobby
from tests.core.store.samples import NOON, an_answer, recorded

SLACK, OTHER_SLACK = "slack:U1", "slack:U2"
TELEGRAM, OTHER_TELEGRAM = "telegram:1", "telegram:2"
ZALO = "zalo:1"
MINUTE = timedelta(minutes=1)


@dataclass
class Registry:
    """Admissions with a shorthand for both halves of a link."""

    database: Database

    def __post_init__(self) -> None:
        self.admission = Admission(self.database)

    async def link(self, issuer: str, typed_by: str) -> str | None:
        code = await self.admission.link_code(issuer, NOON)
        return await self.admission.link(code, typed_by, NOON)

    async def names(self, *ids: str) -> list[str]:
        return [await self.admission.canonical(each) for each in ids]


@pytest.fixture
def registry(database: Database) -> Registry:
    return Registry(database)


async def test_who_is_not_linked_is_themselves(registry: Registry) -> None:
    assert await registry.names(TELEGRAM) == [TELEGRAM]
    assert await registry.admission.aliases(SLACK) == []
    assert await registry.admission.links() == {}


@pytest.mark.parametrize(
    ("issuer", "typed_by", "person", "alias"),
    [
        (SLACK, TELEGRAM, SLACK, TELEGRAM),
        (TELEGRAM, SLACK, SLACK, TELEGRAM),
        (ZALO, SLACK, SLACK, ZALO),
        (TELEGRAM, ZALO, TELEGRAM, ZALO),
        (ZALO, TELEGRAM, ZALO, TELEGRAM),
        ("lan", TELEGRAM, "lan", TELEGRAM),
        ("lan", SLACK, SLACK, "lan"),
    ],
)
async def test_the_person_is_the_id_on_slack_else_the_issuer(
    registry: Registry, issuer: str, typed_by: str, person: str, alias: str
) -> None:
    assert await registry.link(issuer, typed_by) == person
    assert await registry.names(alias, person) == [person, person]
    assert await registry.admission.aliases(person) == [alias]
    assert await registry.admission.links() == {alias: person}


async def test_a_link_lets_its_alias_in_for_as_long_as_it_stands(registry: Registry) -> None:
    await registry.link(TELEGRAM, SLACK)
    assert await registry.admission.is_admitted(TELEGRAM)
    assert not await registry.admission.is_admitted(SLACK)
    assert await registry.admission.admitted("telegram:") == [Admitted(TELEGRAM, SLACK, NOON)]
    assert await registry.admission.unlink(TELEGRAM)
    assert not await registry.admission.is_admitted(TELEGRAM)
    assert await registry.names(TELEGRAM) == [TELEGRAM]
    assert not await registry.admission.unlink(TELEGRAM)


async def test_who_was_let_in_before_stays_in_without_the_link_and_is_listed_once(registry: Registry) -> None:
    await registry.admission.admit(TELEGRAM, ZALO, NOON)
    await registry.link(SLACK, TELEGRAM)
    assert await registry.admission.admitted("") == [Admitted(TELEGRAM, ZALO, NOON)]
    await registry.admission.unlink(TELEGRAM)
    assert await registry.admission.is_admitted(TELEGRAM)


async def test_who_is_expelled_is_nobodys_alias_any_more(registry: Registry) -> None:
    await registry.admission.admit(TELEGRAM, ZALO, NOON)
    await registry.link(SLACK, TELEGRAM)
    await registry.admission.expel(TELEGRAM)
    assert not await registry.admission.is_admitted(TELEGRAM)
    assert await registry.names(TELEGRAM) == [TELEGRAM]


async def test_a_link_code_works_once_and_not_for_long(registry: Registry) -> None:
    admission = registry.admission
    code = await admission.link_code(SLACK, NOON)
    assert await admission.link(code, TELEGRAM, NOON + 10 * MINUTE) is None
    assert await admission.link(code, TELEGRAM, NOON + 9 * MINUTE) == SLACK
    assert await admission.link(code, OTHER_TELEGRAM, NOON + 9 * MINUTE) is None
    assert await admission.links() == {TELEGRAM: SLACK}


async def test_a_delivery_that_comes_twice_says_the_same_and_links_nobody_again(registry: Registry) -> None:
    admission = registry.admission
    code = await admission.link_code(TELEGRAM, NOON)
    assert [await admission.link(code, SLACK, NOON) for _ in range(2)] == [SLACK, SLACK]
    await admission.unlink(TELEGRAM)
    assert await admission.link(code, SLACK, NOON) is None
    assert await admission.links() == {}


@pytest.mark.parametrize(
    ("issuer", "typed_by"), [(SLACK, SLACK), (SLACK, OTHER_SLACK), (TELEGRAM, OTHER_TELEGRAM), ("lan", "hoa")]
)
async def test_two_of_one_platform_are_two_people_and_the_code_stays_good(
    registry: Registry, issuer: str, typed_by: str
) -> None:
    code = await registry.admission.link_code(issuer, NOON)
    for _ in range(11):
        assert await registry.admission.link(code, typed_by, NOON) is None
    assert await registry.admission.links() == {}
    assert await registry.admission.link(code, ZALO, NOON) == issuer


async def test_to_link_again_replaces(registry: Registry) -> None:
    await registry.link(SLACK, TELEGRAM)
    assert await registry.link(OTHER_SLACK, TELEGRAM) == OTHER_SLACK
    assert await registry.admission.links() == {TELEGRAM: OTHER_SLACK}


async def test_chains_are_flattened_from_either_end(registry: Registry) -> None:
    await registry.link(TELEGRAM, ZALO)
    assert await registry.link(SLACK, TELEGRAM) == SLACK
    assert await registry.link(TELEGRAM, "matrix:1") == SLACK
    assert await registry.admission.links() == {ZALO: SLACK, TELEGRAM: SLACK, "matrix:1": SLACK}
    assert await registry.admission.aliases(SLACK) == ["matrix:1", TELEGRAM, ZALO]


async def test_a_link_the_other_way_round_makes_no_ring(registry: Registry) -> None:
    await registry.link(ZALO, TELEGRAM)
    assert await registry.link(TELEGRAM, ZALO) == ZALO
    assert await registry.admission.links() == {TELEGRAM: ZALO}


async def test_what_was_written_under_the_alias_is_the_persons(registry: Registry, database: Database) -> None:
    lobby, corrections, people = Lobby(database), Corrections(database), People(database)
    await recorded(database, an_answer(1))
    asked = await lobby.ask(QUESTION, person=TELEGRAM)
    claim = await lobby.claim()
    await lobby.keep(claim)
    await FeedbackBook(database).vote("a1", TELEGRAM, -1)
    proposed = await corrections.propose("a1", TELEGRAM, "14 ngày", NOON)
    await corrections.decide(proposed.id, TELEGRAM, accept=True, now=NOON)
    await ThreadBook(database).mute("c1", TELEGRAM, NOON)
    await people.choose_language(TELEGRAM, "en")
    await registry.admission.admit(OTHER_TELEGRAM, TELEGRAM, NOON)
    invitation = await registry.admission.invite(TELEGRAM, NOON)
    book, windows = ReservationBook(database), Windows.at(NOON, UTC)
    await book.reserve(Reservation("r1", asked, TELEGRAM, "m", NOON, 5), windows, dict.fromkeys(Cap, 10))
    await registry.link(SLACK, TELEGRAM)

    assert (await book.used(windows, SLACK))[Cap.PERSON] == 1
    assert (await lobby.row(asked))["person"] == SLACK
    assert [each.question_id for each in await people.recent_questions(SLACK, 5)] == [asked]
    assert await FeedbackBook(database).given("a1", SLACK) == Feedback("a1", SLACK, -1, None, "14 ngày")
    left = await corrections.get(proposed.id)
    assert left is not None
    assert (left.person, left.decided_by) == (SLACK, SLACK)
    assert await people.preference(SLACK) == Preference("en")
    assert await registry.admission.admitted(OTHER_TELEGRAM) == [Admitted(OTHER_TELEGRAM, SLACK, NOON)]
    assert await registry.admission.redeem(invitation, "telegram:3", NOON)
    assert await registry.admission.admitted("telegram:3") == [Admitted("telegram:3", SLACK, NOON)]
    async with database.reading() as connection:
        assert await connection.scalar(select(tables.thread_mute.c.person)) == SLACK


async def test_others_keep_what_is_theirs(registry: Registry, database: Database) -> None:
    await recorded(database, an_answer(1))
    await FeedbackBook(database).vote("a1", OTHER_TELEGRAM, 1)
    await registry.link(SLACK, TELEGRAM)
    assert await FeedbackBook(database).given("a1", OTHER_TELEGRAM) == Feedback("a1", OTHER_TELEGRAM, 1)
    assert await FeedbackBook(database).given("a1", SLACK) is None


@pytest.mark.parametrize(("alias_at", "vote"), [(MINUTE, -1), (-MINUTE, 1), (0 * MINUTE, 1)])
async def test_of_two_votes_on_an_answer_the_newer_counts(
    registry: Registry, database: Database, alias_at: timedelta, vote: int
) -> None:
    await recorded(database, an_answer(1))
    book = FeedbackBook(database)
    await book.vote("a1", SLACK, 1, NOON)
    await book.vote("a1", TELEGRAM, -1, NOON + alias_at)
    await book.explain("a1", TELEGRAM, "theo Telegram")
    await registry.link(SLACK, TELEGRAM)
    assert await book.given("a1", SLACK) == Feedback("a1", SLACK, vote, "theo Telegram")
    assert await book.given("a1", TELEGRAM) is None
    assert not await book.vote("a1", SLACK, 0, max(NOON, NOON + alias_at))


async def test_a_reason_alone_is_no_newer_vote_and_the_persons_own_is_kept(
    registry: Registry, database: Database
) -> None:
    await recorded(database, an_answer(1))
    book = FeedbackBook(database)
    await book.vote("a1", SLACK, 1, NOON)
    await book.explain("a1", SLACK, "của Slack")
    await book.explain("a1", TELEGRAM, "của Telegram")
    await registry.link(SLACK, TELEGRAM)
    assert await book.given("a1", SLACK) == Feedback("a1", SLACK, 1, "của Slack")


async def test_a_vote_of_old_without_its_time_is_as_new_as_its_row(registry: Registry, database: Database) -> None:
    await recorded(database, an_answer(1))
    await FeedbackBook(database).vote("a1", SLACK, 1, NOON)
    row = {"answer_id": "a1", "person": TELEGRAM, "vote": -1, "updated_at": NOON + MINUTE}
    async with database.writing() as connection:
        await connection.execute(insert(tables.feedback).values(row))
    await registry.link(SLACK, TELEGRAM)
    given = await FeedbackBook(database).given("a1", SLACK)
    assert given is not None
    assert given.vote == -1


async def test_of_two_corrections_of_an_answer_the_newer_stands(registry: Registry, database: Database) -> None:
    """As if one id had proposed them: the older is withdrawn, and the newer one is in the feedback."""
    await recorded(database, an_answer(1), an_answer(2))
    corrections = Corrections(database)
    older = await corrections.propose("a1", SLACK, "13 ngày", NOON)
    newer = await corrections.propose("a1", TELEGRAM, "14 ngày", NOON + MINUTE)
    apart = await corrections.propose("a2", SLACK, "15 ngày", NOON)
    await registry.link(SLACK, TELEGRAM)
    assert {each.id for each in await corrections.unannounced()} == {newer.id, apart.id}
    left = await corrections.get(older.id)
    assert left is not None
    assert left.state is CorrectionState.WITHDRAWN
    assert await FeedbackBook(database).given("a1", SLACK) == Feedback("a1", SLACK, correction="14 ngày")


async def test_what_was_rejected_is_not_learnt_from_under_another_id(registry: Registry, database: Database) -> None:
    await recorded(database, an_answer(1))
    corrections, book = Corrections(database), FeedbackBook(database)
    await corrections.propose("a1", SLACK, "13 ngày", NOON)
    newer = await corrections.propose("a1", TELEGRAM, "14 ngày", NOON + MINUTE)
    await corrections.decide(newer.id, OTHER_SLACK, accept=False, now=NOON + MINUTE)
    await registry.link(SLACK, TELEGRAM)
    (sample,) = [sample async for sample in book._rows.samples()]
    assert sample.feedback == Feedback("a1", SLACK)


async def test_the_persons_own_choices_win_but_no_to_training_is_no(registry: Registry, database: Database) -> None:
    people = People(database)
    await people.choose_language(SLACK, "vi")
    await people.choose_language(TELEGRAM, "en")
    await people.allow_training(TELEGRAM, allowed=False)
    await people.told(TELEGRAM)
    await registry.link(SLACK, TELEGRAM)
    assert await people.preference(SLACK) == Preference("vi", training=False, told=True)
    assert await people.preference(TELEGRAM) == Preference()


async def test_choices_that_the_person_has_not_made_are_those_of_the_alias(
    registry: Registry, database: Database
) -> None:
    people = People(database)
    await people.told(SLACK)
    await people.choose_language(TELEGRAM, "en")
    await registry.link(SLACK, TELEGRAM)
    assert await people.preference(SLACK) == Preference("en", told=True)
