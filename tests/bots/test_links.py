"""Where people find a document, and who answers for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from bots.links import Links
from bots.settings import load_settings
from core.conversation import Answer, Citation, Language, Outcome
from core.errors import SettingsError
from tests.core.makers import passage

PLACE = """
[spaces.noi-bo]
owner = "Phòng Nhân sự"
link = "https://files.example/tai lieu/{path}"
[spaces.noi-bo.owners]
"phep/*.pdf" = "slack:U1"
[spaces.khac]
"""
FOUND = replace(passage("14 ngày"), space="noi-bo")


@pytest.fixture
def links(tmp_path: Path) -> Links:
    (tmp_path / "sotay.toml").write_text(PLACE, encoding="utf-8")
    return Links(load_settings(tmp_path / "sotay.toml", {}))


def cited(document: str, page: int | None = 2, space: str = "noi-bo") -> tuple[Answer, Citation]:
    citation = Citation(1, FOUND.chunk_id, document, "Nghỉ phép", page, "", "14 ngày")
    found = replace(FOUND, space=space)
    return Answer("a1", "q1", "", Outcome.ANSWERED, Language.VIETNAMESE, "", passages=(found,)), citation


def test_a_document_is_linked_at_its_page(links: Links) -> None:
    address = "https://files.example/tai lieu/ph%C3%A9p/n%C4%83m%20%231.pdf#page=2"
    assert links.of(*cited("phép/năm #1.pdf")) == address


@pytest.mark.parametrize(("document", "page"), [("a.docx", 2), ("a.pdf", None)])
def test_a_page_that_no_browser_can_open_is_left_out(links: Links, document: str, page: int | None) -> None:
    assert links.of(*cited(document, page)) == f"https://files.example/tai lieu/{document}"


@pytest.mark.parametrize("space", ["khac", "attachment:", "nowhere"])
def test_what_has_no_address_has_none(links: Links, space: str) -> None:
    assert links.of(*cited("a.pdf", space=space)) is None


def test_the_owner_of_a_document_comes_before_that_of_its_space(links: Links) -> None:
    assert links.owner("noi-bo", "phep/nam.pdf") == "slack:U1"
    assert links.owner("noi-bo", "khac.pdf") == "Phòng Nhân sự"
    assert links.owner("khac", "a.pdf") is None
    assert links.owner("nowhere", "a.pdf") is None


@pytest.mark.parametrize("link", ["files/{path}", "https://files.example/", "javascript:{path}"])
def test_a_link_that_is_none_is_refused(tmp_path: Path, link: str) -> None:
    (tmp_path / "sotay.toml").write_text(f'[spaces.a]\nlink = "{link}"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"spaces\.a\.link"):
        load_settings(tmp_path / "sotay.toml", {})
