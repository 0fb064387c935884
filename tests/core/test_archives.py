"""Archives: whole or not there, for their owner alone, every byte checked."""

import asyncio
import gzip
import io
import json
import random
import signal
import stat
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.archives import is_inside, pack, read_manifest, sweep, unpack, workplace
from core.backup import Manifest, Part, archives_in, free_name, last_backup, thin_out
from core.errors import BackupError

NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
MANIFEST = Manifest("0.1.0", NOW, "sqlite", "0006", {"answer": 2}, columns={"answer": ("id", "text")}, index=True)
CONTENT = {
    "database/sotay.sqlite": b"\0\xff" * 500_000,
    "index/vectors": random.Random(7).randbytes(50_000),  # noqa: S311
    "uploads/c\xe2u h\xf3i.txt": "câu hỏi".encode(),
    "empty": b"",
}


def fill(place: Path) -> Path:
    for name, content in CONTENT.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)
    return place


def packed(folder: Path, at: datetime = NOW) -> Path:
    """An archive of the content."""
    with workplace(folder) as place:
        target = free_name(folder, at)
        pack(fill(place), replace(MANIFEST, created_at=at), target)
    return target


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def raised_by(work: Callable[[], object]) -> BackupError:
    with pytest.raises(BackupError) as raised:
        work()
    assert raised.value.text("vi") != raised.value.text("en")
    return raised.value


def test_what_went_in_comes_out(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    archive = packed(tmp_path / "backups")
    manifest = unpack(archive, tmp_path / "out", lambda *step: told.append(step))
    assert content_of(tmp_path / "out") == CONTENT
    assert replace(manifest, parts=()) == MANIFEST
    assert {part.name: part.size for part in manifest.parts} == {name: len(data) for name, data in CONTENT.items()}
    assert read_manifest(archive) == manifest
    assert told[-1] == ("backup.step_unpack", manifest.size, manifest.size)


def test_only_the_owner_may_read_it_and_what_comes_out_of_it(tmp_path: Path) -> None:
    archive = packed(tmp_path / "backups")
    unpack(archive, tmp_path / "out")
    paths = [archive, archive.parent, *(path for path in (tmp_path / "out").rglob("*") if path.is_file())]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in paths} == {0}


def test_nothing_stays_in_the_folder_but_the_archive(tmp_path: Path) -> None:
    archive = packed(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {archive.name, ".lock"}


def test_what_fails_leaves_no_archive(tmp_path: Path) -> None:
    def interrupted(_step: str, done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), workplace(tmp_path) as place:
        pack(fill(place), MANIFEST, free_name(tmp_path, NOW), interrupted)
    assert {path.name for path in tmp_path.iterdir()} == {".lock"}
    assert last_backup(tmp_path) is None


KILLED = """
import os, signal, sys
from pathlib import Path
from core.archives import workplace, pack
from tests.core.test_archives import MANIFEST, fill, free_name, NOW
folder = Path(sys.argv[1])
with workplace(folder) as place:
    pack(fill(place), MANIFEST, free_name(folder, NOW), lambda *_: os.kill(os.getpid(), signal.SIGKILL))
"""


async def test_a_run_that_is_killed_leaves_no_archive_and_the_next_one_sweeps(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, str(tmp_path))
    assert await process.wait() == -signal.SIGKILL
    assert len(names_in(tmp_path)) == 3, "a folder and a file are half done"
    assert archives_in(tmp_path) == []
    archive = packed(tmp_path)
    assert names_in(tmp_path) == {archive.name, ".lock"}


FULL = """
import resource, sys
from pathlib import Path
from core.archives import workplace, pack
from core.errors import BackupError
from tests.core.test_archives import MANIFEST, fill, free_name, NOW
folder = Path(sys.argv[1])
try:
    with workplace(folder) as place:
        fill(place)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
        pack(place, MANIFEST, free_name(folder, NOW))
except BackupError as error:
    sys.stdout.write(error.message_id)
"""


async def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    older = packed(tmp_path, NOW - timedelta(days=1))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FULL, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert said.decode() == "backup.cannot_write"
    assert names_in(tmp_path) == {older.name, ".lock"}


def test_two_runs_do_not_meet(tmp_path: Path) -> None:
    with workplace(tmp_path):
        error = raised_by(lambda: packed(tmp_path))
        assert error.message_id == "backup.running"
    packed(tmp_path)


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert raised_by(lambda: packed(tmp_path / "file")).message_id == "backup.cannot_write"
    assert raised_by(lambda: read_manifest(tmp_path / "none")).message_id == "backup.no_such_file"
    assert raised_by(lambda: read_manifest(tmp_path / "file")).message_id == "backup.damaged"


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.5, 0.9, 0.9999])
def test_a_byte_that_is_another_or_missing_is_found(tmp_path: Path, share: float) -> None:
    whole = packed(tmp_path / "backups").read_bytes()
    place = int(len(whole) * share)
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(whole[:place])
    assert raised_by(lambda: unpack(broken, tmp_path / "cut")).message_id == "backup.damaged"
    broken.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    assert raised_by(lambda: unpack(broken, tmp_path / "changed")).message_id == "backup.damaged"


