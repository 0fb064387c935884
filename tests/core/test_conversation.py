"""What the nouns of a conversation promise beyond their fields."""

import pytest

from core.conversation import Attachment, RefusedFile
from core.texts import LANGUAGES, translate


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_file_says_its_reason_with_its_name_and_facts(language: str) -> None:
    refused = RefusedFile("bảng giá.pdf", "documents.too_large", {"limit": "50"})
    assert refused.text(language) == translate(language, "documents.too_large", path="bảng giá.pdf", limit="50")
    assert "bảng giá.pdf" in refused.text(language)


def test_a_text_may_call_the_file_path_or_name() -> None:
    assert RefusedFile("a.pdf", "model.missing").text("en") == translate(
        "en", "model.missing", path="a.pdf", name="a.pdf"
    )


def test_the_bytes_of_a_file_stand_in_no_log() -> None:
    assert "secret" not in repr(Attachment("a.txt", b"secret"))
