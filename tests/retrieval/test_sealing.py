"""The seal of a folder: it fits until something changes, and whoever opens the folder takes it off."""

from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.sealing import SEAL, Seal, open_seal, seal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "sub/b").write_bytes(b"two")
    seal(tmp_path)
    return tmp_path


def test_a_seal_fits_once(folder: Path) -> None:
    assert open_seal(folder) is Seal.FITS
    assert open_seal(folder) is Seal.NONE


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "a").write_bytes(b"One"),
        lambda folder: (folder / "sub/b").unlink(),
        lambda folder: (folder / "c").write_bytes(b""),
        lambda folder: (folder / "a").rename(folder / "c"),
        lambda folder: (folder / "sub/b").write_bytes(b"two "),
    ],
    ids=["byte", "gone", "new", "renamed", "longer"],
)
def test_any_change_breaks_it(folder: Path, change: Callable[[Path], object]) -> None:
    change(folder)
    assert open_seal(folder) is Seal.BROKEN


def test_a_single_file_is_sealed_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "words.db"
    path.write_bytes(b"one")
    seal(path)
    assert open_seal(path) is Seal.FITS
    seal(path)
    path.write_bytes(b"two")
    assert open_seal(path) is Seal.BROKEN
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("written", [0, 60])
def test_one_that_was_not_written_to_its_end_says_nothing(folder: Path, written: int) -> None:
    whole = (folder / SEAL).read_bytes()
    (folder / SEAL).write_bytes(whole[:written])
    assert open_seal(folder) is Seal.NONE


def test_a_folder_that_cannot_be_sealed_is_no_error(tmp_path: Path) -> None:
    seal(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()
