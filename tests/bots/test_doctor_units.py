"""What the doctor makes of the units of systemd: faults are told, and what is as it was meant to be is not."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bots.doctor import units
from bots.doctor.findings import Finding, Level
from bots.settings import load
from bots.units.files import compared
from bots.units.place import this_place, this_python
from bots.units.rendering import EVERY_FILE, GPU, SYSTEM, rendered
from tests.bots.ailing import Ailing, ailing
from tests.bots.office import Finished, Office

SERVICE = SYSTEM / "sotay.service"
DROP_IN = SYSTEM / f"{SERVICE.name}.d" / GPU


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Ailing]:
    """Only its units are looked at."""
    (tmp_path / "made").mkdir()
    async with ailing(tmp_path / "made", tmp_path / "office") as found:
        found.checks = [*units.CHECKS]
        yield found


async def install(office: Ailing, *arguments: str) -> None:
    """The command of `sotay service`, into a folder that stands for the root."""
    done = await Office(office.folder).sotay("service", "install", "--prefix", str(office.root), *arguments)
    assert done.status == 0, done.notes


async def examined(office: Ailing, *, path: str = "") -> Finished:
    """`sotay doctor` for that folder; `path` is where programs are looked for."""
    place = {"PATH": path} if path else {}
    return await Office(office.folder).sotay("doctor", "--json", "--prefix", str(office.root), **place)


def told(done: Finished) -> list[tuple[str, str]]:
    findings = done.json["findings"]
    return [(each["check"], each["level"]) for each in findings if each["check"] in {"units", "exposure"}]


def put(office: Ailing, **changes: Any) -> None:  # noqa: ANN401
    """What an install leaves on this machine, but for the `changes`."""
    place = replace(this_place(office.config, "sotay"), **changes)
    for file in compared(office.root, rendered(load(office.config, {}).settings, place), EVERY_FILE):
        file.settle()


def kinds(findings: Sequence[Finding]) -> list[tuple[str, str, Level]]:
    return [(finding.name, finding.more, finding.level) for finding in findings]


GOOD = [("units", "ok"), ("exposure", "ok")]
ALL_GOOD = ("units", "good", Level.OK)


async def test_what_was_installed_below_a_prefix_is_good_with_systemd_and_without(office: Ailing) -> None:
    await install(office)
    assert told(await examined(office)) == GOOD
    assert told(await examined(office, path="/nowhere")) == GOOD


async def test_without_systemd_and_units_nothing_is_wrong_and_no_install_is_recommended(office: Ailing) -> None:
    done = await examined(office, path="/nowhere")
    (text,) = [each["text"] for each in done.json["findings"] if each["check"] == "units"]
    assert "service install" not in text


async def test_units_for_a_newer_systemd_are_good_where_there_is_none(office: Ailing) -> None:
    put(office, systemd=257)
    assert "RestartSteps=" in (office.root / SERVICE).read_text(encoding="utf-8")
    assert told(await examined(office, path="/nowhere")) == GOOD


async def test_a_card_stays_as_it_was_told_at_the_install(office: Ailing) -> None:
    await install(office, "--gpu")
    assert (office.root / DROP_IN).exists()
    assert ALL_GOOD in kinds(await office.findings())
    await install(office)
    assert (office.root / DROP_IN).exists(), "told once"
    await install(office, "--no-gpu")
    assert not (office.root / DROP_IN).exists()
    assert ALL_GOOD in kinds(await office.findings())


async def test_a_card_that_is_away_today_is_no_fault_of_the_units(office: Ailing) -> None:
    put(office, has_card=True)
    assert (office.root / DROP_IN).exists()
    assert ALL_GOOD in kinds(await office.findings())


async def test_services_of_another_settings_file_are_left_alone(office: Ailing) -> None:
    await install(office)
    office.config.rename(office.folder / "other.toml")
    loaded = load(office.folder / "other.toml", {})
    assert units.judged(office.root, office.folder / "other.toml", loaded.settings)[0].more == "other"


async def test_a_timer_that_is_missing_is_less_than_a_service_that_is(office: Ailing) -> None:
    await install(office)
    (office.root / SYSTEM / "sotay-backup.timer").unlink()
    assert ("units", "missing", Level.WARN) in kinds(await office.findings())
    (office.root / SERVICE).unlink()
    assert ("units", "missing", Level.FAIL) in kinds(await office.findings())


def test_the_interpreter_is_named_alike_however_it_was_called(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    real, usual, other = tmp_path / "python3.11", tmp_path / "bin" / "python", tmp_path / "bin" / "python3"
    real.touch()
    usual.symlink_to(real)
    other.symlink_to(real)
    assert this_python(tmp_path, other) == this_python(tmp_path, usual) == usual
    assert this_python(tmp_path / "none", other) == other