def written(folder: Path, members: Iterator[tuple[str, bytes]] | list[tuple[str, bytes]]) -> Path:
    """An archive of these members, whatever they are."""
    target = folder / "made.tar.gz"
    with gzip.open(target, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
        for name, content in members:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return target


def manifest_with(*parts: Part, **fields: object) -> bytes:
    text = json.loads(replace(MANIFEST, parts=parts).to_json()) | fields
    return json.dumps(text).encode()


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "a/../../out.txt", "..", "a/.."])
def test_nothing_is_written_outside_the_folder(tmp_path: Path, name: str) -> None:
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    made = written(tmp_path, [("manifest.json", manifest_with(Part(name, 3, digest))), (name, b"abc")])
    assert raised_by(lambda: unpack(made, tmp_path / "folder" / "inner")).message_id == "backup.damaged"
    assert not is_inside(name)
    assert not list(tmp_path.rglob("out.txt"))


def test_parts_that_the_manifest_does_not_name_or_that_are_missing_are_damage(tmp_path: Path) -> None:
    made = written(tmp_path, [("manifest.json", manifest_with()), ("more", b"abc")])
    assert raised_by(lambda: unpack(made, tmp_path / "one")).facts["reason"] == "more"
    made = written(tmp_path, [("manifest.json", manifest_with(Part("gone", 3, "00")))])
    assert raised_by(lambda: unpack(made, tmp_path / "two")).facts["reason"] == "gone"
    made = written(tmp_path, [("other.json", b"{}")])
    assert raised_by(lambda: unpack(made, tmp_path / "three")).message_id == "backup.damaged"


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"format": 1}', b"\xff", b'{"format": 1, "created_at": 3}'])
def test_a_manifest_that_is_none_is_damage(tmp_path: Path, text: bytes) -> None:
    made = written(tmp_path, [("manifest.json", text)])
    assert raised_by(lambda: read_manifest(made)).message_id == "backup.damaged"


def test_a_format_of_the_future_is_no_damage(tmp_path: Path) -> None:
    made = written(tmp_path, [("manifest.json", manifest_with(format=2))])
    assert raised_by(lambda: read_manifest(made)).message_id == "backup.other_format"


def test_the_newest_backup_is_known_by_its_name(tmp_path: Path) -> None:
    assert last_backup(tmp_path / "none") is None
    for days in (3, 1, 2):
        packed(tmp_path, NOW - timedelta(days=days))
    for name in (".partial-1", "sotay-20991231T000000Z.tar.gz.part", "sotay-later.tar.gz", "notes.txt"):
        (tmp_path / name).touch()
    assert last_backup(tmp_path) == NOW - timedelta(days=1)
    assert [NOW - archive.created_at for archive in archives_in(tmp_path)] == [timedelta(days=d) for d in (3, 2, 1)]


def test_so_many_stay_as_are_wanted(tmp_path: Path) -> None:
    made = [packed(tmp_path, NOW + timedelta(days=day)) for day in range(5)]
    assert thin_out(tmp_path, 7) == []
    assert thin_out(tmp_path, 2) == made[:3]
    assert [archive.path for archive in archives_in(tmp_path)] == made[3:]


def test_two_of_one_second_have_two_names(tmp_path: Path) -> None:
    first, second = packed(tmp_path), packed(tmp_path)
    assert first != second
    assert len(archives_in(tmp_path)) == 2


def test_sweeping_leaves_backups(tmp_path: Path) -> None:
    archive = packed(tmp_path)
    (tmp_path / ".partial-9").mkdir()
    (tmp_path / ".partial-x.tar.gz").touch()
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {archive.name, ".lock"}
