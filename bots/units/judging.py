"""What systemd's own tools say of unit files, without starting anything."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from core.errors import SotayError

ANALYZE = "systemd-analyze"
OVERALL = re.compile(r"Overall exposure level for \S+: (\d+\.\d+)")


def is_there() -> bool:
    """Whether this machine has the tools."""
    return shutil.which(ANALYZE) is not None


def complaints(units: Sequence[Path]) -> str:
    """What is wrong with the units, "" for nothing; an unknown key is said, though the tool ends with 0 then."""
    done = _analyze("verify", *units)
    return (done.stderr + done.stdout).strip()


def exposure(unit: Path) -> float:
    """How much a service could do to the machine, from 0 (nothing) to 10, drop-ins beside it counted."""
    done = _analyze("security", "--offline=true", "--no-pager", unit)
    found = OVERALL.search(done.stdout)
    if found is None:
        raise SotayError("units.not_judged", path=unit, reason=(done.stderr or done.stdout).strip())
    return float(found[1])


def _analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Raises SotayError where the tool is not installed."""
    tool = shutil.which(ANALYZE)
    if tool is None:
        raise SotayError("units.no_tools", tool=ANALYZE)
    return subprocess.run([tool, *arguments], check=False, capture_output=True, text=True)  # noqa: S603
