"""Which bytes of a CSV or TSV are which row of its table.

The bytes are cut into lines where the text has its line ends, each line is decoded alone, and together they
must be the text that the table was read from: then a row's lines are its bytes, whatever the encoding. Where
they are not (an encoding with shifts, a text cut at a limit), no range is given rather than a wrong one.
"""

from __future__ import annotations

import codecs
import re
from itertools import accumulate

from kedang.extraction.assembly import TextAssembly, tidy
from kedang.extraction.delimited import lines_of
from kedang.extraction.encodings import BOMS, charset_of
from kedang.extraction.limits import Limits
from kedang.extraction.plain import text_of
from kedang.extraction.tables import write_sheet
from kedang.records.content import Content, Format

_WIDE = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")


def row_ranges(content: Content, format: Format, *, limits: Limits) -> tuple[tuple[int, int], ...]:
    """(offset, length) of each row of the table, with its line end; none when they cannot be told for certain."""
    assembly = TextAssembly(limits)
    text = tidy(text_of(content, format, assembly, limits))
    lines = None if assembly.cut else lines_of(text, format, limits)
    if lines is None:
        return ()
    with content.open() as stream:
        raw = stream.read()
    lengths = _line_lengths(raw, text, format)
    if lengths is None or len(lengths) < (lines.ends[-1] if lines.ends else 0):
        return ()
    write_sheet(assembly, "", lines.rows, first_row=1)
    table = assembly.tables[-1]
    starts = [0, *accumulate(lengths)]
    starts[0] = next((len(mark) for mark, _ in BOMS if raw.startswith(mark)), 0)
    edges = [0, *lines.ends]
    first = table.first_row - 1
    return tuple(
        (starts[edges[row]], starts[edges[row + 1]] - starts[edges[row]])
        for row in range(first, first + len(table.rows))
    )


def _line_lengths(raw: bytes, text: str, format: Format) -> list[int] | None:
    """How many bytes each line of the text has; None when the bytes cut so do not give the text."""
    codec = _codec(raw, format)
    if codec is None:
        return None
    pieces = _pieces(raw, _WIDE.get(codec, 1), little=codec.endswith("-le"))
    said = "".join(piece.decode(codec, "replace") for piece in pieces)
    if tidy(said).removeprefix("\ufeff") != text:
        return None
    return [len(piece) for piece in pieces]


def _codec(raw: bytes, format: Format) -> str | None:
    """The codec without a byte order of its own finding."""
    found = charset_of(raw, complete=True) if format.charset is None else None
    codec = format.charset or (found.codec if found else None)
    if codec is None:
        return None
    if codec == "utf-16":
        return "utf-16-be" if raw.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    if codec == "utf-32":
        return "utf-32-be" if raw.startswith(codecs.BOM_UTF32_BE) else "utf-32-le"
    try:
        codecs.lookup(codec)
    except LookupError:
        return None  # one that only `encodings` reads; its lines depend on those before
    return "utf-8" if codec == "utf-8-sig" else codec


def _pieces(raw: bytes, width: int, *, little: bool) -> list[bytes]:
    """The bytes cut behind each line end; `width` bytes are one unit."""
    if width == 1:
        return [piece for piece in _LINE.findall(raw) if piece]
    order = "little" if little else "big"
    feed, back = (value.to_bytes(width, order) for value in (0x0A, 0x0D))  # type: ignore[arg-type]
    pieces: list[bytes] = []
    begin = at = 0
    while at < len(raw):
        unit = raw[at : at + width]
        at += width
        if unit == feed or (unit == back and raw[at : at + width] != feed):
            pieces.append(raw[begin:at])
            begin = at
    return [*pieces, raw[begin:]] if begin < len(raw) else pieces
