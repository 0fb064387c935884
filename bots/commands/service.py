"""`sotay service`: the units of systemd for this machine, written, taken away, looked at."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from bots.commands.running import Session
from bots.settings import Settings, environment, find_config
from bots.units import judging
from bots.units.chosen import card_of, is_split, user_of
from bots.units.files import File, State, compared
from bots.units.place import Place, closed, this_place
from bots.units.rendering import BACKUP, EVERY_FILE, INGEST, SYSTEM, WATCH, rendered, wanted
from bots.upkeep import OFF
from core.errors import SettingsError, SotayError
from core.output import visible

ROOT = Path("/")
SHOWN = ("ActiveState", "SubState", "StatusText", "NRestarts")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be installed. `prefix` stands for the root of the file system; `has_card` overrules what is found.

    What is left open is as it was at the last install.
    """

    prefix: Path | None = None
    user: str | None = None
    split: bool | None = None
    has_card: bool | None = None

    @property
    def root(self) -> Path:
        return self.prefix or ROOT

    @property
    def who(self) -> str:
        return self.user or user_of(self.root)

    @property
    def card(self) -> bool | None:
        return card_of(self.root) if self.has_card is None else self.has_card

    @property
    def is_split(self) -> bool:
        return is_split(self.root) if self.split is None else self.split


def install(session: Session, wish: Wish, *, dry_run: bool, force: bool) -> int:
    """Writes what is missing or outdated, and takes away what is not wanted any more; 1 where a file was left alone.

    What was changed by hand is shown and left, unless `force`. Raises SotayError.
    """
    settings, place = session.settings, place_of(session, wish)
    split = wish.is_split
    if split and settings.data.is_sqlite:
        raise SettingsError("units.split_on_sqlite")
    refuse_without_root(wish, os.geteuid(), dry_run=dry_run)
    files = list(compared(wish.root, rendered(settings, place, split=split), EVERY_FILE))
    left = settle(session, files, dry_run=dry_run, force=force)
    for folder in dict.fromkeys(closed([*place.code, place.config.parent])):
        session.say("units.closed", path=folder, user=place.user)
    if not dry_run and wish.prefix is None:
        session.say("units.next")
        for line in next_commands(settings, place.user, split=split):
            session.out.print(Text(line))
    return int(left > 0)


def uninstall(session: Session, wish: Wish, *, dry_run: bool, force: bool) -> int:
    """Takes every file of ours away, data and settings stay; 1 where a file that was changed by hand was left."""
    refuse_without_root(wish, os.geteuid(), dry_run=dry_run)
    files = list(compared(wish.root, {}, EVERY_FILE))
    if not files:
        session.say("units.none")
        return 0
    left = settle(session, files, dry_run=dry_run, force=force)
    if not dry_run and wish.prefix is None:
        session.say("units.next")
        session.out.print(Text("systemctl daemon-reload"))
    return int(left > 0)


def status(session: Session, wish: Wish) -> int:
    """How each file stands to what would be installed now, how exposed each service is, and what systemd says of it.

    1 where something is not as it should be.
    """
    settings, place = session.settings, place_of(session, wish)
    files = list(compared(wish.root, rendered(settings, place, split=wish.is_split), EVERY_FILE))
    for file in files:
        session.say(f"units.{file.state}", path=file.path)
        if file.state in {State.EDITED, State.OUTDATED}:
            session.out.print(Text(visible_lines(file.difference())))
    for file in files:
        if file.there is not None and file.path.parent == wish.root / SYSTEM:
            judge(session, file.path)
            if wish.prefix is None:
                tell_state(session, file.path.name)
    return int(any(file.state is not State.CURRENT for file in files))


def place_of(session: Session, wish: Wish) -> Place:
    """This installation. Raises SettingsError where there is no settings file: a service has no working directory."""
    config = find_config(session.config, environment())
    if config is None:
        raise SettingsError("units.no_config")
    return this_place(config, wish.who, has_card=wish.card)


def refuse_without_root(wish: Wish, user: int, *, dry_run: bool) -> None:
    """`user` is the id of who asks."""
    if wish.prefix is None and not dry_run and user != 0:
        raise SotayError("units.needs_root")


def settle(session: Session, files: Sequence[File], *, dry_run: bool, force: bool) -> int:
    """Brings the files in order, and says what was done or would be; how many were left alone."""
    left = 0
    for file in files:
        if file.state is State.EDITED and not force:
            left += 1
            session.say("units.left", path=file.path)
            session.out.print(Text(visible_lines(file.difference())))
            continue
        if file.state is State.CURRENT:
            continue
        if dry_run:
            session.say("units.would", path=file.path)
            session.out.print(Text(visible_lines(file.difference())))
            continue
        file.settle()
        session.say("units.removed" if file.wanted is None else "units.written", path=file.path)
    if all(file.state is State.CURRENT for file in files):
        session.say("units.all_current", count=len(files))
    return left


def next_commands(settings: Settings, user: str, *, split: bool = False) -> list[str]:
    """What is left for the administrator to do, each a line for the shell."""
    started = [name for name in wanted(settings, split=split) if is_enabled(name, settings)]
    data = settings.data.directory
    owner = [f"chown -R {user}: {data}"] if data.is_dir() and any(data.iterdir()) else []
    return [
        "systemd-sysusers",
        "systemd-tmpfiles --create",
        *owner,
        "systemctl daemon-reload",
        f"systemctl enable --now {' '.join(started)}",
    ]


def is_enabled(unit: str, settings: Settings) -> bool:
    """Whether a unit is to be started by itself: timers only where the service does not keep that time on its own."""
    chosen = settings.schedule
    if unit in BACKUP:
        return unit.endswith(".timer") and chosen.backup == OFF
    if unit in INGEST:
        return unit.endswith(".timer") and chosen.reread == OFF
    return unit not in WATCH or not chosen.watch


def judge(session: Session, unit: Path) -> None:
    """Says what systemd's tools find, where they are installed."""
    if not judging.is_there():
        return
    if faults := judging.complaints([unit]):
        session.say("units.faulty", path=unit)
        session.out.print(Text(visible_lines(faults)))
    if unit.suffix == ".service":
        session.say("units.exposure", unit=unit.name, exposure=judging.exposure(unit))


def tell_state(session: Session, unit: str) -> None:
    """Says what systemd makes of a unit, where it runs this machine."""
    tool = shutil.which("systemctl")
    if tool is None:
        return
    shown = [f"--property={','.join(SHOWN)}", unit]
    done = subprocess.run([tool, "show", *shown], check=False, capture_output=True, text=True)  # noqa: S603
    facts = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    if facts.get("ActiveState"):
        state = f"{facts['ActiveState']} ({facts.get('SubState', '')})"
        detail = facts.get("StatusText", "")
        session.say("units.state", unit=unit, state=state, restarts=facts.get("NRestarts", "0"), detail=detail)


def visible_lines(text: str) -> str:
    """The text without anything that a terminal would obey; its lines stay lines."""
    return "\n".join(visible(line) for line in text.splitlines())
