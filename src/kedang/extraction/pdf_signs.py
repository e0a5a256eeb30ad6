"""Where each character of a PDF's page stands on the picture of the page, by PDFium."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from kedang.extraction.errors import Damaged, Encrypted
from kedang.extraction.limits import Limits
from kedang.extraction.signs import Area, Note, Sign, bare
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content

MOST_SIGNS = 200_000  # of one page
MOST_NOTES = 2_000
MOST_OBJECTS = 5_000
MOST_SEGMENTS = 24  # of one line or frame of a table; the outline of a letter has more
_TEXT_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class PdfPage:
    """The signs of a page, its notes and fields, and whether it shows anything beside them that may be writing."""

    signs: tuple[Sign, ...]
    notes: tuple[Note, ...]
    pictures: bool


def pdf_page(content: Content, index: int, *, size: tuple[int, int], limits: Limits) -> PdfPage:
    """The page (0-based) as it stands on a picture of `size` points.

    Raises:
        Damaged: there is no such page, or it has more signs than anybody reads. Encrypted: it cannot be opened.
    """
    document = _opened(whole_bytes(content, limits))
    try:
        if document.get_formtype() != pdfium.FORMTYPE_NONE:
            document.init_forms()
        page = document[index]
        try:
            frame = _Frame(page, size)
            return PdfPage(tuple(_signs(page, frame)), tuple(_notes(page, frame)), _has_pictures(page))
        finally:
            page.close()
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise Damaged(reason="pdf-page") from error
    finally:
        document.close()


def _opened(raw: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Encrypted(format="pdf") from error
        raise Damaged(reason="pdf") from error


class _Frame:
    """Turns places on the page into places on its picture: turned pages and cut margins are seen to."""

    def __init__(self, page: pypdfium2.PdfPage, size: tuple[int, int]) -> None:
        self._page, self._size = page, size

    def area(self, left: float, bottom: float, right: float, top: float) -> Area:
        corners = [self._point(x, y) for x in (left, right) for y in (bottom, top)]
        across, down = [x for x, _ in corners], [y for _, y in corners]
        return Area(min(across), min(down), max(across), max(down))

    def _point(self, x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(self._page, 0, 0, *self._size, 0, x, y, across, down)
        return across.value, down.value


def _signs(page: pypdfium2.PdfPage, frame: _Frame) -> Iterator[Sign]:
    layer = page.get_textpage()
    try:
        count = layer.count_chars()
        if count > MOST_SIGNS:
            raise Damaged(reason="pdf-signs")
        half = 0
        for at in range(count):
            code = pdfium.FPDFText_GetUnicode(layer, at)
            if 0xD800 <= code < 0xDC00:
                half = code
                continue
            if 0xDC00 <= code < 0xE000 and half:
                code = 0x10000 + ((half - 0xD800) << 10) + (code - 0xDC00)
            half = 0
            said = bare(chr(code))
            if said and not pdfium.FPDFText_IsGenerated(layer, at):
                yield Sign(said, frame.area(*layer.get_charbox(at, loose=True)))
    finally:
        layer.close()


def _notes(page: pypdfium2.PdfPage, frame: _Frame) -> Iterator[Note]:
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), MOST_NOTES)):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        try:
            bounds = pdfium.FS_RECTF()
            if pdfium.FPDFAnnot_GetRect(note, bounds):
                area = frame.area(bounds.left, bounds.bottom, bounds.right, bounds.top)
                yield Note(_said(page, note), area)
        finally:
            pdfium.FPDFPage_CloseAnnot(note)


def _said(page: pypdfium2.PdfPage, note: object) -> str:
    said = _wide(pdfium.FPDFAnnot_GetStringValue, note, b"Contents")
    form = page.pdf.formenv
    if pdfium.FPDFAnnot_GetSubtype(note) == pdfium.FPDF_ANNOT_WIDGET and form is not None:
        said += _wide(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, note)
        said += _wide(pdfium.FPDFAnnot_GetFormFieldName, form, note)
        said += _wide(pdfium.FPDFAnnot_GetFormFieldValue, form, note)
    return said


def _wide(call: object, *given: object) -> str:
    """A UTF-16 string of PDFium, asked for twice: for its size, then for itself."""
    size = int(call(*given, None, 0)) if callable(call) else 0
    if not callable(call) or not 2 < size <= _TEXT_BYTES:
        return ""
    buffer = (pdfium.FPDF_WCHAR * ((size + 1) // 2))()
    call(*given, buffer, size)
    return ctypes.string_at(buffer, size).decode("utf-16-le", "replace").rstrip("\x00")


def _has_pictures(page: pypdfium2.PdfPage) -> bool:
    """Whether there are pictures, curves that may be letters, or so many things that nobody can tell."""
    kinds = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING)
    if any(True for _ in page.get_objects(filter=kinds, max_depth=6)):
        return True
    drawn = page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH,), max_depth=6)
    for looked_at, thing in enumerate(drawn):
        if looked_at >= MOST_OBJECTS or pdfium.FPDFPath_CountSegments(thing) > MOST_SEGMENTS:
            return True
    stamps = range(min(pdfium.FPDFPage_GetAnnotCount(page), MOST_NOTES))
    return any(_is_stamp(page, number) for number in stamps)


def _is_stamp(page: pypdfium2.PdfPage, number: int) -> bool:
    note = pdfium.FPDFPage_GetAnnot(page, number)
    if not note:
        return False
    kind = pdfium.FPDFAnnot_GetSubtype(note)
    pdfium.FPDFPage_CloseAnnot(note)
    return bool(kind in (pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_INK))
