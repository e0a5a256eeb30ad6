"""PDF by PDFium: the text layer page by page, form values and notes; pages without usable text go to OCR.

A page wants OCR when it shows something but has no text, when its text is what broken fonts give (U+FFFD,
private characters, control characters), or when it holds pictures and only a stamp or a page number is text.
The text of such a page stays in the extraction; its OCR text goes in its place.
"""

from __future__ import annotations

import ctypes
import re

import pypdfium2
import pypdfium2.raw as pdfium

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import PAGES_CUT, PARTLY_READ, Damaged, Encrypted
from kedang.extraction.limits import Limits
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content, Extraction, Format

FEW_CHARACTERS = 60  # of a page under a picture: a stamp, a page number, a scanner's mark
COVERING = 0.03  # of the page's area, by pictures beside so little text
MAX_GARBAGE = 0.25  # of the characters
MAX_OBJECTS_LOOKED_AT = 2_000
_SPACES = re.compile(r"\s+")
_GARBAGE = re.compile("[\ufffd\ue000-\uf8ff\x01\x03-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:([+-])(\d{2})'?(\d{2})?|(Z))?")
_METADATA = {
    "Title": "title",
    "Author": "author",
    "Subject": "subject",
    "Keywords": "keywords",
    "Producer": "producer",
    "Creator": "application",
}


def read(content: Content, _format: Format, *, limits: Limits) -> Extraction:
    """The text of each page as a place, and which pages want OCR."""
    document = _opened(whole_bytes(content, limits))
    try:
        assembly = TextAssembly(limits)
        pages = len(document)
        if pages > limits.max_pages:
            assembly.problem(PAGES_CUT, pages=pages, kept=limits.max_pages)
        forms = _init_forms(document)
        wanting = [
            number
            for number in range(min(pages, limits.max_pages))
            if _write_page(document, number, assembly, forms=forms)
        ]
        _tell(document, assembly)
        return assembly.extraction(pages=pages, ocr_pages=wanting)
    finally:
        document.close()


def _opened(raw: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise Encrypted(format="pdf") from error
        raise Damaged(reason="pdf") from error


def _init_forms(document: pypdfium2.PdfDocument) -> bool:
    if document.get_formtype() == pdfium.FORMTYPE_NONE:
        return False
    document.init_forms()
    return bool(document.formenv is not None)


def _write_page(document: pypdfium2.PdfDocument, number: int, assembly: TextAssembly, *, forms: bool) -> bool:
    """Add one page; returns whether it wants OCR."""
    start = assembly.length
    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        assembly.problem(PARTLY_READ, part="page", page=number + 1)
        return False
    try:
        text = _text_of(page)
        wanting = _wants_ocr(page, text)
        if not wanting or not _is_garbage(text):
            assembly.line(text.strip("\r\n "))
        _write_annotations(page, assembly, forms=forms)
        assembly.mark("page", str(number + 1), start)
        return wanting
    except pypdfium2.PdfiumError:
        assembly.problem(PARTLY_READ, part="page", page=number + 1)
        return False
    finally:
        page.close()


def _text_of(page: pypdfium2.PdfPage) -> str:
    layer = page.get_textpage()
    try:
        said: str = layer.get_text_range(errors="replace")
    finally:
        layer.close()
    # PDFium writes U+FFFE or STX where a hyphen parts a word at the end of a line.
    return (
        said.replace("\ufffe\r\n", "")
        .replace("\x02\r\n", "")
        .replace("\ufffe", "-")
        .replace("\x02", "-")
        .replace("\r\n", "\n")
    )


def _wants_ocr(page: pypdfium2.PdfPage, text: str) -> bool:
    shown = _SPACES.sub("", text)
    if len(shown) > FEW_CHARACTERS:
        return _is_garbage(text)
    if not shown:
        return _shows_something(page)
    return _is_garbage(text) or _covered(page)


def _is_garbage(text: str) -> bool:
    shown = _SPACES.sub("", text)
    return bool(shown) and len(_GARBAGE.findall(shown)) > MAX_GARBAGE * len(shown)


def _shows_something(page: pypdfium2.PdfPage) -> bool:
    return any(True for _ in page.get_objects(max_depth=3))


def _covered(page: pypdfium2.PdfPage) -> bool:
    """Whether pictures take a good part of the page."""
    width, height = page.get_size()
    covered = 0.0
    for looked_at, thing in enumerate(page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=3)):
        left, bottom, right, top = thing.get_bounds()
        covered += max(0.0, min(right, width) - max(left, 0.0)) * max(
            0.0, min(top, height) - max(bottom, 0.0)
        )
        if looked_at > MAX_OBJECTS_LOOKED_AT:
            break
    return bool(width * height > 0 and covered / (width * height) >= COVERING)


