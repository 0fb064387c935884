"""The units of systemd: whether they are as they were installed, and how exposed the services are."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bots.doctor.apart import apart
from bots.doctor.findings import Check, Finding, Office, fail, ok, warn
from bots.settings import Settings
from bots.units import judging
from bots.units.chosen import card_of, is_of_another_office, is_split, user_of
from bots.units.files import File, State, compared
from bots.units.place import Place, systemd_version, this_place
from bots.units.rendering import (
    EVERY_FILE,
    GPU,
    RESTART_STEPS_SINCE,
    SPLIT,
    SYSTEM,
    SYSUSERS,
    TMPFILES,
    WHOLE,
    rendered,
)
from core.errors import SotayError

MOST = 1.5
"""The exposure that the service with a graphics card has by systemd's own count; all others have less."""
INSTALL = "sotay service install"
VITAL = {SYSUSERS, TMPFILES, *(SYSTEM / name for name in (*WHOLE, *SPLIT))}
"""Without one of these nobody is answered; the others do their work at fixed times."""
NEW = "\nRestartSteps="
"""Stands in units that were rendered for a systemd that knows it."""


async def units(office: Office) -> Sequence[Finding]:
    """What is installed, where anything is: by hand in a terminal it runs as well."""
    config = office.loaded.config
    if config is None:
        return []
    return await apart(functools.partial(judged, office.root, config, office.settings))


def judged(root: Path, config: Path, settings: Settings) -> Sequence[Finding]:
    if is_of_another_office(root, config):
        return [ok("units", "other", path=config)]
    wanted = rendered(settings, _place(root, config), split=is_split(root))
    files = list(compared(root, wanted, EVERY_FILE))
    there = [file for file in files if file.there is not None]
    if not there:
        return [ok("units", "none" if systemd_version() else "no_systemd")]
    found = list(_wrong(root, files)) or [ok("units", count=len(there))]
    return [*found, *_exposure(root, there)]


def _place(root: Path, config: Path) -> Place:
    """This machine; where it has no systemd of its own, as the one for which the units were rendered."""
    place = this_place(config, user_of(root), has_card=card_of(root))
    if place.systemd:
        return place
    is_new = any(NEW in path.read_text(encoding="utf-8") for path in (root / SYSTEM).glob("sotay*.service"))
    return replace(place, systemd=RESTART_STEPS_SINCE if is_new else 0)


def _wrong(root: Path, files: Sequence[File]) -> Iterator[Finding]:
    for file in files:
        if file.state is State.EDITED:
            yield warn("units", "edited", f"{INSTALL} --force", path=file.path)
        elif file.state is State.MISSING:
            say = fail if file.path.relative_to(root) in VITAL else warn
            yield say("units", "missing", INSTALL, path=file.path)
        elif file.state is State.OUTDATED or (file.state is State.SURPLUS and file.path.name != GPU):
            yield warn("units", "outdated", INSTALL, path=file.path)  # a card that is away is told of elsewhere


def _exposure(root: Path, files: Sequence[File]) -> Sequence[Finding]:
    services = [f.path for f in files if f.path.suffix == ".service" and f.path.parent == root / SYSTEM]
    if not judging.is_there():
        return [ok("exposure", "no_tools")]
    return [finding for path in services for finding in _exposed(path)] or [ok("exposure")]


def _exposed(path: Path) -> Sequence[Finding]:
    try:
        exposure = judging.exposure(path)
    except SotayError as error:
        return [warn("exposure", "unknown", f"{INSTALL} --force", unit=path.name, sentence=error)]
    if exposure > MOST:
        return [warn("exposure", "high", f"{INSTALL} --force", unit=path.name, exposure=exposure)]
    return []


CHECKS = (Check("units", units),)
