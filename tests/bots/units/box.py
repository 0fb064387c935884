"""A real systemd in namespaces of its own, over a copy of this machine's files that forgets every change.

It sees the network of this machine, since the platforms of the tests are there, and nothing else of it: not its
processes, not its cgroups, and of `/proc/sys` and `/sys` only to read.
"""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bots.office import ROOT

SYSTEMD = Path("/lib/systemd/systemd")
TOOLS = ("unshare", "nsenter", "pivot_root", "systemctl", "systemd-sysusers", "systemd-tmpfiles")
LOG = "run/box.log"
"""What the services write there is shown where one does not start."""
LAID_OUT = """
mount --make-rprivate /
mount -t tmpfs tmpfs "$BOX"
mkdir "$BOX"/up "$BOX"/work "$BOX"/root
mount -t overlay overlay -o lowerdir=/,upperdir="$BOX"/up,workdir="$BOX"/work "$BOX"/root
cd "$BOX"/root
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sys sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs dev
for name in null zero full random urandom tty; do touch dev/$name; mount --bind /dev/$name dev/$name; done
mkdir dev/pts dev/shm
mount -t devpts devpts dev/pts -o newinstance,ptmxmode=0666
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
touch dev/console
for path in $SHOWN; do [ -n "$(ls -A .$path 2>/dev/null)" ] || { mkdir -p .$path; mount --rbind $path .$path; }; done
for path in $ENTERED; do chmod o+rx .$path; done
rm -rf etc/systemd/system usr/lib/systemd/system/*.wants usr/lib/systemd/system-generators
cp -r "$FILES"/. .
mkdir behind
pivot_root . behind
umount -l behind
mount --make-rshared /
cd /
exec env -i container=box PATH="$PATH" /lib/systemd/systemd --system --unit=box.target --log-target=null
"""


class NoBoxError(Exception):
    """No systemd can be started here; the text says why."""


@dataclass(frozen=True)
class Box:
    """A running systemd. `process` is its id as this machine sees it."""

    process: int

    async def start(self, unit: str) -> None:
        """Starts a unit, and waits until it is ready or has done its work. Raises AssertionError with what it wrote."""
        try:
            await self.run("systemctl", "start", unit)
        except AssertionError as error:
            result = await self.shows(unit, "Result", "ExecMainStatus")
            log = await asyncio.to_thread(_read, Path(f"/proc/{self.process}/root") / LOG)
            raise AssertionError(f"{error}{result}\n{log}") from error

    async def run(self, *command: str) -> str:
        """What a command in the box prints. Raises AssertionError with all of it where it fails."""
        done = await self.begin(*command)
        out, notes = await done.communicate()
        assert done.returncode == 0, f"{command}: {done.returncode}\n{out.decode()}\n{notes.decode()}"
        return out.decode()

    async def begin(self, *command: str) -> asyncio.subprocess.Process:
        """A command in the box, running; its streams are pipes."""
        inside = ["nsenter", "--target", str(self.process), "--mount", "--pid", "--cgroup", "--ipc", "--uts"]
        inside += ["--root", "--wd", "--", "env", "-i", f"PATH={os.environ['PATH']}", "LANG=C.UTF-8"]
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(*inside, *command, stdin=pipe, stdout=pipe, stderr=pipe)

    async def sotay(self, *arguments: str) -> str:
        return await self.run("env", f"PYTHONPATH={ROOT}", sys.executable, "-P", "-m", "bots", *arguments)

    async def shows(self, unit: str, *properties: str) -> list[str]:
        """The values of properties of a unit."""
        shown = await self.run("systemctl", "show", unit, *(f"--property={name}" for name in properties))
        found = dict(line.split("=", 1) for line in shown.splitlines())
        return [found[name] for name in properties]

    async def until(self, unit: str, seconds: float, **wanted: str) -> None:
        """Returns once the properties have these values. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while await self.shows(unit, *wanted) != [*wanted.values()]:
                pass


def why_none() -> str:
    """Why no box can be had here, "" where one can."""
    if os.geteuid() != 0:
        return "only root may make namespaces"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing or not SYSTEMD.exists():
        return f"not installed: {', '.join(missing) or SYSTEMD}"
    if cgroups() is None:
        return "no cgroup2 is mounted"
    probe = ["unshare", "--mount", "--pid", "--cgroup", "--ipc", "--uts", "--fork", "true"]
    done = subprocess.run(probe, check=False, capture_output=True, text=True)  # noqa: S603
    return done.stderr.strip()


def cgroups() -> Path | None:
    """Where the cgroups of version 2 are mounted."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines())
    return next((Path(place) for _, place, kind, *_ in mounts if kind == "cgroup2"), None)


@asynccontextmanager
async def box(files: Path) -> AsyncIterator[Box]:
    """A systemd that has come up; `files` are laid over its root. It is gone at the end with all that it started."""
    group = (cgroups() or Path()) / f"sotay-box-{os.getpid()}"
    group.mkdir()
    place = tempfile.mkdtemp(prefix="sotay-box-")
    shown = [*dict.fromkeys((ROOT, Path(sys.prefix), Path(sys.base_prefix)))]
    entered = {folder for path in shown for folder in (path, *path.parents)}
    environment = {
        "PATH": os.environ["PATH"],
        "BOX": place,
        "FILES": str(files),
        "SHOWN": " ".join(map(str, shown)),
        "ENTERED": " ".join(map(str, sorted(entered - {Path("/")}))),
    }
    join = f'echo $$ > {group}/cgroup.procs; exec unshare --mount --pid --cgroup --ipc --uts --fork --kill-child "$@"'
    outer = await asyncio.create_subprocess_exec(
        "bash", "-ec", join, "box", "bash", "-ec", LAID_OUT, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield Box(await first_process(outer))
    finally:
        await asyncio.to_thread(cleared, group)
        await outer.communicate()
        await asyncio.to_thread(os.rmdir, place)


async def first_process(outer: asyncio.subprocess.Process) -> int:
    """The id of the systemd below `unshare`, once it runs its target. Raises NoBoxError with what went wrong."""
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    async with asyncio.timeout(60):
        while outer.returncode is None:
            found = await asyncio.to_thread(_read, children)
            if found and "systemd" in await asyncio.to_thread(_read, Path(f"/proc/{found}/comm")):
                with contextlib.suppress(AssertionError):
                    await Box(int(found)).run("systemctl", "is-active", "box.target")
                    return int(found)
            await asyncio.sleep(0)
    assert outer.stderr
    raise NoBoxError((await outer.stderr.read()).decode())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def cleared(group: Path) -> None:
    """Kills every process of a cgroup and of those below it, and removes them."""
    (group / "cgroup.kill").write_text("1", encoding="ascii")
    while "populated 1" in (group / "cgroup.events").read_text(encoding="ascii"):
        pass
    for folder in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
        folder.rmdir()
    group.rmdir()
