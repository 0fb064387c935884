"""The units of systemd: whether they are as they were installed, and how exposed the services are."""

import functools
from collections.abc import Sequence
from pathlib import Path

from bots.doctor.apart import apart
from bots.doctor.findings import Check, Finding, Office, fail, ok, warn
from bots.settings import Settings
from bots.units import judging
from bots.units.chosen import is_split, user_of
from bots.units.files import File, State, compared
from bots.units.place import this_place
from bots.units.rendering import EVERY_FILE, SYSTEM, rendered
from core.errors import SotayError

MOST = 1.5
"""The exposure that the service with a graphics card has by systemd's own count; all others have less."""
INSTALL = "sotay service install"


async def units(office: Office) -> Sequence[Finding]:
    """What is installed, where anything is: by hand in a terminal it runs as well."""
    config = office.loaded.config
    if config is None:
        return []
    return await apart(functools.partial(_units, office.root, config, office.settings))


def _units(root: Path, config: Path, settings: Settings) -> Sequence[Finding]:
    wanted = rendered(settings, this_place(config, user_of(root)), split=is_split(root))
    files = list(compared(root, wanted, EVERY_FILE))
    there = [file for file in files if file.there is not None]
    if not there:
        return [ok("units", "none")]
    wrong = [_wrong(file) for file in files if file.state is not State.CURRENT]
    found = wrong or [ok("units", count=len(there))]
    return [*found, *_exposure(root, there)]


def _wrong(file: File) -> Finding:
    if file.state is State.EDITED:
        return warn("units", "edited", f"{INSTALL} --force", path=file.path)
    if file.state is State.MISSING:
        return fail("units", "missing", INSTALL, path=file.path)
    return warn("units", "outdated", INSTALL, path=file.path)


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
