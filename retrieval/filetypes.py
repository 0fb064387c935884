"""What a file really is, told from its bytes, and whether it is safe to open; decided before any parser sees it."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from retrieval.refusals import Refused

_OOXML = "application/vnd.openxmlformats-officedocument."
MIME_TYPES = {
    ".pdf": "application/pdf",
    ".docx": f"{_OOXML}wordprocessingml.document",
    ".xlsx": f"{_OOXML}spreadsheetml.sheet",
    ".pptx": f"{_OOXML}presentationml.presentation",
    ".md": "text/markdown",
    ".html": "text/html",
    ".txt": "text/plain",
}
"""The formats that are read, by ending."""
ALIASES = {".htm": ".html", ".markdown": ".md"}
TEXT_FORMATS = frozenset({".md", ".html", ".txt"})

_PACKAGES = frozenset({".docx", ".xlsx", ".pptx"})
_MAIN_PARTS = {"word/document.xml": ".docx", "xl/workbook.xml": ".xlsx", "ppt/presentation.xml": ".pptx"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MAGIC = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
    (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"),
)
_PDF_HEADER_WITHIN = 1024
"""Readers accept a PDF whose header stands within its first 1,024 bytes (ISO 32000, implementation note 13)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost. Sizes in bytes; `seconds` is wall time a file, `memory` what the parser may add.

    The bounds are those of the project's threat model for hostile files.
    """

    size: int = 50_000_000
    pages: int = 2_000
    unpacked: int = 200_000_000
    ratio: int = 100
    seconds: float = 60.0
    memory: int = 2 << 30


def suffix_of(path: str) -> str:
    suffix = PurePosixPath(path).suffix.lower()
    return ALIASES.get(suffix, suffix)


def check(path: str, data: bytes, limits: Limits) -> Refused | None:
    """Why the file is not to be opened, None when it may be."""
    suffix = suffix_of(path)
    if suffix not in MIME_TYPES:
        return Refused(path, "documents.unknown_type", {"suffix": suffix or "-"})
    if not data.strip(b"\0\t\r\n ") or data in {b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"}:
        return Refused(path, "documents.empty")
    if len(data) > limits.size:
        return Refused(path, "documents.too_large", {"limit": megabytes(limits.size)})
    return _check_kind(path, suffix, data) or (_check_package(path, data, limits) if suffix in _PACKAGES else None)


def _check_kind(path: str, suffix: str, data: bytes) -> Refused | None:
    found = _kind_of(data)
    if found == "encrypted":
        return Refused(path, "documents.encrypted")
    if found == "damaged zip" and suffix not in TEXT_FORMATS:
        return Refused(path, "documents.damaged")
    if not _matches(suffix, found):
        expected = suffix.removeprefix(".").upper()
        return Refused(path, "documents.wrong_type", {"expected": expected, "found": found or "?"})
    return None


def megabytes(size: int) -> str:
    return f"{size / 1_000_000:.0f}"


def _matches(suffix: str, found: str) -> bool:
    """Whether the bytes may be what the ending says; text has no mark of its own, so anything unmarked may be text."""
    return not found if suffix in TEXT_FORMATS else found == suffix.removeprefix(".").upper()


def _kind_of(data: bytes) -> str:
    """PDF, DOCX, XLSX, PPTX, "encrypted", "damaged zip" or another format's name; empty for unmarked bytes."""
    if b"%PDF-" in data[:_PDF_HEADER_WITHIN]:
        return "PDF"
    if data.startswith(b"PK"):
        return _kind_of_zip(data)
    if data.startswith(_OLE):
        return "encrypted" if _OLE_ENCRYPTED in data else "Office 97-2003"
    return next((name for mark, name in _MAGIC if data.startswith(mark)), "")


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError):
        return "damaged zip"
    kind = next((suffix for part, suffix in _MAIN_PARTS.items() if part in names), "")
    return kind.removeprefix(".").upper() or "ZIP"


def _check_package(path: str, data: bytes, limits: Limits) -> Refused | None:
    """Unpacked size and ratio as really found by unpacking, since the sizes that a zip states can lie."""
    most = min(limits.unpacked, limits.ratio * len(data))
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            for entry in package.infolist():
                if entry.flag_bits & 1:
                    return Refused(path, "documents.encrypted")
                total += _unpacked_size(package, entry, most - total)
                if total > most:
                    return Refused(path, "documents.zip_bomb", {"limit": megabytes(limits.unpacked)})
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError):
        return Refused(path, "documents.damaged")
    return None


def _unpacked_size(package: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> int:
    """Bytes the entry unpacks to, counted no further than just past `most`."""
    size = 0
    with package.open(entry) as stream:
        while size <= most and (piece := stream.read(1 << 20)):
            size += len(piece)
    return size
