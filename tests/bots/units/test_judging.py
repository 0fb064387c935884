"""The units before systemd's own tools: `verify` has nothing to say, and no service is exposed beyond the bar."""

from pathlib import Path

import pytest

from bots.units import judging
from core.errors import SotayError
from tests.bots.units.offices import ODD, PLAIN, POSTGRESQL, install

pytestmark = pytest.mark.skipif(
    not judging.is_there(), reason="systemd-analyze is not on this machine: apt-get install systemd"
)
SERVICE_BAR, CARD_BAR, TASK_BAR = 1.2, 1.5, 0.6
TASKS = ("sotay-backup.service", "sotay-ingest.service")
TRUE = Path("/bin/true")


@pytest.mark.parametrize("has_card", [False, True])
@pytest.mark.parametrize("text", [PLAIN, ODD, POSTGRESQL], ids=["plain", "odd", "postgresql"])
def test_nothing_is_wrong_with_the_units_of_one_process(tmp_path: Path, text: str, has_card: bool) -> None:
    units = install(tmp_path, text, has_card=has_card, modprobe=TRUE if has_card else None)
    assert len(units) == 7
    assert not judging.complaints([*units.values()])


def test_nothing_is_wrong_with_the_units_of_several_processes(tmp_path: Path) -> None:
    units = install(tmp_path, POSTGRESQL, split=True, has_card=True)
    assert {"sotay-slack.service", "sotay-telegram.service", "sotay-worker.service"} < units.keys()
    assert "sotay.service" not in units
    assert not judging.complaints([*units.values()])


def test_a_key_that_systemd_does_not_know_is_found(tmp_path: Path) -> None:
    """It ends with 0 then, and so would a check that asks for the status alone."""
    unit = tmp_path / "a.service"
    unit.write_text("[Service]\nExecStart=/bin/true\nRestartStepz=5\n", encoding="utf-8")
    assert "RestartStepz" in judging.complaints([unit])


def test_no_service_is_exposed_beyond_the_bar(tmp_path: Path) -> None:
    units = install(tmp_path)
    assert judging.exposure(units["sotay.service"]) <= SERVICE_BAR
    for name in TASKS:
        assert judging.exposure(units[name]) <= TASK_BAR


def test_the_devices_of_a_card_cost_little(tmp_path: Path) -> None:
    without, with_card = tmp_path / "without", tmp_path / "with"
    for folder in (without, with_card):
        folder.mkdir()
    bare = judging.exposure(install(without)["sotay.service"])
    exposed = judging.exposure(install(with_card, has_card=True)["sotay.service"])
    assert bare < exposed <= CARD_BAR, "or the drop-in was not read"


def test_a_unit_without_any_care_is_far_beyond_the_bar(tmp_path: Path) -> None:
    unit = tmp_path / "careless.service"
    unit.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
    assert judging.exposure(unit) > 9


def test_what_cannot_be_judged_is_said(tmp_path: Path) -> None:
    with pytest.raises(SotayError) as refused:
        judging.exposure(tmp_path / "none.service")
    assert refused.value.message_id == "units.not_judged"
