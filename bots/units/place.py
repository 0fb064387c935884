"""What the units are rendered for: this installation on this machine."""

import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

NVIDIA_MODPROBE = "nvidia-modprobe"
CONTROL = Path("/dev/nvidiactl")
PACKAGE = Path(__file__).parents[1]
HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
HIDDEN = (*HOMES, Path("/tmp"), Path("/var/tmp"))  # noqa: S108 (as the services see it, which have one of their own)
"""What the services see nothing of but what is shown to them."""
ENTER = 0o001


@dataclass(frozen=True, slots=True)
class Place:
    """`config` is the settings file, `user` who the services run as. `code` are the folders that Python needs.

    `systemd` is its version, 0 where there is none. `modprobe` makes the card's devices, None where it is missing.
    `is_card_told` says that `has_card` is what somebody wants, not what was found.
    """

    config: Path
    user: str
    python: Path
    code: tuple[Path, ...]
    systemd: int = 0
    has_card: bool = False
    is_card_told: bool = False
    modprobe: Path | None = None


def this_place(config: Path, user: str, *, has_card: bool | None = None) -> Place:
    """The installation that runs. `has_card` overrules what is found."""
    modprobe = shutil.which(NVIDIA_MODPROBE)
    return Place(
        config=config.absolute(),
        user=user,
        python=this_python(),
        code=(Path(sys.prefix), Path(sys.base_prefix), PACKAGE.parent),
        systemd=systemd_version(),
        has_card=CONTROL.exists() if has_card is None else has_card,
        is_card_told=has_card is not None,
        modprobe=Path(modprobe) if modprobe else None,
    )


def this_python(prefix: Path = Path(sys.prefix), executable: Path = Path(sys.executable)) -> Path:
    """The interpreter by the name that its environment has for it, however it was called this time."""
    usual = prefix / "bin" / "python"
    return usual if usual.exists() and usual.samefile(executable) else executable


def systemd_version() -> int:
    """The number of the release, 0 where there is no systemd."""
    command = shutil.which("systemctl")
    if command is None:
        return 0
    done = subprocess.run([command, "--version"], check=False, capture_output=True, text=True)  # noqa: S603
    found = re.match(r"systemd (\d+)", done.stdout)
    return int(found[1]) if found else 0


def templates() -> Path:
    """The folder of the templates: beside the code in a checkout, else where the package has put them."""
    checkout = PACKAGE.parent / "deploy" / "systemd"
    return checkout if checkout.is_dir() else Path(sysconfig.get_path("data")) / "share" / "sotay" / "systemd"


def is_below(path: Path, roots: Iterable[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)


def closed(paths: Iterable[Path]) -> Iterator[Path]:
    """Folders on the way to these that only their owner may enter, so that the services cannot."""
    for path in dict.fromkeys(paths):
        on_the_way = [path] if is_below(path, HIDDEN) else [*reversed(path.parents), path]
        yield from (folder for folder in on_the_way if folder.is_dir() and not folder.stat().st_mode & ENTER)
