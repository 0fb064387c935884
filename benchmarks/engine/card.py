"""The machine that was measured: processor, card and clocks, versions."""

import asyncio
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

import llama_cpp
import numpy as np

from benchmarks.figures import machine

QUERY = "name,driver_version,memory.total,memory.used,clocks.sm,clocks.mem,temperature.gpu,power.draw"


@dataclass(frozen=True, slots=True)
class Card:
    """The first GPU as nvidia-smi sees it: MiB, MHz, degrees Celsius, watts."""

    name: str
    driver: str
    total_mib: float
    used_mib: float
    core_mhz: float
    memory_mhz: float
    celsius: float
    watts: float

    def __str__(self) -> str:
        return (
            f"{self.name}, driver {self.driver}, {self.used_mib:.0f} of {self.total_mib:.0f} MiB used, "
            f"clocks {self.core_mhz:.0f}/{self.memory_mhz:.0f} MHz, {self.celsius:.0f} C, {self.watts:.0f} W"
        )


def parse_card(line: str) -> Card:
    """One line of nvidia-smi's CSV; what the card does not tell is not a number."""
    name, driver, *numbers = (field.strip() for field in line.split(","))
    return Card(name, driver, *(number_or_nan(field) for field in numbers))


def number_or_nan(field: str) -> float:
    try:
        return float(field)
    except ValueError:
        return float("nan")


async def output_of(*command: str) -> str:
    """What a program prints, on either stream; nothing where it fails."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await process.communicate()
    return printed.decode("utf-8", "replace") if process.returncode == 0 else ""


async def read_card() -> Card | None:
    """None on a machine without one."""
    program = shutil.which("nvidia-smi")
    printed = await output_of(program, f"--query-gpu={QUERY}", "--format=csv,noheader,nounits") if program else ""
    return parse_card(printed.splitlines()[0]) if printed.strip() else None


def processor() -> str:
    """As Linux names it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


async def surroundings(server: Path | None) -> list[str]:
    """What a reader must know of the machine and the programs, one fact a line."""
    card = await read_card()
    offload = "with GPU offload" if llama_cpp.llama_supports_gpu_offload() else "CPU only"
    told = (await output_of(str(server), "--version")).splitlines() if server else []
    said = [line for line in told if line.startswith("version")]
    return [
        f"{machine()}, {processor()}",
        f"card: {card or 'none'}",
        f"llama-cpp-python {llama_cpp.__version__} ({offload}), numpy {np.__version__}",
        *(f"llama-server {line}" for line in said),
    ]
