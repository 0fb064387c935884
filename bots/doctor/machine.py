"""The local model, the card it runs on, and the port for monitoring."""

import asyncio
import functools
from collections.abc import Callable, Sequence
from pathlib import Path

import aiohttp

from bots.doctor.apart import apart
from bots.doctor.findings import Check, Finding, Office, fail, ok, warn
from bots.local_model import machine_for, model_path, wishes_of
from bots.settings import Settings
from core.errors import ModelError
from models.anatomy import read_anatomy
from models.catalog import CATALOG
from models.download import compare, is_marked
from models.gguf import check_header
from models.machine import Machine, this_machine
from models.planning import judge, plan_for

HASHED = 600_000_000
"""Bytes of the largest file that is hashed here, in about a second; of a larger one `sotay models check` knows."""
OURS = "sotay_"
"""How the names of our metrics begin."""


async def model(office: Office) -> Sequence[Finding]:
    """Whether the file of the local model is there and whole, and fits this machine."""
    if office.settings.models.local_base_url is not None:
        return []
    return await apart(functools.partial(_model, office.settings))


def _model(settings: Settings) -> Sequence[Finding]:
    path, name = model_path(settings), settings.models.local
    if not path.is_file():
        remedy = f"sotay models fetch {name}" if name in CATALOG else "[models] local"
        return [fail("model", "missing", remedy, path=path, model=name)]
    try:
        found = _whole(path, name)
        anatomy = read_anatomy(path)
    except ModelError as error:
        again = f"rm {path} && sotay models fetch {name}" if name in CATALOG else "[models] local"
        return [fail("model", "damaged", again, sentence=error)]
    machine, _ = machine_for(settings.models)
    verdict = judge(anatomy, plan_for(anatomy, wishes_of(settings.models), machine), machine)
    if not verdict.fits:
        return [found, fail("memory", "short", "sotay models check", model=name, missing=-verdict.spare_mib)]
    return [found, ok("memory", spare=verdict.spare_mib)]


def _whole(path: Path, name: str) -> Finding:
    """Raises ModelError."""
    entry = CATALOG.get(name)
    if entry is None or is_marked(path, entry.sha256):
        check_header(path)
        return ok("model", path=path)
    size = path.stat().st_size
    if size > HASHED and (entry.size is None or size == entry.size):
        return warn("model", "unchecked", "sotay models check", path=path)
    compare(path, entry)
    return ok("model", path=path)


def driver(look_at: Callable[[], Machine] = this_machine) -> Check:
    """Whether the card's driver works, where one is installed."""

    async def look(office: Office) -> Sequence[Finding]:
        if office.settings.models.local_base_url is not None:
            return []
        machine = await apart(look_at)
        if machine.fault:
            return [fail("driver", "broken", "nvidia-smi", detail=machine.fault)]
        if not machine.cards:
            return [ok("driver", "none")]
        return [ok("driver", card=machine.cards[0].name, version=machine.cards[0].driver)]

    return Check("driver", look)


async def web(office: Office) -> Sequence[Finding]:
    """Whether the port for monitoring is free, or taken by a service of ours."""
    chosen = office.settings.web
    if chosen.port == 0:
        return []
    try:
        _, writer = await asyncio.open_connection(chosen.host, chosen.port)
    except OSError:
        return [ok("web", "free", port=chosen.port)]
    writer.close()
    try:
        async with office.session.get(f"http://{chosen.host}:{chosen.port}/metrics") as answer:
            is_ours = OURS in await answer.text()
    except (aiohttp.ClientError, TimeoutError, UnicodeDecodeError):
        is_ours = False
    return [ok("web", port=chosen.port) if is_ours else fail("web", "taken", "[web] port", port=chosen.port)]


CHECKS = (Check("model", model), driver(), Check("web", web))
