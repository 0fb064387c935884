"""`sotay doctor`: what is wrong, and the command or the key that mends it."""

import json
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from bots.commands.running import Session
from bots.doctor.examining import examine
from bots.doctor.findings import Finding, Level
from bots.doctor.office import rejected
from bots.settings import environment, load
from bots.settings_problems import Rejected
from core.output import visible
from core.texts import translate

STATUS = {Level.OK: 0, Level.WARN: 1, Level.FAIL: 2}
"""Exit status by the worst that was found, as the plugins of Nagios have it, and whatever understands those."""
MARKS = {Level.OK: ("✓", "green"), Level.WARN: ("!", "yellow"), Level.FAIL: ("✗", "red")}


async def doctor(session: Session, root: Path, *, as_json: bool) -> int:
    """Prints what all checks find; the exit status tells the worst of it. Units are looked for below `root`."""
    try:
        loaded = load(session.config, environment())
    except Rejected as problems:
        findings = rejected(problems.problems)
    else:
        session._settings = loaded.settings  # noqa: SLF001
        findings = await examine(loaded, root)
    if as_json:
        session.out.print_json(json.dumps(report(findings, session.language), ensure_ascii=False))
    else:
        show(session, findings)
    return STATUS[worst_of(findings)]


def worst_of(findings: Sequence[Finding]) -> Level:
    return max((finding.level for finding in findings), key=STATUS.__getitem__, default=Level.OK)


def report(findings: Sequence[Finding], language: str) -> dict[str, object]:
    """For monitoring: the worst level, how many findings each has, and all of them."""
    told = [finding.report(language) for finding in findings]
    return {"level": worst_of(findings).value, **counted(findings), "findings": told}


def counted(findings: Sequence[Finding]) -> dict[str, int]:
    return {level.value: sum(finding.level is level for finding in findings) for level in Level}


def show(session: Session, findings: Sequence[Finding]) -> None:
    """A line for each finding, under it what mends it, then the sum."""
    for finding in findings:
        mark, style = MARKS[finding.level]
        session.out.print(Text(f"{mark} {visible(finding.text(session.language))}", style=style))
        if finding.remedy:
            is_key = finding.remedy.startswith("[")
            text = translate(session.language, "doctor.set" if is_key else "doctor.run", remedy=finding.remedy)
            session.out.print(Text(f"    {visible(text)}"))
    session.out.print(Text(translate(session.language, "doctor.sum", **counted(findings))))
