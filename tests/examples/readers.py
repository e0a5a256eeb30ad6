"""Readers that know nothing of the writers: each gives the text of one file of the sample."""

from __future__ import annotations

import email
import email.policy
import io
import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pypdfium2
from lxml import etree, html
from pptx import Presentation
from python_calamine import CalamineWorkbook

BY_XBERG = {"doc": "application/msword", "wps": "application/msword", "ppt": "application/vnd.ms-powerpoint"}
BY_XBERG |= {
    "dps": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
    "rtf": "application/rtf",
}
BY_XBERG |= {
    "odt": "application/vnd.oasis.opendocument.text",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
# xberg may fall at interpreter exit: it leaves without one.
XBERG = """
import asyncio, json, os, sys, xberg
limits = {"extraction_timeout_secs": 20, "max_archive_depth": 0}
settings = xberg.ExtractionConfig(use_cache=False, disable_ocr=True, **limits)
async def read(path, kind):
    payload = open(os.fsencode(path), "rb").read()
    wanted = xberg.ExtractInput(kind="bytes", bytes=payload, mime_type=kind)
    found = await xberg.extract(wanted, settings)
    return found.results[0].content if found.results else ""
texts = [asyncio.run(read(path, kind)) for path, kind in json.load(sys.stdin)]
print(json.dumps(texts), flush=True)
os._exit(0)
"""


def with_xberg(files: list[tuple[str, str]], home: Path) -> list[str]:
    """The texts of files of old formats, given as path and media type."""
    command = [sys.executable, "-c", XBERG]
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    found = subprocess.run(
        command, input=json.dumps(files), capture_output=True, text=True, env=environment, check=True
    )
    texts: list[str] = json.loads(found.stdout)
    return texts


def text_of(payload: bytes, charset: str = "utf-8") -> str:
    """Text in the charset."""
    return payload.decode(charset).removeprefix("\ufeff")


def docx_text(payload: bytes) -> str:
    """Headers, paragraphs and tables of a docx."""
    found = docx.Document(io.BytesIO(payload))
    lines = [paragraph.text for section in found.sections for paragraph in section.header.paragraphs]
    for item in found.element.body.iter():
        if item.tag.endswith("}t"):
            lines.append(item.text or "")
        elif item.tag.endswith("}p"):
            lines.append("\n")
    return "".join(lines)


def sheet_text(payload: bytes) -> str:
    """Every cell of a workbook."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(payload))
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    return "\n".join("\t".join(_cell(cell) for cell in row) for row in rows)


def _cell(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def pdf_text(payload: bytes) -> str:
    """The text layer of a PDF."""
    document = pypdfium2.PdfDocument(payload)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


def pptx_text(payload: bytes) -> str:
    """Slides and notes."""
    lines = []
    for slide in Presentation(io.BytesIO(payload)).slides:
        lines += [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        lines += [slide.notes_slide.notes_text_frame.text] if slide.has_notes_slide else []
    return "\n".join(lines)


def mail_text(payload: bytes) -> str:
    """Head and plain body of a mail."""
    message = email.message_from_bytes(payload, policy=email.policy.default)
    body = message.get_body(("plain",))
    head = "\n".join(str(message[name]) for name in ("From", "To", "Subject"))
    return head + "\n" + (str(body.get_content()) if body else "")


def ofd_text(payload: bytes) -> str:
    """The text objects of an OFD in the order of the file."""
    with zipfile.ZipFile(io.BytesIO(payload)) as package:
        pages = [name for name in package.namelist() if name.endswith("Content.xml")]
        texts = [etree.fromstring(package.read(name)) for name in pages]
    return "\n".join(str(node.text) for page in texts for node in page.iter("{*}TextCode"))


def markup_text(payload: bytes) -> str:
    """The text of a web page or an XML file."""
    if b"<html" in payload[:200]:
        page = html.fromstring(payload)
        etree.strip_elements(page, "style", "script", with_tail=False)
        return "\n".join(str(part) for part in page.itertext())
    return "\n".join(str(part) for part in etree.fromstring(payload).itertext())


def json_text(payload: bytes) -> str:
    """Every string of a JSON file."""
    found: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, dict):
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)
        else:
            found.append(str(node))

    walk(json.loads(payload))
    return "\n".join(found)


def calendar_text(payload: bytes) -> str:
    """The values of a calendar, unfolded."""
    return re.sub(r"\r\n ", "", payload.decode()).replace("\\n", "\n").replace("\\", "")


def card_text(payload: bytes) -> str:
    """The values of a vCard."""
    text = payload.decode()
    if "QUOTED-PRINTABLE" not in text:
        return text
    return re.sub("(?:=[0-9A-F]{2})+", lambda run: bytes.fromhex(run[0].replace("=", "")).decode(), text)


def database_text(payload: bytes) -> str:
    """Every cell of every table."""
    base = sqlite3.connect(":memory:")
    base.deserialize(payload)
    names = base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid").fetchall()
    orders = [f'SELECT * FROM "{name}"' for (name,) in names]  # noqa: S608 - tables of our own sample
    rows = [row for order in orders for row in base.execute(order)]
    base.close()
    return "\n".join("\t".join(str(cell) for cell in row) for row in rows)


READERS: dict[str, Callable[[bytes], str]] = {
    **dict.fromkeys(("txt", "md", "csv", "chat-txt", "chat-csv"), text_of),
    **dict.fromkeys(("xlsx", "xls", "et", "ods"), sheet_text),
    **dict.fromkeys(("html", "chat-html", "xml", "einvoice-xml"), markup_text),
    "docx": docx_text,
    "pdf": pdf_text,
    "pptx": pptx_text,
    "eml": mail_text,
    "ofd": ofd_text,
    "json": json_text,
    "ics": calendar_text,
    "vcf": card_text,
    "sqlite": database_text,
}
