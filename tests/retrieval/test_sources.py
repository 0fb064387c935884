"""Folders and what is listed of them."""

import os
from pathlib import Path

import pytest

from core.errors import IngestError
from retrieval.refusals import Refused
from retrieval.sources import Source, SourceFile


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(path.encode())


def listed(source: Source) -> list[str]:
    return [file.path for file in source.files()]


def failure(url: str) -> IngestError:
    with pytest.raises(IngestError) as caught:
        Source(url).files()
    return caught.value


def test_files_come_from_all_depths_in_the_order_of_their_paths(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", "a/z.txt", "a/c/d/e.pdf", "nội quy.docx")
    assert listed(Source(str(tmp_path))) == ["a/c/d/e.pdf", "a/z.txt", "b.txt", "nội quy.docx"]


def test_size_and_time_of_change_are_those_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    os.utime(tmp_path / "a.txt", (1_700_000_000, 1_700_000_000.5))
    assert Source(str(tmp_path)).files() == [SourceFile("a.txt", 5, 1_700_000_000.5)]


def test_hidden_files_and_office_lock_files_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", ".b.txt", ".git/config.txt", "~$a.docx", "x/~$b.xlsx", "Thumbs.db", "x/desktop.ini")
    assert listed(Source(str(tmp_path))) == ["a.txt"]


def test_links_that_leave_the_folder_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "outside/secret.txt", "inside/a.txt")
    (tmp_path / "inside/link.txt").symlink_to(tmp_path / "outside/secret.txt")
    (tmp_path / "inside/folder").symlink_to(tmp_path / "outside")
    assert listed(Source(str(tmp_path / "inside"))) == ["a.txt"]


def test_a_link_to_a_file_of_the_folder_is_listed(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    (tmp_path / "b.txt").symlink_to("a.txt")
    assert listed(Source(str(tmp_path))) == ["a.txt", "b.txt"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    write(tmp_path, "x/a.txt")
    (tmp_path / "x/again").symlink_to(tmp_path)
    (tmp_path / "x/self.txt").symlink_to("self.txt")
    assert listed(Source(str(tmp_path))) == ["x/a.txt"]


def test_a_missing_folder_says_so_and_names_itself(tmp_path: Path) -> None:
    error = failure(str(tmp_path / "no"))
    assert error.message_id == "ingest.folder_missing"
    assert str(tmp_path / "no") in error.text("vi")


def test_a_file_in_place_of_a_folder_says_so(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    assert failure(str(tmp_path / "a.txt")).message_id == "ingest.not_a_folder"


def test_an_empty_folder_is_an_error_because_an_unmounted_drive_looks_like_one(tmp_path: Path) -> None:
    write(tmp_path, ".hidden")
    assert failure(str(tmp_path)).message_id == "ingest.folder_empty"


def test_a_folder_that_cannot_be_listed_says_why(tmp_path: Path) -> None:
    error = failure(str(tmp_path / ("n" * 300)))
    assert error.message_id in {"ingest.folder_missing", "ingest.folder_unreadable"}


def test_an_address_of_an_unknown_kind_says_so() -> None:
    with pytest.raises(IngestError) as caught:
        Source("nosuchprotocol://server/folder")
    assert caught.value.message_id == "ingest.unknown_protocol"


def test_any_address_of_fsspec_can_be_a_source() -> None:
    memory = Source("memory://handbook")._files
    memory.pipe({"/handbook/a/b.txt": b"hello", "/handbook/.x.txt": b"hidden"})
    try:
        source = Source("memory://handbook")
        (file,) = source.files()
        assert (file.path, file.size) == ("a/b.txt", 5)
        assert source.read(file, 100) == b"hello"
    finally:
        memory.rm("/handbook", recursive=True)


def test_reading_gives_one_byte_more_than_allowed_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 1000)
    source = Source(str(tmp_path))
    assert source.read(source.files()[0], 10) == b"x" * 11


def test_a_file_that_went_away_after_listing_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    source = Source(str(tmp_path))
    (file,) = source.files()
    (tmp_path / "a.txt").unlink()
    refused = source.read(file, 100)
    assert isinstance(refused, Refused)
    assert refused.message_id == "documents.unreadable"
    assert "a.txt" in refused.text("vi")


def test_a_relative_path_is_the_same_source_as_its_absolute_form() -> None:
    assert Source(".").url == str(Path.cwd())
