"""Documents that administrators send in by chat."""

from pathlib import Path

import pytest

from bots.bootstrap import Handbook, open_handbook, uploads_of
from bots.settings import Settings, load_settings
from bots.uploads import LONGEST_NAME, Uploads, safe_name
from tests.bots.office import Office

TEXT = "# Gửi xe\n\nBãi xe của cơ quan mở cửa từ 6 giờ đến 22 giờ hằng ngày.\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(Office.found(tmp_path).folder / "sotay.toml", {})


async def found(handbook: Handbook, query: str) -> list[str]:
    result = await handbook.retriever.search(query, frozenset({"noi-bo"}), 3)
    return [passage.document for passage in result.passages]


async def test_a_document_that_was_sent_in_is_found_and_stays(settings: Settings) -> None:
    async with open_handbook(settings) as handbook:
        added = await Uploads(settings, handbook).add("noi-bo", "gửi xe.md", TEXT.encode())
        assert (added.documents, added.refused) == (1, None)
        assert (await found(handbook, "bãi xe mở cửa mấy giờ"))[0] == "gửi xe.md"
    async with open_handbook(settings) as handbook:
        assert str(uploads_of(settings, "noi-bo")) in await handbook.spaces.sources("noi-bo")
        assert (await found(handbook, "bãi xe mở cửa mấy giờ"))[0] == "gửi xe.md"


async def test_one_of_the_same_name_is_replaced(settings: Settings) -> None:
    async with open_handbook(settings) as handbook:
        uploads = Uploads(settings, handbook)
        await uploads.add("noi-bo", "xe.md", TEXT.encode())
        await uploads.add("noi-bo", "xe.md", TEXT.replace("22", "23").encode())
        (passage, *_) = (await handbook.retriever.search("bãi xe", frozenset({"noi-bo"}), 3)).passages
        assert "23 giờ" in passage.text
        assert (await handbook.documents.counts())["noi-bo"][0] == 1


async def test_a_file_that_cannot_be_read_leaves_what_was_there(settings: Settings) -> None:
    async with open_handbook(settings) as handbook:
        uploads = Uploads(settings, handbook)
        await uploads.add("noi-bo", "xe.md", TEXT.encode())
        for name in ("xe.pdf", "anh.png"):
            added = await uploads.add("noi-bo", name, b"\x00\x01\x02")
            assert added.refused is not None
            assert name in added.refused.text("vi")
        assert [path.name for path in uploads_of(settings, "noi-bo").iterdir()] == ["xe.md"]
        broken = await uploads.add("noi-bo", "xe.md", b"\x00\x00\x00\x00")
        if broken.refused is not None:
            assert uploads_of(settings, "noi-bo").joinpath("xe.md").read_text() == TEXT


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("quy định.pdf", "quy định.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\tai lieu\\a.docx", "a.docx"),
        (".~lock.a.docx", "lock.a.docx"),
        ("a\u202egpj.\n exe.pdf", "agpj. exe.pdf"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".pdf", "x" * (LONGEST_NAME - 3) + ".pdf"),
        ("x" * 300, "x" * LONGEST_NAME),
    ],
)
def test_a_name_stays_in_its_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe
