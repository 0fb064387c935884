"""Several files change places at once, or none does."""

from pathlib import Path

import pytest

from core.swapping import swapping


def made(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def texts(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def swap_all(*puts: tuple[Path | None, Path], raises: BaseException | None = None) -> None:
    with swapping() as swap:
        for new, place in puts:
            swap.put(new, place)
        if raises is not None:
            raise raises


def test_new_ones_are_in_the_places_of_the_old(tmp_path: Path) -> None:
    old, new = made(tmp_path / "old", file="1", gone="2"), made(tmp_path / "new", file="3", more="4")
    made(old / "folder", a="5", b="6")
    made(new / "folder", b="7")
    with swapping() as swap:
        for name in ("file", "more", "folder", "none"):
            swap.put(new / name, old / name)
        swap.put(None, old / "gone")
        swap.put(new / "none", old / "deep" / "none")
    assert texts(old) == {"file": "3", "more": "4", "folder/b": "7"}


def test_all_is_as_it_was_when_one_fails(tmp_path: Path) -> None:
    old, new = made(tmp_path / "old", file="1", gone="2"), made(tmp_path / "new", file="3", more="4")
    before = texts(old)
    puts = ((new / "file", old / "file"), (None, old / "gone"), (new / "more", old / "file" / "more"))
    with pytest.raises(FileExistsError):
        swap_all(*puts)
    assert texts(old) == before


def test_all_is_as_it_was_when_the_block_raises(tmp_path: Path) -> None:
    old, new = made(tmp_path / "old", file="1"), made(tmp_path / "new", file="3", more="4")
    with pytest.raises(KeyboardInterrupt):
        swap_all((new / "file", old / "file"), (new / "more", old / "more"), raises=KeyboardInterrupt())
    assert texts(old) == {"file": "1"}


def test_what_an_earlier_try_has_left_is_in_nobodys_way(tmp_path: Path) -> None:
    old, new = made(tmp_path / "old", file="1"), made(tmp_path / "new", file="3")
    made(old / ".replaced-file", x="8")
    made(old / ".restoring-file", x="9")
    with swapping() as swap:
        swap.put(new / "file", old / "file")
    assert texts(old) == {"file": "3"}
