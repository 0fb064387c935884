"""The handbook benchmark's verdicts, and its questions: what they say of the documents is really in them."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from benchmarks.handbook import QUESTIONS, ROOT, has_evidence, is_right, squeezed
from bots.settings import load_settings
from core.conversation import Answer, Language, Outcome
from core.folding import fold
from core.ports import Typing
from retrieval.blocks import ExtractedDocument
from retrieval.chunking import chunks_of
from retrieval.documents import DocumentReader
from retrieval.loading import Loader, Parsed
from retrieval.sources import Source
from retrieval.vietnamese import typing_of
from tests.core.makers import passage

HANDBOOK = ROOT / "examples/handbook"
Row = Mapping[str, Any]
ROW: Row = {"kind": "answerable", "accept": [["14"], ["ngày", "hôm"]], "evidence": "14 ngày", "document": "a/phep.pdf"}


@cache
def rows() -> tuple[Row, ...]:
    return tuple(json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines())


def answer(text: str, outcome: Outcome = Outcome.ANSWERED) -> Answer:
    return Answer("a1", "q1", text, outcome, Language.VIETNAMESE, "?")


class TestVerdicts:
    """Right means: every group is met by whole words, and nothing was declined."""

    @pytest.mark.parametrize("text", ["Được 14 ngày [1].", "duoc 14 NGAY", "14 hôm", "Ngày: 14."])
    def test_tone_marks_case_and_order_do_not_matter(self, text: str) -> None:
        assert is_right(ROW, answer(text))

    @pytest.mark.parametrize("text", ["Được 140 ngày.", "14", "ngày", "Được 4 ngày", "14 ngàylễ", ""])
    def test_parts_of_words_and_missing_groups_are_wrong(self, text: str) -> None:
        assert not is_right(ROW, answer(text))

    @pytest.mark.parametrize("outcome", [Outcome.NOT_FOUND, Outcome.DENIED, Outcome.FAILED])
    def test_the_right_words_in_a_declined_answer_are_wrong(self, outcome: Outcome) -> None:
        assert not is_right(ROW, answer("14 ngày", outcome))

    @pytest.mark.parametrize("outcome", list(Outcome))
    def test_a_question_without_an_answer_is_right_only_when_declined(self, outcome: Outcome) -> None:
        unanswerable = {**ROW, "kind": "unanswerable", "accept": []}
        assert is_right(unanswerable, answer("14 ngày", outcome)) is (outcome is Outcome.NOT_FOUND)

    def test_evidence_is_found_through_table_marks_and_line_breaks(self) -> None:
        row = {**ROW, "document": "x/tai-lieu-1.pdf"}
        assert has_evidence(row, [passage("| Phép | 14 |\n| **ngày** |")])
        assert not has_evidence(row, [passage("14 tuần, 3 ngày")])

    def test_evidence_in_another_document_does_not_count(self) -> None:
        assert not has_evidence({**ROW, "document": "x/tai-lieu-2.pdf"}, [passage("14 ngày")])

    def test_nothing_found_is_no_evidence(self) -> None:
        assert not has_evidence(ROW, [])

    def test_texts_are_compared_by_their_words_alone(self) -> None:
        assert squeezed(" Nghỉ  phép,\nĐỢT 2! ") == "nghi phep dot 2"


class TestQuestions:
    """The 60 questions are fit to be measured with."""

    def test_there_are_sixty_with_ids_of_their_own(self) -> None:
        assert len(rows()) == len({row["id"] for row in rows()}) == 60

    def test_a_third_is_typed_without_tone_marks_and_none_has_any(self) -> None:
        plain = [row for row in rows() if row["typing"] == "unaccented"]
        assert len(plain) >= 20
        for row in plain:
            assert row["text"].lower() == fold(row["text"]), row["id"]

    def test_every_kind_of_question_is_there(self) -> None:
        kinds = Counter(row["kind"] for row in rows())
        assert {"answerable", "follow_up", "unanswerable"} <= kinds.keys()
        assert min(kinds.values()) >= 3

    @pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
    def test_a_question_is_typed_as_it_says(self, row: Row) -> None:
        expected = {"accented": Typing.ACCENTED, "unaccented": Typing.UNACCENTED, "en": Typing.ENGLISH}
        assert row["typing"] in expected
        assert (row["lang"] == "en") is (row["typing"] == "en")
        assert typing_of(row["text"]) is expected[row["typing"]]

    @pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
    def test_the_answer_given_as_right_passes_its_own_test(self, row: Row) -> None:
        outcome = Outcome.NOT_FOUND if row["kind"] == "unanswerable" else Outcome.ANSWERED
        assert is_right(row, answer(row["answer"] or "", outcome))

    def test_a_follow_up_follows_questions_that_are_there(self) -> None:
        ids = [row["id"] for row in rows()]
        for row in rows():
            assert bool(row["thread"]) is (row["kind"] == "follow_up"), row["id"]
            assert all(ids.index(before) < ids.index(row["id"]) for before in row["thread"])

    def test_only_questions_without_an_answer_lack_document_and_evidence(self) -> None:
        for row in rows():
            assert (row["evidence"] is None) is (row["kind"] == "unanswerable"), row["id"]
            assert row["evidence"] is None or (HANDBOOK / row["document"]).is_file(), row["id"]

    def test_who_asks_may_read_the_document(self) -> None:
        settings = load_settings(ROOT / "examples/sotay.toml", {})
        for row in rows():
            groups = {name for name, people in settings.groups.items() if row["person"] in people}
            assert groups, row["id"]
            if row["document"]:
                space = settings.spaces[row["document"].split("/")[0]]
                assert space.label == "public" or groups & set(space.audience), row["id"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def extracted() -> AsyncIterator[Mapping[str, Parsed]]:
    """Every document of the handbook, read once by the real reader."""
    source = Source(str(HANDBOOK))
    found: dict[str, Parsed] = {}
    with DocumentReader(workers=2) as reader:
        loader = Loader(reader, "handbook", source, {})
        for file in source.files():
            loaded = await loader.load(file)
            assert isinstance(loaded, Parsed), f"{file.path} is refused: {loaded}"
            found[file.path] = loaded
    yield found


@pytest.mark.asyncio(loop_scope="module")
async def test_no_document_of_the_handbook_is_refused_or_empty(extracted: Mapping[str, Parsed]) -> None:
    assert len(extracted) == 25
    for path, parsed in extracted.items():
        assert isinstance(parsed.extracted, ExtractedDocument)
        assert parsed.document.title, path


@pytest.mark.asyncio(loop_scope="module")
async def test_all_evidence_stands_in_one_chunk_of_its_document_on_the_page_named(
    extracted: Mapping[str, Parsed],
) -> None:
    for row in rows():
        if row["evidence"] is None:
            continue
        parsed = extracted[row["document"]]
        chunks = chunks_of(parsed.document, parsed.extracted)
        holding = [chunk for chunk in chunks if squeezed(row["evidence"]) in squeezed(chunk.text)]
        assert holding, f"{row['id']}: {row['evidence']!r} stands in no chunk of {row['document']}"
        if Path(row["document"]).suffix == ".pdf":
            assert row["page"] in {page for chunk in holding for page in _pages(chunk.page)}, row["id"]


def _pages(page: int | None) -> set[int]:
    """A chunk has the page on which it begins; its text may go on to the next."""
    return set() if page is None else {page, page + 1}
