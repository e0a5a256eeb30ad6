"""Word documents of 1997 to 2003 (doc, and wps of WPS Office): body, notes, headers, comments and text boxes.

Order of the form (MS-DOC): the FIB at the head of the WordDocument stream names the table stream, the length of
each story in characters, and the CLX; the CLX holds the piece table; a piece is a run of characters, one byte
each (Windows-1252) or two. The stories follow each other in the pieces. Older documents are read by xberg.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from kedang.extraction import registry
from kedang.extraction.assembly import TextAssembly
from kedang.extraction.compound import MARK, CompoundFile
from kedang.extraction.errors import PARTLY_READ, Damaged, Encrypted, ExtractionError
from kedang.extraction.limits import Limits
from kedang.extraction.ole_kinds import encrypted
from kedang.extraction.ole_properties import tell_ole_properties
from kedang.extraction.whole import whole_bytes
from kedang.records.content import Content, Extraction, Format

FIRST_WITH_PIECES = 0xC1  # nFib of Word 97
TABLE_ONE, SINGLE_BYTES = 0x0200, 1 << 30
LENGTHS_AT, PARAGRAPHS_AT, CLX_AT = 0x4C, 0x102, 0x1A2
STORIES = ("body", "footnotes", "header", "macros", "comments", "endnotes", "textboxes", "header-textboxes")
_FIELD_CODE = re.compile("\x13[^\x13\x14\x15]*\x14?|\x15")  # what a field computes stays, how it does goes
CELL_BYTE, ROW_BYTE = 0x07, 0x19  # the second is ours: Word has no use for it
ROW_PROPERTY = b"\x17\x24\x01"  # sprmPFTtp, on
_MARKS = {0x07: "\t", 0x0B: "\n", 0x0C: "\n", 0x0D: "\n", 0x1E: "-", 0x1F: None, 0xA0: " "} | dict.fromkeys(
    (*range(7), 8, *range(0x0E, 0x1E))
)
_MANY_LINES = re.compile(r"\n{3,}")


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The text of the document, story by story."""
    raw = whole_bytes(content, limits)
    if not raw.startswith(MARK):
        raise Damaged(reason="compound-header")
    compound = CompoundFile(raw)
    if encrypted(compound, format.name):
        raise Encrypted(format=format.name)
    assembly = TextAssembly(limits)
    try:
        _write_stories(compound, assembly)
    except (struct.error, ExtractionError):
        found: Extraction = registry.loaded("legacy").read(content, format, limits=limits)
        return found
    tell_ole_properties(compound, assembly)
    return assembly.extraction()


def _write_stories(compound: CompoundFile, assembly: TextAssembly) -> None:
    document = compound.stream("WordDocument")
    identity, version = struct.unpack_from("<HH", document)
    if identity != 0xA5EC or version < FIRST_WITH_PIECES:
        raise Damaged(reason="word-version")
    flags = struct.unpack_from("<H", document, 10)[0]
    table = compound.stream("1Table" if flags & TABLE_ONE else "0Table")
    start, length = struct.unpack_from("<II", document, CLX_AT)
    row_ends = _row_ends(document, table)
    whole = b"".join(_pieces(document, table[start : start + length], row_ends))
    if not whole:
        raise Damaged(reason="word-pieces")
    lengths = struct.unpack_from("<8i", document, LENGTHS_AT)
    if 2 * sum(lengths) > len(whole) + 2:
        assembly.problem(PARTLY_READ, part="pieces")
    at = 0
    for story, characters in zip(STORIES, lengths, strict=True):
        said = _shown(whole[at : at + 2 * max(0, characters)].decode("utf-16-le", "replace"))
        at += 2 * max(0, characters)
        if said.strip() and story != "macros":
            begin = assembly.length
            assembly.line(said)
            assembly.mark(story, story, begin)


def _pieces(document: bytes, clx: bytes, row_ends: tuple[int, ...]) -> Iterator[bytes]:
    """The characters of each piece, in order, as UTF-16, in which the lengths of stories are counted."""
    at = 0
    while at < len(clx) and clx[at] == 0x01:  # properties come before the table
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 0x02:
        raise Damaged(reason="word-clx")
    size = struct.unpack_from("<I", clx, at + 1)[0]
    table = clx[at + 5 : at + 5 + size]
    count = (len(table) - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}I", table)
    left = len(document)
    for number in range(count):
        place = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * number + 2)[0]
        characters = bounds[number + 1] - bounds[number]
        left -= characters
        if characters < 0 or left < 0:  # a character takes a byte at least, and no piece lies twice
            raise Damaged(reason="word-pieces")
        if place & SINGLE_BYTES:
            start = (place & ~SINGLE_BYTES) // 2
            narrow = _with_rows(document[start : start + characters], start, 1, row_ends)
            yield narrow.decode("cp1252", "replace").encode("utf-16-le")
        else:
            yield _with_rows(document[place : place + 2 * characters], place, 2, row_ends)


def _with_rows(piece: bytes, start: int, width: int, row_ends: tuple[int, ...]) -> bytes:
    """The piece with a mark of its own where a row of a table ends; Word writes cell and row ends alike."""
    marked = bytearray(piece)
    first, last = bisect_left(row_ends, start + width), bisect_right(row_ends, start + len(piece))
    for end in row_ends[first:last]:
        at = end - start - width
        if marked[at] == CELL_BYTE:
            marked[at] = ROW_BYTE
    return bytes(marked)


def _row_ends(document: bytes, table: bytes) -> tuple[int, ...]:
    """The places in the document stream after which a row ends: paragraphs with the property sprmPFTtp.

    Paragraph properties stand in pages of 512 bytes: n + 1 places, n entries of 13 bytes whose first byte times
    two is where the properties lie, n in the last byte (MS-DOC 2.9.177).
    """
    start, length = struct.unpack_from("<II", document, PARAGRAPHS_AT)
    plc = table[start : start + length]
    count = max(0, (len(plc) - 4) // 8)
    ends: set[int] = set()
    for page in struct.unpack_from(f"<{count}I", plc, 4 * (count + 1)):
        block = document[page * 512 : page * 512 + 512]
        if len(block) < 512 or not 0 < block[511] <= 29:
            continue
        places = struct.unpack_from(f"<{block[511] + 1}I", block)
        for number in range(block[511]):
            at = 2 * block[4 * len(places) + 13 * number]
            properties = _properties(block, at) if 0 < at < 510 else b""
            if ROW_PROPERTY in properties:
                ends.add(places[number + 1])
    return tuple(sorted(ends))


def _properties(block: bytes, at: int) -> bytes:
    """The properties of a paragraph (PapxInFkp); a first byte of 0 says that the length is in the second."""
    if block[at]:
        return block[at + 1 : at + 2 * block[at]]
    return block[at + 2 : at + 2 + 2 * block[at + 1]]


def _shown(story: str) -> str:
    """The story as it is shown: cells parted by tabs, rows and paragraphs by line ends, field codes gone."""
    while _FIELD_CODE.search(story):  # fields stand inside fields
        story = _FIELD_CODE.sub("", story)
    story = story.replace("\x07\x19", "\n").replace("\x19", "\n")
    return _MANY_LINES.sub("\n\n", story.translate(_MARKS)).strip("\n")
