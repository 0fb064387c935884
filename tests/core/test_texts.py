"""Both catalogues say the same things, with the same fields, and are compiled."""

import re
import string

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from bots.settings import Settings
from bots.settings_keys import leaves
from core.texts import LANGUAGES, LOCALES, translate

ROOT = LOCALES.parents[1]


def texts_of(language: str, suffix: str) -> dict[str, str]:
    path = LOCALES / language / "LC_MESSAGES" / f"sotay.{suffix}"
    with path.open("rb") as file:
        catalogue = read_po(file) if suffix == "po" else read_mo(file)
    return {str(message.id): str(message.string) for message in catalogue if message.id}


def fields_of(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def used_ids() -> set[str]:
    """Message ids that stand as strings in the source."""
    pattern = re.compile(r'"((?:[a-z]+\.)+[a-z_]+)"')
    sources = (path for package in ("bots", "core", "models", "retrieval") for path in (ROOT / package).rglob("*.py"))
    return {found for path in sources for found in pattern.findall(path.read_text(encoding="utf-8"))}


VI, EN = texts_of("vi", "po"), texts_of("en", "po")


def test_both_languages_have_every_text() -> None:
    assert VI.keys() == EN.keys()
    assert all(VI.values())
    assert all(EN.values())


@pytest.mark.parametrize("message_id", sorted(EN))
def test_the_fields_of_a_text_are_the_same_in_both(message_id: str) -> None:
    assert fields_of(VI[message_id]) == fields_of(EN[message_id])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_up_to_date(language: str) -> None:
    """`make locales` compiles it."""
    assert texts_of(language, "mo") == texts_of(language, "po")


def test_vietnamese_texts_are_vietnamese() -> None:
    assert [i for i, text in VI.items() if len(text) > 40 and text.isascii()] == []


def test_ids_that_errors_name_are_in_the_catalogue() -> None:
    areas = {message_id.split(".")[0] for message_id in EN}
    files = {"tar.gz", "slack.com", "sotay.toml", "sotay.sqlite", "lexical.sqlite", "router.json", "e.g"}
    keys = {".".join(key) for key, _ in leaves(Settings)}
    missing = {i for i in used_ids() if i.split(".")[0] in areas and i not in EN} - files - keys - {"models.training"}
    assert {i for i in missing if not any(known.startswith(f"{i}.") for known in EN)} == KEYS_THAT_ARE_NO_TEXTS


KEYS_THAT_ARE_NO_TEXTS = {"answer.id", "inbox.question_id"}
"""Columns of tables; what the settings call their keys is known without."""


def test_an_unknown_language_reads_english() -> None:
    assert translate("fr", "answer.not_found") == translate("en", "answer.not_found")
