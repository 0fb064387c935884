"""Real office files, made on the spot: good ones and each kind of bad one."""

import io
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime

from docx import Document as WordDocument
from openpyxl import Workbook
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from retrieval.legacy_fonts import _TCVN3, _VNI_MARKS, _VNI_SINGLE

Cell = str | int | float | datetime | None

LEAVE = (
    "Người lao động làm việc đủ mười hai tháng được nghỉ phép năm mười bốn ngày làm việc, hưởng nguyên lương. "
    "Trưởng phòng duyệt đơn trên cổng nhân sự; quá hạn sẽ không được chuyển sang năm sau."
)
TONES = "\u0300\u0301\u0303\u0309\u0323"
HORN = "\u031b"
_PRESENTATION = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def docx(*paragraphs: str, title: str = "", headings: Sequence[str] = (), rows: Sequence[Sequence[str]] = ()) -> bytes:
    """Headings of level 1 first, then paragraphs, then one table."""
    document = WordDocument()
    document.core_properties.title = title
    for heading in headings:
        document.add_heading(heading, 1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def xlsx(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def pdf(*pages: Sequence[str], password: str | None = None, title: str = "") -> bytes:
    """One line of text under another; the built-in fonts know Latin-1 only."""
    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt=password)
    canvas.setTitle(title)
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(72, 780 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def scan(pages: int = 2) -> bytes:
    """A PDF whose pages are pictures only, but for a page number."""
    stream = io.BytesIO()
    canvas = Canvas(stream)
    for number in range(pages):
        canvas.rect(50, 50, 400, 700, fill=1)
        canvas.drawString(500, 20, str(number + 1))
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def pptx(slides: Sequence[tuple[str, Sequence[str]]]) -> bytes:
    """Slides of a title and lines of text, the least that a reader of presentations takes."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": _relations({"rId1": ("officeDocument", "ppt/presentation.xml")}),
        "ppt/presentation.xml": f"<p:presentation {_PRESENTATION}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{256 + n}" r:id="rId{n}"/>' for n, _ in enumerate(slides, 1))
        + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": _relations(
            {f"rId{n}": ("slide", f"slides/slide{n}.xml") for n, _ in enumerate(slides, 1)}
        ),
    }
    for number, (title, lines) in enumerate(slides, 1):
        parts[f"ppt/slides/slide{number}.xml"] = _slide(title, lines)
    return zipped(parts)


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="{name}" Type="{_RELATION}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _slide(title: str, lines: Sequence[str]) -> str:
    shapes = _shape(2, '<p:ph type="title"/>', [title]) + _shape(3, "", lines)
    return (
        f'<p:sld {_PRESENTATION}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/>'
        f"</p:nvGrpSpPr><p:grpSpPr/>{shapes}</p:spTree></p:cSld></p:sld>"
    )


def _shape(number: int, placeholder: str, lines: Sequence[str]) -> str:
    text = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="shape"/><p:cNvSpPr/><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr>'
        f"<p:spPr/><p:txBody><a:bodyPr/>{text}</p:txBody></p:sp>"
    )


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return stream.getvalue()


def zip_bomb() -> bytes:
    """A .docx of some 20 KB whose picture unpacks to 20 MB."""
    return zipped({"word/document.xml": "<w/>", "word/media/image.bmp": bytes(20_000_000)})


def locked_office() -> bytes:
    """What Office writes for a file with a password: an OLE container that names its encrypted package."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024) + "EncryptedPackage".encode("utf-16-le") + bytes(1024)


def windows_1258(text: str) -> bytes:
    """As old Windows saved Vietnamese: letters with their first mark, the tone as a letter of its own."""
    out = b""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in parts if mark in TONES)
        whole = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in TONES))
        out += whole.encode("cp1258") + tone.encode("cp1258")
    return out


def tcvn3(text: str) -> str:
    """`text` as typed for an ABC font, seen as Latin-1."""
    return text.lower().translate({meant: shown for shown, meant in _TCVN3.items()})


def vni(text: str) -> str:
    """`text` as typed for a VNI font, seen as Latin-1."""
    singles = {meant: shown for shown, meant in _VNI_SINGLE.items()}
    marks = {unicodedata.normalize("NFD", meant): shown for shown, meant in _VNI_MARKS.items()}
    return "".join(singles.get(letter) or _vni_letter(letter, singles, marks) for letter in text.lower())


def _vni_letter(letter: str, singles: Mapping[str, str], marks: Mapping[str, str]) -> str:
    base, *rest = list(unicodedata.normalize("NFD", letter))
    if HORN in rest:
        base = singles[unicodedata.normalize("NFC", base + HORN)]
    kept = unicodedata.normalize("NFD", "".join(mark for mark in rest if mark != HORN))
    return base + marks.get(kept, "")
