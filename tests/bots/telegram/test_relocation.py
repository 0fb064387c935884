"""A group that becomes a supergroup: what the settings say of its old id holds for the new one, after a restart too."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from bots.telegram.controls import Action
from bots.telegram.relocation import Relocation
from core.store.database import Database
from core.store.moves import Moves
from tests.bots.slack.office import STAFF
from tests.bots.slack.script_lines import ANSWERED, ASKED
from tests.bots.telegram.office import Plan, a_place, open_office
from tests.bots.telegram.scene import Office, answer_of, button
from tests.bots.telegram.test_conversation_goes_on import BEGINNING, BOTH, OPENS, PUBLIC, WHEN
from tests.core.store.databases import fresh_database
from tests.telegram_server import TelegramServer
from tests.telegram_server.entities import cut_out

MOVED = "đã thành siêu nhóm"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[tuple[Database, TelegramServer]]:
    async with a_place(tmp_path) as opened:
        yield opened


def settled(group: int, **changes: object) -> Plan:
    """Settings that let the group in, whose members are all staff."""
    config: Mapping[str, object] = {"allowed": (group,), "rooms": {group: STAFF}}
    return Plan(config={**config, **changes})


async def asked_in(office: Office, chat: int) -> frozenset[str]:
    """An asks there and is answered; from which spaces."""
    await office.answer(chat, office.telegram.people.ask(office.crew.an, chat, WHEN), OPENS)
    return office.retriever.searches[-1][1]


async def test_a_group_of_the_settings_is_let_in_with_its_readers_under_its_new_id(
    place: tuple[Database, TelegramServer],
) -> None:
    _, telegram = place
    boss = telegram.people.add_user("Sếp")
    group = telegram.people.add_group("Nhóm cũ", [boss])
    async with open_office(*place, settled(group)) as office:
        telegram.moves.join(office.crew.an, group)
        assert await asked_in(office, group) == BOTH
        bigger = telegram.moves.migrate(group, by=boss)
        assert await asked_in(office, bigger) == BOTH
        told = await office.said(office.crew.office, MOVED)
        assert told.text.startswith(f"Nhóm Telegram {group} {MOVED}")
        assert [cut_out(told.text, entity) for entity in told.entities if entity["type"] == "code"] == [str(bigger)]
    async with open_office(*place, settled(group)) as office:  # nobody has changed the settings
        telegram.moves.join(office.crew.an, bigger)
        assert await asked_in(office, bigger) == BOTH
        assert telegram.said(office.crew.office) == []
    async with open_office(*place, settled(bigger)) as office:
        telegram.moves.join(office.crew.an, bigger)
        assert await asked_in(office, bigger) == BOTH


async def test_a_move_that_is_told_of_again_is_an_alarm_once(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    alarms: list[tuple[str, str, str]] = []
    async with fresh_database("sqlite", tmp_path) as database:
        relocation = Relocation(
            Moves(database),
            900,
            frozenset({-5}),
            "vi",
            alarm=lambda *alarm: alarms.append(alarm),
            heard=lambda old, new: heard.append((old, new)),
        )
        for _ in range(2):
            await relocation.moved(-5, -1005)
        assert [detail for _, _, detail in alarms] == ["-1005"]
        assert heard == [(-5, -1005)] * 2
        assert [await relocation.same_as(chat) for chat in (-5, -1005, 5)] == [{-1005}, {-5}, frozenset()]


async def test_of_a_group_that_the_settings_do_not_name_nobody_is_told(place: tuple[Database, TelegramServer]) -> None:
    _, telegram = place
    async with open_office(*place) as office:
        group = telegram.people.add_group("Nhóm cũ", [office.crew.an])
        bigger = telegram.moves.migrate(group, by=office.crew.an)
        assert await asked_in(office, bigger) == PUBLIC
        assert not [said for said in telegram.said(office.crew.office) if MOVED in said.text]


async def test_another_supergroup_is_not_taken_for_it(place: tuple[Database, TelegramServer]) -> None:
    _, telegram = place
    boss = telegram.people.add_user("Sếp")
    group = telegram.people.add_group("Nhóm cũ", [boss])
    other = telegram.people.add_group("Nhóm khác", [boss])
    async with open_office(*place, settled(group)) as office:
        telegram.moves.migrate(group, by=boss)
        stranger = telegram.moves.migrate(other, by=boss)
        asked = telegram.people.ask(boss, stranger, WHEN)
        await office.word(stranger, asked, "Nhóm này chưa được hỏi Sổ Tay.")


async def test_what_stands_unfinished_in_the_old_group_is_tried_a_few_times_and_left(
    place: tuple[Database, TelegramServer],
) -> None:
    """Telegram changes nothing any more there: the message keeps its stop button, and the answer stands in the new."""
    _, telegram = place
    boss = telegram.people.add_user("Sếp")
    group = telegram.people.add_group("Nhóm cũ", [boss])
    async with open_office(*place, settled(group)) as office:
        an = office.crew.an
        telegram.moves.join(an, group)
        office.model.middle.clear()
        left = await office.growing(group, telegram.people.ask(an, group, ASKED), BEGINNING)
        bigger = telegram.moves.migrate(group, by=boss)
        await office.heard()
        office.model.middle.set()
        finished = await office.said(bigger, ANSWERED)
        await office.until(lambda: answer_of(finished))
        assert await asked_in(office, bigger) == BOTH
        refused = [called for called in telegram.calls if called.error and "upgraded" in called.error]
        assert len(refused) <= 4
        assert button(left, Action.STOP)
        assert telegram.said(group) == [left]
        assert [ANSWERED in said.text for said in telegram.said(bigger)] == [True, False]
