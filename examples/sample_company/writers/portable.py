"""PDF: typeset with embedded fonts, or plain with a font that every Chinese reader brings along."""

from __future__ import annotations

import hashlib
import json
import zlib
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst

from examples.sample_company.marks import plain
from examples.sample_company.paper import Grid, Heading, Paper

FONT_FOLDER = Path(pylopdf_fonts_zh_cn.__file__).parent
LINES_A_PAGE = 44
CHARS_A_LINE = 42  # 10.5 pt characters between margins of an A4 page
TEMPLATE = """
#let paper = json(bytes(sys.inputs.paper))
#set document(date: none)
#set text(font: paper.font, size: 10.5pt, lang: "zh", region: "cn", cjk-latin-spacing: if paper.gaps { auto } else { none })
#set page(paper: "a4", margin: 2.2cm, header: if paper.header != "" { text(size: 8pt, paper.header) })
#set par(leading: 0.9em)
#if paper.title != "" { align(center, text(size: 17pt, weight: "bold", paper.title)) }
#for block in paper.blocks {
  if block.kind == "heading" { heading(level: 2, block.text) }
  else if block.kind == "table" {
    table(columns: block.columns, inset: 4pt, ..block.cells.map(cell => text(size: 9pt, cell)))
  } else { par(block.text) }
}
"""


@cache
def _compiler_source() -> bytes:
    return TEMPLATE.encode()


def pdf(paper: Paper, *, sans: bool = False) -> bytes:
    """The paper as a typeset PDF with embedded fonts and a text layer."""
    blocks: list[dict[str, object]] = []
    for block in paper.blocks:
        if isinstance(block, Heading):
            blocks.append({"kind": "heading", "text": plain(block.text)})
        elif isinstance(block, Grid):
            cells = [plain(cell) for row in (block.headers, *block.rows) for cell in row]
            blocks.append({"kind": "table", "columns": len(block.headers), "cells": cells})
        else:
            blocks.append({"kind": "line", "text": plain(block)})
    content: dict[str, object] = {
        "title": plain(paper.title),
        "header": plain(paper.header),
        "blocks": blocks,
    }
    content["gaps"] = sans  # half of them with the gaps between Han and Latin that Word makes too
    content["font"] = "Noto Sans SC" if sans else "Noto Serif SC"
    source: bytes = _compiler_source()
    result = typst.compile(  # type: ignore[misc]
        source,
        font_paths=[str(FONT_FOLDER)],
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(content, ensure_ascii=False)},
    )
    if not isinstance(result, bytes):
        raise TypeError("typst gives bytes when no output file is named")
    return result


def plain_pdf(paper: Paper) -> bytes:
    """The paper as a small PDF without embedded fonts: STSong-Light by name, as many old programs wrote it."""
    pages = lines_by_page(paper)
    return assemble([page_content(lines) for lines in pages])


def lines_by_page(paper: Paper) -> list[list[str]]:
    """The text in lines and pages of a fixed size."""
    lines = []
    for line in paper.text().split("\n"):
        text = line.replace("\t", "  ")
        lines += [text[start : start + CHARS_A_LINE] for start in range(0, max(1, len(text)), CHARS_A_LINE)]
    return [lines[start : start + LINES_A_PAGE] for start in range(0, len(lines), LINES_A_PAGE)]


def page_content(lines: list[str]) -> bytes:
    """Lines as the content of a PDF page."""
    shown = "".join(f"<{line.encode('utf-16-be').hex()}> Tj T*\n" for line in lines)
    return f"BT /F1 10.5 Tf 56 790 Td 16 TL\n{shown}ET".encode("ascii")


def assemble(contents: list[bytes]) -> bytes:
    """A PDF file of page contents that use /F1."""
    return build(objects_of(contents))


def objects_of(contents: list[bytes]) -> list[bytes | tuple[bytes, bytes]]:
    """The objects of a PDF in order of their numbers; a stream is its dictionary's inside and its bytes."""
    count = len(contents)
    kids = " ".join(f"{6 + 2 * page} 0 R" for page in range(count))
    found: list[bytes | tuple[bytes, bytes]] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (GB1) /Supplement 5 >> /FontDescriptor 5 0 R /DW 1000 >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    for page, content in enumerate(contents):
        found.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * page} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        found.append((b"/Filter /FlateDecode", zlib.compress(content, 6)))
    return found


def build(objects: list[bytes | tuple[bytes, bytes]], *, trailer: bytes = b"") -> bytes:
    """Objects with a cross-reference table."""
    body, offsets = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), []
    for number, entry in enumerate(objects, 1):
        offsets.append(len(body))
        if isinstance(entry, tuple):
            inside, stream = entry
            inner = b"<< %s /Length %d >>\nstream\n%s\nendstream" % (inside, len(stream), stream)
        else:
            inner = entry
        body += b"%d 0 obj\n%s\nendobj\n" % (number, inner)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    identity = hashlib.sha256(bytes(body)).hexdigest()[:32].encode()
    more = trailer or b"/ID [<%s> <%s>]" % (identity, identity)
    body += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        more,
        start,
    )
    return bytes(body)
