"""What the adapter remembers by."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bots.memory import Memory
from core.access import ADMINISTRATORS, Directory
from core.alarms import Alarms
from core.clock import SteadyClock
from core.store.database import Database
from tests.bots.slack.bench import a_bench
from tests.bots.slack.office import Office
from tests.manual_clock import ManualClock


def memory_of(database: Database, alarms: Alarms | None = None) -> Memory:
    directory = Directory({ADMINISTRATORS: frozenset({"slack:U1"}), "staff": frozenset({"slack:U2"})})
    return Memory.of(database, directory, alarms or Alarms(SteadyClock()))


async def test_administrators_are_those_of_the_settings_alone(database: Database) -> None:
    memory = memory_of(database)
    assert [memory.is_administrator(person) for person in ("slack:U1", "slack:U2", "U1", "")] == [
        True,
        False,
        False,
        False,
    ]


async def test_an_alarm_about_no_question_names_none(database: Database) -> None:
    clock = ManualClock()
    alarms = Alarms(clock)
    memory = memory_of(database, alarms)
    memory.alarm("alarm.slack_down", "", "timeout")
    memory.alarm("alarm.broken", "q1", "KeyError")
    told = {alarm.kind: alarm.question_ids for alarm in alarms.due()}
    assert told == {"alarm.slack_down": (), "alarm.broken": ("q1",)}


async def test_the_conversations_that_go_on_come_newest_first(tmp_path: Path) -> None:
    async with a_bench(tmp_path) as bench:
        shown = [await bench.answered() for _ in range(2)]
        found = await memory_of(bench.database).conversations("slack", datetime.now(UTC) - timedelta(days=1))
        assert found == [f"slack:T1:{each.channel}:{each.asked_ts}" for each in reversed(shown)]
        assert await memory_of(bench.database).conversations("slack", datetime.now(UTC) + timedelta(days=1)) == []


async def test_what_one_part_of_the_adapter_keeps_the_others_find(office: Office) -> None:
    ts = await office.ask()
    answer = await office.answered(office.channel, ts)
    ours = await office.memory.threads.owner_of("slack", f"{office.channel}/{answer}")
    assert ours is not None
    assert ours.person == f"slack:{office.an}"
