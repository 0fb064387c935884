"""What `sotay ingest` prints, on a real rich console: the bar, the table, the refused files."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from bots.commands.ingest import IngestBar, Target, report
from bots.commands.running import Session
from core.errors import IngestError
from retrieval.progress import FileResult, Summary
from retrieval.refusals import Refused
from retrieval.sources import Source

HOSTILE = "\x1b]0;taken\x07[/b][red]\x9b2J\u202efdp.md"


def session(*, terminal: bool = False) -> tuple[Session, io.StringIO]:
    """A session without settings: its texts are those of an unknown locale."""
    file = io.StringIO()
    notes = Console(file=file, width=200, soft_wrap=True, highlight=False, force_terminal=terminal, color_system=None)
    return Session(None, notes=notes), file


def summary(*refused: Refused, dropped: tuple[str, ...] = ()) -> Summary:
    return Summary(
        space="noi-bo",
        source="/srv/tai-lieu",
        new=3,
        changed=2,
        unchanged=7,
        removed=1,
        refused=refused,
        dropped=dropped,
        chunks=40,
        restored=2,
        seconds=1.26,
    )


def test_the_table_counts_what_was_done_and_the_total_is_named() -> None:
    opened, file = session()
    report(opened, [summary()], 12)
    row = next(line for line in file.getvalue().splitlines() if line.startswith("noi-bo"))
    assert row.split() == ["noi-bo", "3", "2", "7", "1", "0", "42", "1.3"]
    assert "12" in file.getvalue().splitlines()[-1]


def test_the_name_of_a_space_is_no_markup() -> None:
    opened, file = session()
    report(opened, [replace(summary(), space="[/phòng]")], 0)
    assert "[/phòng]" in file.getvalue()


def test_a_refused_file_is_named_with_its_space_and_why() -> None:
    opened, file = session()
    refused = Refused("luong/bang.pdf", "documents.timeout", {"seconds": "60"})
    report(opened, [summary(refused)], 0)
    assert "noi-bo/luong/bang.pdf: " in file.getvalue()
    assert "60" in file.getvalue().split("bang.pdf", 1)[1]


def test_a_file_that_is_refused_now_and_was_indexed_before_is_named_again() -> None:
    opened, file = session()
    report(opened, [summary(dropped=("luong/bang.pdf",))], 0)
    assert "luong/bang.pdf" in file.getvalue()


def test_names_of_refused_files_cannot_steer_the_terminal() -> None:
    opened, file = session()
    report(opened, [summary(Refused(HOSTILE, "documents.crashed"), dropped=(HOSTILE,))], 0)
    assert file.getvalue().count("[/b][red]") == 3
    for character in "\x1b\x07\x9b\u202e":
        assert character not in file.getvalue()


def test_an_error_that_names_a_hostile_path_cannot_steer_the_terminal() -> None:
    opened, file = session()
    opened.complain(IngestError("ingest.folder_missing", source=HOSTILE))
    assert "[/b][red]" in file.getvalue()
    assert "\x1b" not in file.getvalue()


@pytest.mark.parametrize("path", ["[/b].md", "[red]", "{task}.md", HOSTILE, "dài/" * 60])
def test_the_bar_survives_every_name_of_a_file(tmp_path: Path, path: str) -> None:
    opened, file = session(terminal=True)
    with IngestBar(opened, Target("[/x]", Source(str(tmp_path)))) as bar:
        bar.begin(2)
        bar.file_done(path, FileResult.NEW)
        bar.chunks_embedded(5)
        bar.file_done(path, FileResult.REFUSED)
    assert "\x1b]0;" not in file.getvalue()


def test_the_bar_says_how_far_it_is(tmp_path: Path) -> None:
    opened, file = session(terminal=True)
    with IngestBar(opened, Target("noi-bo", Source(str(tmp_path)))) as bar:
        bar.begin(2)
        bar.file_done("a.md", FileResult.NEW)
        bar.file_done("b.md", FileResult.UNCHANGED)
    assert "noi-bo" in file.getvalue()
    assert "2/2" in file.getvalue()
    assert "b.md" in file.getvalue()
