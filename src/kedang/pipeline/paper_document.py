"""Pages of one paper as one document: a PDF that holds the pictures as they are, written without decoding them.

Source: ISO 32000-1, 7.5 (file structure), 8.9.5 (images), 7.4.8 (DCTDecode).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

LONG_SIDE = 842  # points of 1/72 inch: A4 upright


@dataclass(frozen=True, slots=True)
class StraightPage:
    """One page as JPEG in RGB."""

    picture: bytes = field(repr=False)
    width: int
    height: int


def as_document(pages: Sequence[StraightPage]) -> bytes:
    """The PDF of the pages, in their order."""
    count = len(pages)
    kids = " ".join(f"{3 + 3 * index} 0 R" for index in range(count))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {count} /Kids [{kids}] >>".encode(),
    ]
    for index, page in enumerate(pages):
        bodies += _page(3 + 3 * index, page)
    return _file(bodies)


def _page(number: int, page: StraightPage) -> list[bytes]:
    """The page object, its content and its picture; `number` is that of the first."""
    scale = LONG_SIDE / max(page.width, page.height)
    across, down = round(page.width * scale, 2), round(page.height * scale, 2)
    drawing = f"q {across} 0 0 {down} 0 0 cm /P Do Q".encode()
    about = (
        f"<< /Type /XObject /Subtype /Image /Width {page.width} /Height {page.height} /ColorSpace /DeviceRGB "
        f"/BitsPerComponent 8 /Filter /DCTDecode /Length {len(page.picture)} >>"
    )
    return [
        (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {across} {down}] /Contents {number + 1} 0 R "
            f"/Resources << /XObject << /P {number + 2} 0 R >> >> >>"
        ).encode(),
        f"<< /Length {len(drawing)} >>\nstream\n".encode() + drawing + b"\nendstream",
        about.encode() + b"\nstream\n" + page.picture + b"\nendstream",
    ]


def _file(bodies: Sequence[bytes]) -> bytes:
    written = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(bodies, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, table)
    return bytes(written)
