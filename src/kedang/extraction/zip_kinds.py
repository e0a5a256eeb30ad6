"""Which document a zip file is: OFD, Office Open XML, OpenDocument, EPUB, iWork, or just a zip."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import BinaryIO

from kedang.records.content import Content

_MAIN_PARTS = {
    b"wordprocessingml.document.main+xml": "docx",
    b"wordprocessingml.template.main+xml": "dotx",
    b"ms-word.document.macroEnabled.main+xml": "docm",
    b"ms-word.template.macroEnabledTemplate.main+xml": "dotm",
    b"spreadsheetml.sheet.main+xml": "xlsx",
    b"spreadsheetml.template.main+xml": "xltx",
    b"ms-excel.sheet.macroEnabled.main+xml": "xlsm",
    b"ms-excel.template.macroEnabled.main+xml": "xlsm",
    b"ms-excel.addin.macroEnabled.main+xml": "xlsm",
    b"ms-excel.sheet.binary.macroEnabled.main": "xlsb",
    b"presentationml.presentation.main+xml": "pptx",
    b"presentationml.slideshow.main+xml": "ppsx",
    b"presentationml.template.main+xml": "potx",
    b"ms-powerpoint.presentation.macroEnabled.main+xml": "pptm",
    b"ms-powerpoint.slideshow.macroEnabled.main+xml": "pptm",
    b"ms-visio.drawing.main+xml": "vsdx",
    b"ms-visio.drawing.macroEnabled.main+xml": "vsdx",
    b"ms-package.xps-fixeddocumentsequence+xml": "xps",
    b"openxps-fixeddocumentsequence+xml": "xps",
}
_MIMETYPES = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.text-template": "ott",
    "application/vnd.oasis.opendocument.text-master": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.spreadsheet-template": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.presentation-template": "odp",
    "application/vnd.oasis.opendocument.graphics": "odg",
    "application/vnd.sun.xml.writer": "odt",
    "application/vnd.sun.xml.calc": "ods",
    "application/vnd.sun.xml.impress": "odp",
    "application/epub+zip": "epub",
    "application/vnd.apple.pages": "pages",
    "application/vnd.apple.numbers": "numbers",
    "application/vnd.apple.keynote": "keynote",
    "application/ofd": "ofd",
}
# A main part where [Content_Types].xml is missing or lost: the document is still readable.
_TELLING_PARTS = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsb"),
    ("ppt/presentation.xml", "pptx"),
    ("visio/document.xml", "vsdx"),
    ("META-INF/container.xml", "epub"),
    ("AndroidManifest.xml", "apk"),
    ("META-INF/MANIFEST.MF", "jar"),
)
_MAIN_TYPE = re.compile(b"|".join(re.escape(part) + rb"(?=[\"'])" for part in _MAIN_PARTS))
MAX_TYPES_BYTES = 1024 * 1024  # the largest honest list of content types seen had 60 KB


def zip_kind(content: Content, *, suffix: str = "") -> str:
    """The format name of a file that begins as a zip does; "zip" when it is no known document.

    The suffix is asked only of a file torn off before the part that tells which Office document it is.
    """
    with content.open() as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                return _kind(archive)
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            NotImplementedError,
            RuntimeError,
            EOFError,
            zlib.error,
        ):
            return _torn(stream, suffix)


def _kind(archive: zipfile.ZipFile) -> str:
    names = set(archive.NameToInfo)
    lowered = {name.lower().lstrip("/") for name in names} if "OFD.xml" not in names else {"ofd.xml"}
    if "ofd.xml" in lowered:
        return "ofd"
    if "mimetype" in names:
        found = _MIMETYPES.get(_part(archive, "mimetype").strip().decode("ascii", "replace"))
        if found is not None:
            return found
    if "[Content_Types].xml" in names:
        main = _MAIN_TYPE.search(_part(archive, "[Content_Types].xml"))
        if main is not None:
            return _MAIN_PARTS[main.group()]
    iwork = _iwork(names)
    if iwork is not None:
        return iwork
    return next((kind for part, kind in _TELLING_PARTS if part in names), "zip")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(MAX_TYPES_BYTES)


def _iwork(names: set[str]) -> str | None:
    """iWork by its parts: Keynote has slides, Numbers has a calculation engine with tables, Pages neither."""
    if "index.apxl" in names or "index.apxl.gz" in names:
        return "keynote"
    if "index.xml" in names and "buildVersionHistory.plist" in names:
        return "iwork"
    if "Index/Document.iwa" not in names and "Index.zip" not in names:
        return None
    if any(name.startswith(("Index/Slide", "Index/MasterSlide")) for name in names):
        return "keynote"
    tables = sum(name.startswith("Index/Tables/") for name in names)
    sections = any(name.startswith(("Index/Section", "Index/ThemeStylesheet")) for name in names)
    if "Index.zip" in names:
        return "iwork"
    return "numbers" if tables and not sections else "pages"


def _torn(stream: BinaryIO, suffix: str) -> str:
    """What a zip without a readable directory was, told by the names of its first members."""
    stream.seek(0)
    head = stream.read(64 * 1024)
    if b"OFD.xml" in head:
        return "ofd"
    for mark, kind in ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx")):
        if (mark in head and b"[Content_Types].xml" in head) or mark + b"document" in head:
            return kind
    if b"[Content_Types].xml" in head and suffix in ("docx", "xlsx", "pptx"):
        return suffix
    start = head.find(b"mimetypeapplication/")
    if start >= 0:
        said = head[start + 8 : start + 120]
        for media_type, kind in _MIMETYPES.items():
            if said.startswith(media_type.encode() + b"PK"):
                return kind
    return "zip"
