"""`sotay models merge`: a model with an adapter worked in."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from bots.commands.running import Session
from bots.local_model import model_path
from core.errors import ModelRejected, ModelUnavailable, SotayError
from core.texts import translate
from models.download import free_bytes
from models.llama.quantizing import BITS, quantize
from models.merging import Merge, merge

GB = 1_000_000_000
SPARE = 64 * 1024 * 1024
AS_MERGED = "f16"
KINDS = (*BITS, AS_MERGED)


async def merge_adapter(session: Session, lora: Path, base: Path | None, out: Path, kind: str) -> int:
    """Writes `out`; nothing is there before it is whole. Raises `ModelError` and `SotayError`."""
    if kind not in KINDS:
        raise SotayError("merge.bad_type", kind=kind, known=", ".join(KINDS))
    source = base or model_path(session.settings)
    size = await asyncio.to_thread(work, session, source, lora, out, kind)
    session.say("merge.done", path=out, size=f"{size / GB:.2f}")
    return 0


def work(session: Session, base: Path, lora: Path, out: Path, kind: str) -> int:
    """Reads, adds, writes and quantizes, with a bar for each of the two long parts; the bytes that were written.

    Blocks for minutes. llama.cpp's part cannot be stopped: Ctrl-C waits for its end.
    """
    if out.exists() or not out.parent.is_dir():
        raise ModelRejected("merge.exists" if out.exists() else "merge.no_folder", path=out)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with (
        tempfile.TemporaryDirectory(dir=out.parent, prefix=".merging-") as folder,
        Progress(*columns, console=session.notes, transient=True) as bar,
    ):
        show = _shown(bar, translate(session.language, "merge.adding"))
        plan = merge(base, lora)
        check_space(plan, out, kind)
        done = Path(folder) / "merged.gguf"
        plan.write(done, show)
        if kind != AS_MERGED:
            smaller = Path(folder) / f"{kind}.gguf"
            quantize(done, smaller, kind, _shown(bar, translate(session.language, "merge.quantizing", kind=kind)))
            done = smaller
        done.replace(out)
    return out.stat().st_size


def _shown(bar: Progress, title: str) -> Callable[[int, int], None]:
    task = bar.add_task(title, total=None)

    def report(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)

    return report


def check_space(plan: Merge, out: Path, kind: str) -> None:
    """Raises `ModelUnavailable` unless the disk holds the merged weights and, beside them, the quantized file."""
    need = plan.size + int(plan.parameters * BITS.get(kind, 0) / 8) + SPARE
    have = free_bytes(out.parent)
    if have < need:
        needed, free = f"{need / GB:.1f}", f"{have / GB:.1f}"
        raise ModelUnavailable("model.no_space", name=out.name, folder=out.parent, need=needed, have=free)
