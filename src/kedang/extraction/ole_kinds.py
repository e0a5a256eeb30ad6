"""Which document an OLE compound file is, told by the streams at its root, and whether it is encrypted."""

from __future__ import annotations

import struct

from kedang.extraction.compound import CompoundFile

_BY_STREAM: tuple[tuple[str, str], ...] = (
    ("encryptedpackage", "encrypted-ooxml"),
    ("__properties_version1.0", "msg"),
    ("worddocument", "doc"),
    ("workbook", "xls"),
    ("book", "xls"),
    ("powerpoint document", "ppt"),
    ("pp97_dualstorage", "ppt"),
    ("visiodocument", "visio"),
    ("quill", "publisher"),
    ("matost", "works-wps"),
    ("mm", "works-wps"),
    ("fileheader", "hwp"),
    ("catalog", "thumbs-db"),
)
_SAME_KIND = {
    ("doc", "wps"): "wps",
    ("doc", "wpt"): "wps",
    ("xls", "et"): "et",
    ("xls", "ett"): "et",
    ("ppt", "dps"): "dps",
    ("ppt", "dpt"): "dps",
}
WORD_6_95_FIBS = range(100, 106)
PPT_ENCRYPTED = 0xF3D1C4DF  # CurrentUserAtom.headerToken of an encrypted presentation, MS-PPT 2.3.2


def ole_kind(compound: CompoundFile, *, suffix: str) -> tuple[str, str | None]:
    """The format name and, where the streams tell a version, its PUID.

    The suffix chooses only between names of one binary form (doc and wps, xls and et, ppt and dps).
    """
    for stream, kind in _BY_STREAM:
        if stream in compound.entries:
            return _SAME_KIND.get((kind, suffix), kind), _version(compound, stream, kind)
    if any(key.startswith("thumbs") for key in compound.entries) or (
        "1" in compound.entries and "catalog" in compound.entries
    ):
        return "thumbs-db", None
    if compound.stream("CONTENTS").startswith(b"CHNK"):
        return "works-wps", None
    return "ole", None


def _version(compound: CompoundFile, stream: str, kind: str) -> str | None:
    if kind == "doc":
        head = compound.stream("WordDocument")[:4]
        if len(head) == 4 and struct.unpack("<2xH", head)[0] in WORD_6_95_FIBS:
            return "fmt/39"
    if kind == "xls" and stream == "book":
        return "fmt/59"
    return None


def encrypted(compound: CompoundFile, kind: str) -> bool:
    """Whether a password keeps the content shut."""
    if kind == "encrypted-ooxml":
        return True
    if kind in ("doc", "wps"):
        head = compound.stream("WordDocument")[:12]
        return len(head) == 12 and bool(head[11] & 0x01)  # FibBase.fEncrypted, MS-DOC 2.5.2
    if kind in ("ppt", "dps"):
        atom = compound.stream("Current User")[:16]
        return len(atom) == 16 and struct.unpack("<12xI", atom)[0] == PPT_ENCRYPTED
    if kind in ("xls", "et"):
        return _has_filepass(compound.stream("Workbook") or compound.stream("Book"))
    return False


def _has_filepass(book: bytes) -> bool:
    """A FILEPASS record (MS-XLS 2.4.117) among the first records, where the password prompt comes from."""
    at = 0
    for _ in range(16):
        if at + 4 > len(book):
            return False
        kind, size = struct.unpack_from("<HH", book, at)
        if kind == 0x2F:
            return True
        at += 4 + size
    return False
