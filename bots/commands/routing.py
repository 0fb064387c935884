"""`sotay router train`: labelled questions and people's votes become the router's model file."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

from bots.bootstrap import open_store
from bots.commands.running import Session
from bots.pooling import open_embedder
from core.complexity import FILE, model_in
from core.complexity_model import RouterModel
from core.errors import SotayError
from models.llama.owner import SharedOwner
from models.training.router import Trained, train
from models.training.rows import COMPLEXITIES, Row, read_rows, shipped_rows, without_repeats
from models.training.votes import rows_of_votes
from retrieval.asking import embedding_as_searched

FEWEST_ROWS = 20
"""Of each complexity; fewer cannot be tested by cross-validation."""


async def train_router(session: Session, files: Sequence[Path], out: Path | None, *, votes: bool) -> int:
    """Writes the model of the files' rows, of the shipped ones where no file is named, and says how good it is."""
    directory = session.settings.data.directory
    rows = [row for file in files for row in read_rows(file)] or shipped_rows()
    if votes:
        voted = await voted_rows(session, model_in(directory))
        session.say("router.votes_used", rows=len(voted))
        rows += voted
    rows = enough(without_repeats(rows))
    path = out or directory / FILE
    trained = await trained_on(session, rows)
    write(path, trained)
    size = len(trained.text) // 1000
    session.say("router.trained", path=path, rows=len(rows), size=size, **said_of(trained))
    return 0


async def voted_rows(session: Session, model: RouterModel) -> list[Row]:
    """What people said of answers, as far as it may be learnt from."""
    exported = StringIO()
    async with open_store(session.settings) as feedback:
        await feedback.export("kto", exported)
    return rows_of_votes(exported.getvalue().splitlines(), model)


def enough(rows: list[Row]) -> list[Row]:
    """The rows. Raises `SotayError` where they are too few to test what they teach."""
    for complexity in COMPLEXITIES:
        found = sum(row.complexity == complexity for row in rows)
        if found < FEWEST_ROWS:
            raise SotayError("router.fewer_rows", least=FEWEST_ROWS, complexity=complexity, found=found)
    return rows


async def trained_on(session: Session, rows: Sequence[Row]) -> Trained:
    """The model of the rows, made today, for the embedder of the settings."""
    today = datetime.now(ZoneInfo(session.settings.office.timezone)).date()
    owner = SharedOwner()
    with ExitStack() as stack:
        stack.callback(owner.close)
        async with open_embedder(session.settings, owner) as embedder:
            embed = stack.enter_context(embedding_as_searched(embedder))
            return await asyncio.to_thread(train, rows, embed, embedder.name, today)


def write(path: Path, trained: Trained) -> None:
    """Puts the model file in place at once, whole. Raises `SotayError`."""
    beside = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(trained.text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise SotayError("router.cannot_write", path=path, reason=error.strerror) from error


def said_of(trained: Trained) -> dict[str, str]:
    """The figures that are told, by the names of the catalogue's text."""
    figures = trained.figures
    return {
        "accuracy": f"{figures.accuracy:.3f}",
        "macro_f1": f"{figures.macro_f1:.3f}",
        "auroc": f"{figures.auroc_complex:.3f}",
        "missed": f"{figures.complex_as_simple:.1%}",
    }
