"""What this machine has: graphics cards, as the driver's own `nvidia-smi` lists them, and main memory."""

import contextlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
KIB_IN_MIB = 1024
NVIDIA_SMI = "nvidia-smi"
QUERY = ("--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader,nounits")
LONGEST_SECONDS = 20
MEMORY = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class Card:
    """A graphics card; memory in MiB. `free_mib` is None for a card that is only asked about."""

    name: str
    total_mib: int
    free_mib: int | None = None
    driver: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """Cards and main memory in MiB, 0 where it is not known. `fault` is what a broken driver said."""

    cards: tuple[Card, ...] = ()
    ram_mib: int = 0
    ram_free_mib: int = 0
    fault: str = ""


def this_machine(command: str = NVIDIA_SMI, memory: Path = MEMORY) -> Machine:
    """The machine that this runs on. `command` is asked for cards; without it there are none."""
    try:
        cards, fault = _cards(command), ""
    except OSError:
        cards, fault = (), ""
    except subprocess.CalledProcessError as error:
        cards, fault = (), _last_line(error.stdout) or f"{command}: {error.returncode}"
    except subprocess.TimeoutExpired:
        cards, fault = (), f"{command}: {LONGEST_SECONDS} s"
    total, free = _memory(memory)
    return Machine(cards, total, free, fault)


def _cards(command: str) -> tuple[Card, ...]:
    done = subprocess.run(  # noqa: S603 - a fixed command, no shell
        [command, *QUERY], check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=LONGEST_SECONDS,
    )  # fmt: skip
    found = []
    for line in done.stdout.splitlines():
        with contextlib.suppress(ValueError):  # "[N/A]", a heading, an empty line: not a card that can be counted on
            name, total, free, driver = (part.strip() for part in line.rsplit(",", 3))
            found.append(Card(name, int(total), int(free), driver))
    return tuple(found)


def _last_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    return lines[-1] if lines else ""


def _memory(path: Path) -> tuple[int, int]:
    """Main memory and what of it is available, in MiB; zeros where the system has no such file."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0, 0
    kib = {name: rest.split()[0] for name, _, rest in (line.partition(":") for line in lines) if rest.split()}
    total, free = (int(kib.get(name, "0")) // KIB_IN_MIB for name in ("MemTotal", "MemAvailable"))
    return total, free
