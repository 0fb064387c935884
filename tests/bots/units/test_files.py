"""Installed files: what was changed by hand is told from what was installed."""

from pathlib import Path

import pytest

from bots.units.files import File, State, compared, is_untouched, read, stamped
from core.errors import SotayError

NAME, OTHER = Path("etc/a.service"), Path("etc/b.service")


def one(root: Path, text: str | None) -> File:
    (file,) = compared(root, {} if text is None else {NAME: text}, [NAME])
    return file


def test_a_file_from_its_first_install_to_its_end(tmp_path: Path) -> None:
    first = one(tmp_path, "a\n")
    assert first.state is State.MISSING
    first.settle()
    assert one(tmp_path, "a\n").state is State.CURRENT
    assert one(tmp_path, "b\n").state is State.OUTDATED
    assert one(tmp_path, None).state is State.SURPLUS
    assert first.path.stat().st_mode & 0o777 == 0o644
    one(tmp_path, None).settle()
    assert not [*compared(tmp_path, {}, [NAME])]


@pytest.mark.parametrize("text", ["a\n", "b\n", None])
def test_what_was_changed_by_hand_is_known_whatever_is_wanted_now(tmp_path: Path, text: str | None) -> None:
    one(tmp_path, "a\n").settle()
    path = tmp_path / NAME
    path.write_text(path.read_text(encoding="utf-8") + "c\n", encoding="utf-8")
    assert one(tmp_path, text).state is State.EDITED
    difference = one(tmp_path, "a\n").difference()
    assert "-c" in difference.splitlines()
    assert str(path) in difference


def test_a_file_that_is_not_ours_counts_as_changed_by_hand(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / NAME).write_text("[Unit]\n", encoding="utf-8")
    assert one(tmp_path, "a\n").state is State.EDITED


def test_only_the_text_below_the_first_line_is_vouched_for() -> None:
    assert is_untouched(stamped("a\n"))
    assert not is_untouched(stamped("a\n") + "\n")
    assert not is_untouched("a\n")


def test_files_that_are_neither_wanted_nor_there_are_not_spoken_of(tmp_path: Path) -> None:
    assert [file.path for file in compared(tmp_path, {NAME: "a\n"}, [NAME, OTHER])] == [tmp_path / NAME]


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir(parents=True)
    with pytest.raises(SotayError) as unreadable:
        read(tmp_path / NAME)
    with pytest.raises(SotayError) as unwritable:
        File(tmp_path / NAME, "a\n", None).settle()
    assert (unreadable.value.message_id, unwritable.value.message_id) == ("units.cannot_read", "units.cannot_write")