def _write_annotations(page: pypdfium2.PdfPage, assembly: TextAssembly, *, forms: bool) -> None:
    """Add the values of form fields and the words of notes, which are no part of the text layer."""
    count = min(pdfium.FPDFPage_GetAnnotCount(page), MAX_OBJECTS_LOOKED_AT)
    for number in range(count):
        note = pdfium.FPDFPage_GetAnnot(page, number)
        if not note:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        if kind == pdfium.FPDF_ANNOT_WIDGET and forms:
            _write_field(page, note, assembly)
        elif kind in (
            pdfium.FPDF_ANNOT_TEXT,
            pdfium.FPDF_ANNOT_FREETEXT,
            pdfium.FPDF_ANNOT_HIGHLIGHT,
            pdfium.FPDF_ANNOT_STAMP,
        ):
            said = _wide(
                lambda buffer, size, note=note: pdfium.FPDFAnnot_GetStringValue(
                    note, b"Contents", buffer, size
                )
            )
            if said.strip():
                assembly.line(said)
        pdfium.FPDFPage_CloseAnnot(note)


def _write_field(page: pypdfium2.PdfPage, note: object, assembly: TextAssembly) -> None:
    form = page.pdf.formenv
    value = _wide(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldValue(form, note, buffer, size))
    if not value.strip() or value == "Off":
        return
    label = _wide(
        lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldAlternateName(form, note, buffer, size)
    ) or _wide(lambda buffer, size: pdfium.FPDFAnnot_GetFormFieldName(form, note, buffer, size))
    assembly.line(f"{label}: {value}" if label else value)


def _wide(ask: object) -> str:
    """A UTF-16 string of PDFium, asked for twice: for its size, then for itself."""
    call = ask  # narrowed below
    if not callable(call):
        return ""
    size = int(call(None, 0))
    if not 2 < size <= 4_000_000:
        return ""
    buffer = (pdfium.FPDF_WCHAR * ((size + 1) // 2))()
    call(buffer, size)
    return ctypes.string_at(buffer, size).decode("utf-16-le", "replace").rstrip("\x00")


def _tell(document: pypdfium2.PdfDocument, assembly: TextAssembly) -> None:
    known = document.get_metadata_dict(skip_empty=True)
    for key, name in _METADATA.items():
        assembly.tell(name, known.get(key))
    for key, name in (("CreationDate", "created"), ("ModDate", "modified")):
        assembly.tell(name, _iso(known.get(key, "")))
    attached = pdfium.FPDFDoc_GetAttachmentCount(document)
    if attached > 0:
        assembly.tell("attached_files", str(attached))


def _iso(said: str) -> str | None:
    """A PDF date (ISO 32000-1, 7.9.4) as ISO 8601."""
    match = _DATE.match(said)
    if match is None:
        return None
    year, month, day, hour, minute, second, sign, zone_hours, zone_minutes, zulu = match.groups()
    date = f"{year}-{month or '01'}-{day or '01'}"
    if hour is None:
        return date
    zone = "Z" if zulu else f"{sign}{zone_hours}:{zone_minutes or '00'}" if sign else ""
    return f"{date}T{hour}:{minute or '00'}:{second or '00'}{zone}"
