"""Bytes of one file to an `ExtractedDocument`; runs inside the limited worker process (only import of kreuzberg)."""

import re
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import kreuzberg
from kreuzberg import ExtractionConfig, ExtractionResult, PageConfig

from retrieval.blocks import Draft, ExtractedDocument, Kind, assemble
from retrieval.encoding import decode
from retrieval.filetypes import MIME_TYPES, TEXT_FORMATS, Limits, check, suffix_of
from retrieval.layout import pages_to_drafts
from retrieval.legibility import Legibility, judge
from retrieval.markdown import SLIDE_MARKER, cells_of, markdown_to_drafts, plain
from retrieval.outline import mark_headings, title_of
from retrieval.refusals import Refused
from retrieval.tables import render, tables_of_sheet
from retrieval.vietnamese import normalise

LEAST_LETTERS_A_PAGE = 20
"""A PDF with fewer letters a page than this is a scan, whatever stray marks its text layer holds."""

_BOILERPLATE = re.compile(
    r"<(head|script|style|nav|footer|aside|template|noscript)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL
)
_PAGE_HEADER = re.compile(r"<header\b(?:(?!<h1\b).)*?</header\s*>", re.IGNORECASE | re.DOTALL)
_HTML_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_FRONT_MATTER = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)


def limit_worker(memory: int) -> None:
    """Bounds this process: `memory` bytes of address space beyond what it holds now, no core dumps."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(limit: int, value: int) -> None:
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def extract(path: str, data: bytes, limits: Limits) -> ExtractedDocument | Refused:
    """The document in `data`, or why it is refused. `path` tells the format and stands in the refusal.

    Raises nothing on account of the file; a parser that crashes takes the worker with it, which the caller reports.
    """
    _lower(resource.RLIMIT_CPU, int(time.process_time() + 2 * limits.seconds) + 1)
    if refused := check(path, data, limits):
        return refused
    try:
        read = _read(path, data, limits)
    except kreuzberg.KreuzbergError as error:
        encrypted = "password" in str(error).lower()
        return Refused(path, "documents.encrypted" if encrypted else "documents.damaged")
    except (MemoryError, RecursionError):
        return Refused(path, "documents.too_demanding")
    return read if isinstance(read, Refused) else _finished(path, *read)


def _read(path: str, data: bytes, limits: Limits) -> tuple[str, list[Draft]] | Refused:
    """The title that the file states (empty for none) and its blocks."""
    suffix = suffix_of(path)
    if suffix in TEXT_FORMATS:
        text, verdict = decode(data)
        if text is None or verdict is not Legibility.READABLE:
            return _unreadable(path, verdict)
        return _TEXT_READERS[suffix](text.replace("\r\n", "\n"))
    result = _kreuzberg(data, suffix)
    title = str(result.metadata.get("title") or "")
    if suffix == ".pdf":
        return _read_pdf(path, title, result, limits)
    if (verdict := judge(result.content)) is not Legibility.READABLE:
        return _unreadable(path, verdict)
    return title, list(_read_sheets(result.content)) if suffix == ".xlsx" else markdown_to_drafts(result.content)


def _kreuzberg(data: bytes, suffix: str) -> ExtractionResult:
    slides = suffix == ".pptx"
    config = ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        output_format="plain" if suffix == ".pdf" else "markdown",
        pages=PageConfig(extract_pages=True, insert_page_markers=slides, marker_format=SLIDE_MARKER),
        html_options={"extract_metadata": False},
    )
    return kreuzberg.extract_bytes_sync(data, MIME_TYPES[suffix], config=config)


def _read_pdf(path: str, title: str, result: ExtractionResult, limits: Limits) -> tuple[str, list[Draft]] | Refused:
    pages = [(page["page_number"], page["content"]) for page in result.pages or []]
    if len(pages) > limits.pages:
        return Refused(path, "documents.too_many_pages", {"pages": len(pages), "limit": limits.pages})
    letters = sum(map(str.isalnum, result.content))
    if letters < LEAST_LETTERS_A_PAGE * max(1, len(pages)):
        return Refused(path, "documents.no_text_layer")
    if (verdict := judge(result.content)) is not Legibility.READABLE:
        return _unreadable(path, verdict)
    return title, pages_to_drafts(pages)


def _read_markdown(text: str) -> tuple[str, list[Draft]]:
    front = _FRONT_MATTER.match(text)
    title = _FRONT_TITLE.search(front[1]) if front else None
    return title[1] if title else "", markdown_to_drafts(text[front.end() :] if front else text)


def _read_html(text: str) -> tuple[str, list[Draft]]:
    title = _HTML_TITLE.search(text)
    body = _PAGE_HEADER.sub("", _BOILERPLATE.sub("", text))
    drafts = markdown_to_drafts(_kreuzberg(body.encode(), ".html").content, keep_breaks=True)
    return plain(title[1]) if title else "", drafts


def _read_plain(text: str) -> tuple[str, list[Draft]]:
    return "", pages_to_drafts([(None, text)])


_TEXT_READERS = {".md": _read_markdown, ".html": _read_html, ".txt": _read_plain}


def _read_sheets(content: str) -> Iterator[Draft]:
    """Worksheets come as one table each under the sheet's name; see `tables_of_sheet` for what is made of them."""
    for part in content.split("\n\n"):
        if not part.startswith("|"):
            yield from markdown_to_drafts(part)
            continue
        lines = [cells_of(line) for index, line in enumerate(part.split("\n")) if index != 1]
        for captions, table in tables_of_sheet(lines):
            yield from (Draft(Kind.PARAGRAPH, caption) for caption in captions)
            yield Draft(Kind.TABLE, render(table))


def _unreadable(path: str, verdict: Legibility) -> Refused:
    if verdict is Legibility.GARBLED:
        return Refused(path, "documents.garbled")
    return Refused(path, "documents.legacy_encoding", {"encoding": verdict.value})


def _finished(path: str, stated_title: str, drafts: Sequence[Draft]) -> ExtractedDocument | Refused:
    """The document, once it is clear that there is text in it."""
    clean = mark_headings([replace(draft, text=normalise(draft.text)) for draft in drafts])
    if not any(character.isalnum() for draft in clean for character in draft.text):
        return Refused(path, "documents.no_text")
    return assemble(title_of(path, normalise(stated_title), clean), clean)
