"""The catalogue's promises about itself."""

import re

import pytest

from models.catalog import CATALOG, ENTRIES, CatalogEntry


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
class TestEveryEntry:
    def test_can_be_fetched_from_somewhere(self, entry: CatalogEntry) -> None:
        assert entry.hub or entry.parts

    def test_says_licence_and_notes(self, entry: CatalogEntry) -> None:
        assert entry.licence
        assert entry.notes

    def test_knows_size_and_hash_together_or_says_in_its_notes_that_they_are_unknown(self, entry: CatalogEntry) -> None:
        assert (entry.size is None) == (entry.sha256 is None)
        assert entry.sha256 is None or re.fullmatch("[0-9a-f]{64}", entry.sha256)
        assert entry.size or "Not known: size" in entry.notes

    def test_has_parts_that_add_up_to_the_file(self, entry: CatalogEntry) -> None:
        assert not entry.parts or sum(part.size for part in entry.parts) == entry.size
        assert all(re.fullmatch("[0-9a-f]{64}", part.sha256) for part in entry.parts)
        assert len({part.member for part in entry.parts}) == len(entry.parts)

    def test_pins_the_revision_of_every_file_whose_hash_is_known(self, entry: CatalogEntry) -> None:
        assert entry.hub is None or entry.sha256 is None or re.fullmatch("[0-9a-f]{40}", entry.hub.revision)


def test_names_are_unique() -> None:
    assert len(CATALOG) == len(ENTRIES)


def test_the_3b_model_is_plainly_not_for_a_company() -> None:
    assert "NOT for use in a company" in CATALOG["qwen2.5-3b-instruct"].notes


@pytest.mark.parametrize(("context", "sequences", "measured"), [(8192, 1, 5537), (4096, 33, 12321)])
def test_vram_of_the_7b_model_is_within_three_percent_of_what_was_measured(
    context: int, sequences: int, measured: int
) -> None:
    assert CATALOG["qwen2.5-7b-instruct"].vram_mib(context, sequences) == pytest.approx(measured, rel=0.03)


def test_vram_is_unknown_where_the_size_is() -> None:
    assert CATALOG["vistral-7b-chat"].vram_mib(4096) is None
    assert CATALOG["bge-m3"].vram_mib(4096) is None
