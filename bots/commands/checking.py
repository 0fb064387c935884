"""`sotay models check`: is the file whole, what memory does it take with the settings, and does that fit?"""

import json
from dataclasses import asdict
from pathlib import Path

from bots.commands.checking_page import Page, Subject
from bots.commands.models import entry_of
from bots.commands.running import Session
from bots.local_model import machine_for, model_path, wishes_of
from core.errors import ModelMissing
from models.anatomy import read_anatomy
from models.catalog import CATALOG, CatalogEntry
from models.download import check
from models.machine import Machine
from models.planning import Verdict, judge, plan_for, presets


def check_model(session: Session, name: str | None, gpu_gb: float | None = None, *, as_json: bool = False) -> int:
    """Prints the findings; 1 where the file cannot be used or the settings do not fit. Raises `ModelError`."""
    if name is None and session.settings.models.local_base_url is not None:
        session.say("models.elsewhere", url=session.settings.models.local_base_url)
        return 0
    subject = subject_of(session, name)
    machine, reason = machine_for(session.settings.models, gpu_gb)
    plan = plan_for(subject.anatomy, wishes_of(session.settings.models, gpu_gb), machine)
    verdict = judge(subject.anatomy, plan, machine)
    if as_json:
        session.out.print_json(json.dumps(report(subject, machine, verdict)))
    else:
        Page(session, subject, machine, verdict).show(reason)
    if subject.fault and gpu_gb is None:
        session.complain(subject.fault)
        return 1
    return 0 if verdict.fits else 1


def subject_of(session: Session, name: str | None) -> Subject:
    """The model, its file checked. Raises `ModelError` where neither the file nor the catalogue tells its sizes."""
    local = session.settings.models.local
    if name is None and local not in CATALOG:
        path = model_path(session.settings)
        check(path)
        return Subject(path.name, path, read_anatomy(path))
    entry = entry_of(session, name)
    path = session.settings.models.directory / entry.file
    return _of_catalogue(entry, path)


def _of_catalogue(entry: CatalogEntry, path: Path) -> Subject:
    try:
        check(path, entry)
    except ModelMissing as error:
        if entry.anatomy is None:
            raise
        return Subject(entry.name, path, entry.anatomy, error)
    return Subject(entry.name, path, read_anatomy(path))


def report(subject: Subject, machine: Machine, verdict: Verdict) -> dict[str, object]:
    """The findings for programs; memory in MiB."""
    return {
        "model": subject.name,
        "file": str(subject.path),
        "file_good": subject.fault is None,
        "machine": asdict(machine),
        "plan": asdict(verdict.plan),
        "gpu": asdict(verdict.gpu) | {"total": verdict.gpu.total, "usable": verdict.gpu_mib},
        "ram": asdict(verdict.ram) | {"total": verdict.ram.total, "usable": verdict.ram_mib},
        "fits": verdict.fits,
        "spare": verdict.spare_mib,
        "instead": [asdict(plan) for plan in verdict.instead],
        "presets": {
            f"{gb} GB": asdict(found.plan) | {"total": found.gpu.total, "fits": found.fits}
            for gb, found in presets(subject.anatomy, machine.ram_mib, verdict.plan.beside_mib).items()
        },
    }
