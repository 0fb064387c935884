"""`sotay doctor`: what is wrong, and the command or the key that mends it."""

import json
from collections.abc import Sequence

from rich.text import Text

from bots.commands.running import Session
from bots.doctor.examining import examine
from bots.doctor.findings import Finding, Level
from bots.doctor.office import rejected
from bots.settings import environment, load
from bots.settings_problems import Rejected
from core.output import visible
from core.texts import translate

FAILED = 1
"""Exit status where something fails."""
MARKS = {Level.OK: ("✓", "green"), Level.WARN: ("!", "yellow"), Level.FAIL: ("✗", "red")}


async def doctor(session: Session, *, as_json: bool) -> int:
    """Prints what all checks find; 0 where nothing fails, warnings or not, 1 where something does."""
    try:
        loaded = load(session.config, environment())
    except Rejected as problems:
        findings = rejected(problems.problems)
    else:
        session._settings = loaded.settings  # noqa: SLF001
        findings = await examine(loaded)
    if as_json:
        session.out.print_json(json.dumps(report(findings, session.language), ensure_ascii=False))
    else:
        show(session, findings)
    return FAILED if any(finding.level is Level.FAIL for finding in findings) else 0


def report(findings: Sequence[Finding], language: str) -> dict[str, object]:
    """For monitoring."""
    counts = {level.value: sum(finding.level is level for finding in findings) for level in Level}
    return counts | {"findings": [finding.report(language) for finding in findings]}


def show(session: Session, findings: Sequence[Finding]) -> None:
    """A line for each finding, under it what mends it, then the sum."""
    for finding in findings:
        mark, style = MARKS[finding.level]
        session.out.print(Text(f"{mark} {visible(finding.text(session.language))}", style=style))
        if finding.remedy:
            is_key = finding.remedy.startswith("[")
            text = translate(session.language, "doctor.set" if is_key else "doctor.run", remedy=finding.remedy)
            session.out.print(Text(f"    {visible(text)}"))
    counts = {level.value: sum(finding.level is level for finding in findings) for level in Level}
    session.out.print(Text(translate(session.language, "doctor.sum", **counts)))
