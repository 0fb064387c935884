"""`sotay service` as people run it, into a folder that stands for the root of the file system."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bots.commands.running import Session
from bots.commands.service import Wish, install, next_commands, refuse_without_root, status, uninstall
from bots.settings import load_settings
from bots.units.rendering import SYSTEM
from core.errors import SotayError
from tests.bots.office import Finished, Office
from tests.bots.units.offices import PLAIN, POSTGRESQL, settings_of

HERE = Wish(Path("/somewhere"))
SERVICE = SYSTEM / "sotay.service"


@dataclass
class Machine:
    """A machine with settings, and a folder for what is installed."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    def set(self, text: str) -> None:
        (self.folder / "sotay.toml").write_text(text, encoding="utf-8")

    def _run(self, command: Callable[[Session], int]) -> Finished:
        config, out, notes = self.folder / "sotay.toml", StringIO(), StringIO()
        session = Session(
            config,
            Console(file=out, soft_wrap=True, highlight=False),
            Console(file=notes, soft_wrap=True, highlight=False),
            load_settings(config, {}),
        )
        return Finished(command(session), out.getvalue(), notes.getvalue())

    def install(self, wish: Wish, *, dry_run: bool = False, force: bool = False) -> Finished:
        return self._run(lambda session: install(session, self.here(wish), dry_run=dry_run, force=force))

    def uninstall(self) -> Finished:
        return self._run(lambda session: uninstall(session, self.here(Wish()), dry_run=False, force=False))

    def status(self) -> Finished:
        return self._run(lambda session: status(session, self.here(Wish())))

    def here(self, wish: Wish) -> Wish:
        return replace(wish, prefix=self.root, has_card=bool(wish.has_card))

    def files(self) -> dict[Path, str]:
        found = (path for path in self.root.rglob("*") if path.is_file())
        return {path.relative_to(self.root): path.read_text(encoding="utf-8") for path in found}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    made.set(PLAIN)
    return made


def test_an_install_writes_all_once_and_an_uninstall_leaves_nothing(machine: Machine) -> None:
    shown = machine.install(Wish(), dry_run=True)
    assert (shown.status, machine.files()) == (0, {})
    assert "+ExecStart=" in shown.out
    first = machine.install(Wish())
    installed = machine.files()
    assert first.status == 0
    assert {path.name for path in installed} >= {"sotay.service", "sotay.target", "sotay-backup.timer", "sotay.conf"}
    second = machine.install(Wish())
    assert (second.status, machine.files()) == (0, installed)
    assert "Không có gì phải đổi" in second.notes
    assert (machine.uninstall().status, machine.files()) == (0, {})
    assert "Chưa có tệp nào" in machine.uninstall().notes


def test_what_was_changed_by_hand_is_shown_and_left_unless_forced(machine: Machine) -> None:
    machine.install(Wish())
    before, path = machine.files(), machine.root / SERVICE
    path.write_text(path.read_text(encoding="utf-8").replace("WatchdogSec=30", "WatchdogSec=99"), encoding="utf-8")
    told = machine.status()
    assert (told.status, "đã được sửa tay" in told.notes) == (1, True)
    again = machine.install(Wish())
    assert (again.status, "WatchdogSec=99" in machine.files()[SERVICE]) == (1, True)
    assert "-WatchdogSec=99" in again.out
    assert "+WatchdogSec=30" in again.out
    assert (machine.uninstall().status, [*machine.files()]) == (1, [SERVICE])
    assert (machine.install(Wish(), force=True).status, machine.files()) == (0, before)
    assert machine.status().status == 0


def test_units_follow_the_settings_and_what_is_not_wanted_any_more_goes(machine: Machine) -> None:
    machine.install(Wish(has_card=True))
    assert SYSTEM / "sotay.service.d/20-gpu.conf" in machine.files()
    machine.set(PLAIN + '[office]\ntimezone = "Asia/Tokyo"\n')
    assert machine.status().status == 1
    assert machine.install(Wish()).status == 0
    files = machine.files()
    assert "Asia/Tokyo" in files[SYSTEM / "sotay-backup.timer"]
    assert not [path for path in files if "20-gpu" in path.name]


def test_the_next_install_keeps_what_was_chosen_until_told_otherwise(machine: Machine) -> None:
    machine.set(POSTGRESQL)
    machine.install(Wish(user="handbook", split=True))
    chosen = machine.files()
    assert "User=handbook" in chosen[SYSTEM / "sotay-slack.service"]
    assert (machine.install(Wish()).status, machine.files()) == (0, chosen)
    assert machine.status().status == 0
    machine.install(Wish(split=False))
    assert SYSTEM / "sotay-slack.service" not in machine.files()
    assert "User=handbook" in machine.files()[SERVICE]


def test_several_processes_on_one_file_are_refused(machine: Machine) -> None:
    with pytest.raises(SotayError) as refused:
        machine.install(Wish(split=True))
    assert refused.value.message_id == "units.split_on_sqlite"
    assert machine.files() == {}


async def test_the_command_line_reaches_all_of_it(machine: Machine) -> None:
    office, prefix = Office(machine.folder), ("--prefix", str(machine.root))
    done = await office.sotay("service", "install", *prefix, "--user", "handbook", "--no-gpu")
    assert (done.status, "Traceback" in done.notes) == (0, False)
    assert "User=handbook" in machine.files()[SERVICE]
    split = await office.sotay("service", "install", *prefix, "--split")
    assert (split.status, "PostgreSQL" in split.notes, "Traceback" in split.notes) == (1, True, False)
    assert (await office.sotay("service", "uninstall", *prefix)).status == 0
    assert machine.files() == {}


@pytest.mark.parametrize(
    ("wish", "dry_run", "user", "is_refused"),
    [(Wish(), False, 1000, True), (Wish(), False, 0, False), (Wish(), True, 1000, False), (HERE, False, 1000, False)],
)
def test_only_root_writes_to_etc(wish: Wish, dry_run: bool, user: int, is_refused: bool) -> None:
    if not is_refused:
        refuse_without_root(wish, user, dry_run=dry_run)
        return
    with pytest.raises(SotayError) as refused:
        refuse_without_root(wish, user, dry_run=dry_run)
    assert "--prefix" in refused.value.text("en")


def test_the_next_commands_name_what_starts_and_no_timer_beside_the_schedule_of_the_service(tmp_path: Path) -> None:
    lines = next_commands(settings_of(tmp_path), "sotay")
    assert lines[0] == "systemd-sysusers"
    assert lines[-1] == "systemctl enable --now sotay.target sotay.service"
    for key, unit in (
        ('backup = "off"', "sotay-backup.timer"),
        ('reread = "off"', "sotay-ingest.timer"),
        ("watch = false", "sotay-ingest.path"),
    ):
        settings = settings_of(tmp_path, f"{PLAIN}[schedule]\n{key}\n")
        assert next_commands(settings, "sotay")[-1] == f"{lines[-1]} {unit}"
    assert not any("chown" in line for line in lines)
    used = PLAIN.replace("/var/lib/sotay", str(tmp_path))
    assert f"chown -R sotay: {tmp_path}" in next_commands(settings_of(tmp_path, used), "sotay")
