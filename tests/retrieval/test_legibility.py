"""Which text can be read, and what the rest is."""

import unicodedata
from pathlib import Path

import pytest

from retrieval.encoding import decode
from retrieval.legacy_fonts import from_tcvn3, from_vni
from retrieval.legibility import Legibility, is_plausible, judge
from tests.retrieval import office_files
from tests.retrieval.office_files import LEAVE

CONTENT = Path(__file__).parents[2] / "examples" / "content"
ENGLISH = "Employees get fourteen days of annual leave per year, paid in full; the café is open on weekdays only."


@pytest.mark.parametrize("path", sorted(CONTENT.rglob("*.*")), ids=lambda path: path.name)
def test_every_text_of_the_example_handbook_is_readable(path: Path) -> None:
    assert judge(path.read_text(encoding="utf-8")) is Legibility.READABLE


@pytest.mark.parametrize(
    "text",
    [
        LEAVE,
        LEAVE.upper(),
        ENGLISH,
        unicodedata.normalize("NFD", LEAVE),
        "Nguoi lao dong duoc nghi phep nam muoi bon ngay lam viec moi nam",
        "1 2 3\n4.5 6,7 | 8 9 10 11 12 13",
        "VT-001 K1-A1 QĐ-NS-03 VOR DME ILS UPS VHF KPI QTQLCL",
        "Ng ười lao đ ộng làm vi ệc đ ủ mư ời hai tháng đư ợc ngh ỉ phép năm",
        "社員は年に十四日の有給休暇を取ることができます。申請は三日前までに行ってください。",
        "x | 5 kg | cc | x " * 500,
        "ngắn",
        "",
    ],
)
def test_text_that_people_can_read_is_readable(text: str) -> None:
    assert judge(text) is Legibility.READABLE


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (office_files.tcvn3(LEAVE), Legibility.TCVN3),
        (office_files.vni(LEAVE), Legibility.VNI),
        (LEAVE.encode().decode("latin-1"), Legibility.GARBLED),
        (LEAVE.replace("ư", "\ufffd").replace("ơ", "\ufffd"), Legibility.GARBLED),
        ("".join(chr(0xE000 + ord(letter) % 256) for letter in LEAVE), Legibility.GARBLED),
        ("(cid:12)(cid:33)(cid:7) (cid:91) nghỉ (cid:5)", Legibility.GARBLED),
        ("xkcd qwrt zxcv bnmp lkjh gfds trwq plmn bvcx zqwt", Legibility.GARBLED),
    ],
)
def test_text_that_nobody_can_read_is_told_apart(text: str, verdict: Legibility) -> None:
    assert judge(text) is verdict


@pytest.mark.parametrize("word", ["nghỉ", "Người", "được", "khuya", "quyển", "xoăn", "tuần", "leave", "VHF"])
def test_words_of_both_languages_are_plausible(word: str) -> None:
    assert is_plausible(word)


@pytest.mark.parametrize("word", ["phÇn", "ngöôøi", "coâng", "xkcd", "đ"])
def test_scraps_are_not_plausible(word: str) -> None:
    assert not is_plausible(word)


def test_old_fonts_are_read_as_the_letters_that_were_meant() -> None:
    assert from_tcvn3(office_files.tcvn3(LEAVE)) == LEAVE.lower()
    assert unicodedata.normalize("NFC", from_vni(office_files.vni(LEAVE))) == LEAVE.lower()


@pytest.mark.parametrize(
    "data",
    [
        LEAVE.encode(),
        LEAVE.encode("utf-8-sig"),
        LEAVE.encode("utf-16"),
        LEAVE.encode("utf-16-be"),
        LEAVE.encode("utf-32"),
        office_files.windows_1258(LEAVE),
    ],
)
def test_every_way_to_write_unicode_and_windows_1258_decodes_to_the_same_text(data: bytes) -> None:
    assert decode(data) == (LEAVE, Legibility.READABLE)


def test_english_with_typographic_marks_of_windows_decodes() -> None:
    text = f"“{ENGLISH}” – it’s so"
    assert decode(text.encode("cp1252")) == (text, Legibility.READABLE)


def test_bytes_of_no_known_encoding_have_no_text() -> None:
    assert decode(bytes(range(128, 256)) * 8)[0] is None
    assert decode(office_files.tcvn3(LEAVE).encode("latin-1")) == (None, Legibility.TCVN3)
