"""The outline of a document: which paragraphs are headings, and what the whole is called. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from retrieval.blocks import Draft, Kind
from retrieval.headings import has_no_name, is_shouted, legal_level, numbered_level

TITLE_MAX = 150
"""A longer line is text and no title."""
TITLE_WITHIN = 5
"""A title stands among this many first blocks."""

_NO_TITLE = re.compile(
    r"\(?(?:untitled|anonymous|unspecified)\)?|(?:document|book|presentation)\d*|.*\.\w{3,4}", re.IGNORECASE
)
_MADE_BY = re.compile(r"(?:Microsoft (?:Word|Excel|PowerPoint)|PowerPoint Presentation)(?: - )?", re.IGNORECASE)
_NATION = re.compile(r"cộng h(?:òa|oà) xã hội chủ nghĩa việt nam|độc lập\W+tự do\W+hạnh phúc", re.IGNORECASE)
_LINES = frozenset({Kind.HEADING, Kind.PARAGRAPH})
_SENTENCE_END = (".", ";", ",", ":", "!", "?")
_NAMED_BY_FIRST_LINE = {".pdf", ".txt"}
_UNNAMED_SHEET = re.compile(r"(?:sheet|trang tính|trang|bảng) *\d*", re.IGNORECASE)
MOST_SHEETS = 3
"""A workbook is named by its sheets when there are no more."""


def mark_headings(drafts: Sequence[Draft]) -> list[Draft]:
    """`drafts` with paragraphs like "Điều 5. Nghỉ phép" made headings, of the level that marked ones of the same
    word have; "CHƯƠNG II" and the line in capitals below it become one heading.
    """
    return list(_named(_marked(drafts)))


def _marked(drafts: Sequence[Draft]) -> Iterator[Draft]:
    levels: dict[str, int] = {}
    for draft in drafts:
        level = legal_level(draft.text) if draft.kind in _LINES else None
        word = draft.text[:4].lower()
        if level is None:
            yield draft
        elif draft.kind is Kind.HEADING:
            levels.setdefault(word, draft.level)
            yield draft
        else:
            yield replace(draft, kind=Kind.HEADING, level=levels.get(word, level))


def _named(drafts: Iterator[Draft]) -> Iterator[Draft]:
    waiting: Draft | None = None
    for draft in drafts:
        if waiting is not None:
            joins = draft.kind in _LINES and is_shouted(draft.text)
            yield replace(waiting, text=f"{waiting.text}: {draft.text}") if joins else waiting
            waiting = None
            if joins:
                continue
        if draft.kind is Kind.HEADING and has_no_name(draft.text):
            waiting = draft
        else:
            yield draft
    if waiting is not None:
        yield waiting


def title_of(path: str, stated: str, drafts: Sequence[Draft]) -> str:
    """The first heading, or the title among the file's properties, or the first line, or the file's name."""
    suffix = PurePosixPath(path).suffix.lower()
    stated = _MADE_BY.sub("", stated)
    stated = "" if _NO_TITLE.fullmatch(stated) else stated
    heading = next((draft.text for draft in drafts[:TITLE_WITHIN] if _can_name(draft)), "")
    first_line = _first_line(drafts) if suffix in _NAMED_BY_FIRST_LINE else ""
    if suffix == ".xlsx":
        return stated or _sheet_names(drafts) or _readable_name(path)
    if suffix == ".pdf":
        return stated or heading or first_line or _readable_name(path)
    return heading or stated or first_line or _readable_name(path)


def _can_name(draft: Draft) -> bool:
    is_part = legal_level(draft.text) is not None or numbered_level(draft.text) is not None
    short = len(draft.text) <= TITLE_MAX and _NATION.match(draft.text) is None
    return draft.kind is Kind.HEADING and short and not is_part


def _first_line(drafts: Sequence[Draft]) -> str:
    lines = (line for draft in drafts[:TITLE_WITHIN] if draft.kind is Kind.PARAGRAPH for line in draft.text.split("\n"))
    line = next((line for line in lines if _NATION.match(line) is None), "")
    return "" if len(line) > TITLE_MAX or line.endswith(_SENTENCE_END) else line


def _sheet_names(drafts: Sequence[Draft]) -> str:
    names = [draft.text for draft in drafts if draft.kind is Kind.HEADING and not _UNNAMED_SHEET.fullmatch(draft.text)]
    return ", ".join(names) if len(names) <= MOST_SHEETS else ""


def _readable_name(path: str) -> str:
    name = " ".join(re.split(r"[\s_-]+", PurePosixPath(path).stem)).strip()
    return name[:1].upper() + name[1:]
