"""What a thing's bytes are.

The order: bytes at fixed places, then the directories of zip and compound files, then text by its first
words. What none of them knows is asked of PRONOM's signatures. The name is believed only between kinds that
share one form.
"""

from __future__ import annotations

import re

from kedang.extraction import compound, registry
from kedang.extraction.encodings import charset_of, declared, decode, decodes
from kedang.extraction.errors import ExtractionError
from kedang.extraction.formats import FORMATS, named
from kedang.extraction.limits import Limits
from kedang.extraction.ole_kinds import ole_kind
from kedang.extraction.signatures import HEAD_BYTES, by_signature
from kedang.extraction.text_kinds import HEAD_CHARACTERS, text_kind
from kedang.extraction.zip_kinds import zip_kind
from kedang.records.content import Content, Format

SAMPLE_BYTES = 1024 * 1024  # of a text, to choose its charset by
NOT_IN_PRONOM = frozenset(("ofd",))  # its signatures would say ZIP
PDF_HEAD_BYTES = 1024  # ISO 32000-1 annex H: the mark may follow up to 1,024 bytes of something else
_PDF = re.compile(rb"%PDF-(\d\.\d)")
_PDF_PUIDS = {
    b"1.0": "fmt/14",
    b"1.1": "fmt/15",
    b"1.2": "fmt/16",
    b"1.3": "fmt/17",
    b"1.4": "fmt/18",
    b"1.5": "fmt/19",
    b"1.6": "fmt/20",
    b"1.7": "fmt/276",
    b"2.0": "fmt/1129",
}
_PDFA = re.compile(
    rb"pdfaid:part(?:>|=[\"'])\s*([1-4]).{0,200}?pdfaid:conformance(?:>|=[\"'])\s*([ABUabu])", re.DOTALL
)
_PDFA_PUIDS = {
    "1A": "fmt/95",
    "1B": "fmt/354",
    "2A": "fmt/476",
    "2B": "fmt/477",
    "2U": "fmt/478",
    "3A": "fmt/479",
    "3B": "fmt/480",
    "3U": "fmt/481",
}
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,120}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)[\"']")
_DEFAULT_LIMITS = Limits()


def recognise(content: Content, *, name: str = "") -> Format:
    """The format of the bytes. `name` only breaks ties between kinds of one form (csv and md, xls and et)."""
    if content.size_bytes == 0:
        return FORMATS["empty"]
    head = content.head(HEAD_BYTES)
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    found = _binary(content, head, suffix) or _text(content, head, suffix)
    if found is None:
        return named("unknown", puid=_puid(content))
    if found.puid is None and found.name not in NOT_IN_PRONOM:
        return named(found.name, puid=_puid(content), charset=found.charset)
    return found


def _puid(content: Content) -> str | None:
    puid: str | None = registry.loaded("puid").puid_of(content)
    return puid


def _binary(content: Content, head: bytes, suffix: str) -> Format | None:
    if head.startswith(b"PK") and head[2:4] in (b"\x03\x04", b"\x05\x06", b"\x07\x08", b"00"):
        return named(zip_kind(content, suffix=suffix))
    if head.startswith(compound.MARK):
        return _compound(content, suffix)
    marked = _PDF.search(head, 0, PDF_HEAD_BYTES)
    if marked is not None:
        return named("pdf", puid=_pdf_puid(content, marked.group(1)))
    found = by_signature(head) or _lock_file(head, content.size_bytes)
    return None if found is None else named(found)


def _lock_file(head: bytes, size_bytes: int) -> str | None:
    """The file that Word (162 bytes) or Excel (165) keeps beside an open one: its user's name, twice."""
    second = {162: 54, 165: 55}.get(size_bytes)
    if second is None or not 0 < head[0] < second:
        return None
    padded = not head[1 + head[0] : second].strip(b" \x00")
    return "office-lock" if padded and 0 < head[second] <= head[0] and head[second + 1] == 0 else None


def _compound(content: Content, suffix: str) -> Format:
    if content.size_bytes > _DEFAULT_LIMITS.max_whole_bytes:
        return FORMATS["ole"]
    with content.open() as stream:
        raw = stream.read()
    try:
        kind, puid = ole_kind(compound.CompoundFile(raw), suffix=suffix)
    except ExtractionError:
        return FORMATS["ole"]
    return named(kind, puid=puid)


def _pdf_puid(content: Content, version: bytes) -> str | None:
    """PDF/A where the file claims it in clear metadata, else by the version in its first line."""
    with content.open() as stream:
        said = _PDFA.search(stream.read(SAMPLE_BYTES))
        if said is None and content.size_bytes > SAMPLE_BYTES:
            stream.seek(max(SAMPLE_BYTES, content.size_bytes - SAMPLE_BYTES))
            said = _PDFA.search(stream.read(SAMPLE_BYTES))
    if said is not None:
        level = (said.group(1) + said.group(2)).decode("ascii").upper()
        if level in _PDFA_PUIDS:
            return _PDFA_PUIDS[level]
    return _PDF_PUIDS.get(version, "fmt/20")


def _text(content: Content, head: bytes, suffix: str) -> Format | None:
    sample = head if content.size_bytes <= len(head) else content.head(SAMPLE_BYTES)
    complete = len(sample) == content.size_bytes
    charset = charset_of(sample, complete=complete)
    if charset is None:
        return None
    text, _ = decode(sample[: 4 * HEAD_CHARACTERS], charset.codec)
    whole = complete and len(sample) <= 4 * HEAD_CHARACTERS
    kind = text_kind(text if whole else text[:HEAD_CHARACTERS], suffix=suffix, complete=whole)
    codec = charset.codec
    if kind in ("html", "xml", "svg") and not codec.startswith(("utf-16", "utf-32", "utf-8")):
        codec = _said_by_page(sample, complete=complete) or codec
    return named(kind, charset=codec)


def _said_by_page(sample: bytes, *, complete: bool) -> str | None:
    """The charset that a page names for itself, when it reads all of the sample."""
    for pattern in (_XML_ENCODING, _META_CHARSET):
        said = pattern.search(sample[:8192])
        codec = declared(said.group(1).decode("ascii")) if said is not None else None
        if codec is not None and decodes(sample, codec, complete=complete):
            return codec
    return None
