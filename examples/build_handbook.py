"""Build the example handbook in ``examples/handbook`` from ``examples/content``.

The handbook belongs to a made-up company. Maintainers edit the plain text files in
``content`` and run this script; the product itself needs none of the libraries used here.

    make .venv/.ready
    sudo apt-get install fonts-dejavu-core
    .venv/bin/python examples/build_handbook.py

A content file is named after its output plus one suffix: ``noi-bo/x.pdf.md`` becomes
``noi-bo/x.pdf`` and ``noi-bo/y.xlsx.tsv`` becomes ``noi-bo/y.xlsx``. The text files use a
small part of Markdown: ``#`` headings, ``- `` bullets, ``|`` tables, paragraphs, and a line
``---page---`` that starts a new PDF page. In a TSV file the line ``# sheet: NAME`` starts a
sheet. Running the script twice gives byte-identical files.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import markdown
from docx import Document
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reportlab.pdfgen.canvas import Canvas

HERE = Path(__file__).resolve().parent
CONTENT = HERE / "content"
OUTPUT = HERE / "handbook"
FONTS = Path("/usr/share/fonts/truetype/dejavu")
COMPANY = "Công ty Dịch vụ Kỹ thuật Bay Sao Khuê"
STAMP = datetime(2026, 1, 1, tzinfo=UTC)
HEADINGS = {"# ": "h1", "## ": "h2", "### ": "h3"}
HTML_PAGE = """<!DOCTYPE html>
<html lang="vi">
<head><meta charset="utf-8"><title>{title} - {company}</title>
<style>body{{font-family:sans-serif}}td,th{{border:1px solid #999}}</style></head>
<body><header><p>{company} | Cổng thông tin nội bộ</p></header>
<nav><ul><li><a href="/">Trang chủ</a></li><li><a href="/tin-tuc">Tin tức</a></li>
<li><a href="/so-tay">Sổ tay</a></li><li><a href="/bieu-mau">Biểu mẫu</a></li></ul></nav>
<main>
{body}
</main>
<footer><p>© 2026 {company}. <a href="#">Về đầu trang</a></p></footer>
</body>
</html>
"""


@dataclass
class Block:
    """One piece of a text document: a heading, paragraph, bullet, table or page break."""

    kind: str
    text: str = ""
    rows: list[list[str]] = field(default_factory=list)


def parse(source: str) -> Iterator[Block]:
    """Split the small Markdown dialect into blocks."""
    for chunk in re.split(r"\n(?:\s*\n)+|\n(?=#+ )", source.strip()):
        lines = chunk.strip().split("\n")
        while lines and lines[0].startswith("#"):
            mark, text = lines.pop(0).split(" ", 1)
            yield Block(HEADINGS[mark + " "], text)
        if not lines:
            continue
        if lines[0] == "---page---":
            yield Block("page")
        elif lines[0].startswith("|"):
            cells = [[c.strip() for c in line.strip("|").split("|")] for line in lines]
            yield Block("table", rows=[row for row in cells if set(row[0]) != {"-"}])
        elif lines[0].startswith("- "):
            for item in re.split(r"\n(?=- )", "\n".join(lines)):
                yield Block("bullet", item[2:].replace("\n", " "))
        else:
            yield Block("text", " ".join(lines))


def pdf_styles() -> dict[str, ParagraphStyle]:
    """Register the embedded fonts and return one style for each kind of block."""
    pdfmetrics.registerFont(TTFont("Body", str(FONTS / "DejaVuSans.ttf")))
    pdfmetrics.registerFont(TTFont("Bold", str(FONTS / "DejaVuSans-Bold.ttf")))
    body = ParagraphStyle("text", fontName="Body", bulletFontName="Body", fontSize=10.5, leading=16, spaceAfter=6)
    bold = {"parent": body, "fontName": "Bold", "spaceBefore": 8, "keepWithNext": 1}
    return {
        "text": body,
        "bullet": ParagraphStyle("bullet", parent=body, leftIndent=14, bulletIndent=3),
        "cell": ParagraphStyle("cell", parent=body, fontSize=9.5, leading=12, spaceAfter=0),
        "head": ParagraphStyle("head", parent=body, fontName="Bold", fontSize=9.5, leading=12),
        "h1": ParagraphStyle("h1", fontSize=17, leading=23, **bold),
        "h2": ParagraphStyle("h2", fontSize=13, leading=18, **bold),
        "h3": ParagraphStyle("h3", fontSize=11, leading=16, **bold),
    }


def pdf_table(rows: list[list[str]], styles: dict[str, ParagraphStyle]) -> Table:
    """Return a ruled table; a column is as wide as its longest cell asks for."""
    longest = [min(max(len(cell) for cell in column) + 4, 40) for column in zip(*rows, strict=True)]
    widths = [166 * mm * size / sum(longest) for size in longest]
    cells = [
        [Paragraph(escape(cell), styles["cell" if number else "head"]) for cell in row]
        for number, row in enumerate(rows)
    ]
    look = [
        ("GRID", (0, 0), (-1, -1), 0.5, colors.grey),
        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    return Table(cells, colWidths=widths, style=look, repeatRows=1)


def pdf_footer(canvas: Canvas, document: SimpleDocTemplate) -> None:
    """Draw the company name and the page number at the foot of a page."""
    canvas.setFont("Body", 8)
    canvas.drawString(22 * mm, 12 * mm, COMPANY)
    canvas.drawRightString(A4[0] - 22 * mm, 12 * mm, f"Trang {document.page}")


def build_pdf(source: str) -> bytes:
    """Render a PDF with a text layer; pages break where the content says so."""
    styles = pdf_styles()
    story: list[Flowable] = []
    blocks = list(parse(source))
    for block in blocks:
        if block.kind == "page":
            story.append(PageBreak())
        elif block.kind == "table":
            story += [pdf_table(block.rows, styles), Spacer(1, 8)]
        else:
            bullet = "•" if block.kind == "bullet" else None
            story.append(Paragraph(escape(block.text), styles[block.kind], bulletText=bullet))
    target = io.BytesIO()
    side, foot = 22 * mm, 24 * mm
    edges = {"leftMargin": side, "rightMargin": side, "topMargin": side, "bottomMargin": foot}
    names = {"title": blocks[0].text, "author": COMPANY, "lang": "vi"}
    document = SimpleDocTemplate(target, pagesize=A4, invariant=1, **edges, **names)
    document.build(story, onFirstPage=pdf_footer, onLaterPages=pdf_footer)
    return target.getvalue()


def build_docx(source: str) -> bytes:
    """Render a Word document with the built-in heading, list and table styles."""
    document = Document()
    names = {"h1": "Heading 1", "h2": "Heading 2", "h3": "Heading 3", "bullet": "List Bullet"}
    for block in parse(source):
        if block.kind == "table":
            table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
            for row in block.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        else:
            document.add_paragraph(block.text, style=names.get(block.kind, "Normal"))
    properties = document.core_properties
    properties.title, properties.author = next(parse(source)).text, COMPANY
    properties.created = properties.modified = STAMP
    target = io.BytesIO()
    document.save(target)
    return repack(target.getvalue())


def build_xlsx(source: str) -> bytes:
    """Turn tab-separated rows into sheets with a bold, frozen header row."""
    book = Workbook()
    del book["Sheet"]
    for part in source.split("# sheet: ")[1:]:
        name, *lines = part.strip().split("\n")
        sheet = book.create_sheet(name)
        for line in lines:
            cells = line.split("\t")
            sheet.append([int(c) if re.fullmatch(r"[1-9]\d*", c) else c for c in cells])
        sheet.freeze_panes = "A2"
        for column in sheet.columns:
            column[0].font = Font(bold=True)
            column[0].alignment = Alignment(wrap_text=True)
            width = max(len(str(cell.value or "")) for cell in column)
            sheet.column_dimensions[column[0].column_letter].width = min(width + 3, 60)
    book.properties.creator, book.properties.created = COMPANY, STAMP
    target = io.BytesIO()
    book.save(target)
    return repack(target.getvalue())


def repack(data: bytes) -> bytes:
    """Write an Office archive again with fixed time stamps."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "docProps/core.xml":
                fixed = STAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                body = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + fixed, body)
            new.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def build_html(source: str) -> bytes:
    """Wrap the content in a page that looks like an intranet, with its navigation."""
    body = markdown.markdown(source, extensions=["tables"])
    title = next(parse(source)).text
    return HTML_PAGE.format(title=escape(title), company=COMPANY, body=body).encode()


def build_txt(source: str) -> bytes:
    """Keep the words and drop the heading marks."""
    return re.sub(r"(?m)^#+ ", "", source).encode()


BUILDERS: dict[str, Callable[[str], bytes]] = {
    ".pdf": build_pdf,
    ".docx": build_docx,
    ".xlsx": build_xlsx,
    ".html": build_html,
    ".txt": build_txt,
    ".md": str.encode,
}


def main() -> None:
    """Build every document named by the content folder."""
    for path in sorted(p for p in CONTENT.rglob("*") if p.suffix in {".md", ".tsv"}):
        target = OUTPUT / path.relative_to(CONTENT).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        source = unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
        target.write_bytes(BUILDERS[target.suffix](source))
        print(target.relative_to(HERE))


if __name__ == "__main__":
    main()
