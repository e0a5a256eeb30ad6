"""Pages of anything that has pages, drawn for reading: pictures, PDF, OFD, pictures inside documents."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np
import pypdfium2

from kedang.extraction.embedded_images import pictures_of
from kedang.extraction.errors import Damaged, Encrypted, ExtractionError
from kedang.extraction.images import PageImage, Pixels, picture_pages, pixels_of
from kedang.extraction.limits import Limits
from kedang.extraction.ofd_images import ofd_pages
from kedang.extraction.packages import Package
from kedang.records.content import Content, Family, Format

_DOTS_PER_INCH = 200
_POINTS_PER_INCH = 72
_LONGEST_SIDE = 4_000


def page_images(
    content: Content, format: Format, pages: Sequence[int], *, limits: Limits
) -> Iterator[PageImage]:
    """The named pages (0-based), in that order, one in memory at a time.

    A page that cannot be drawn comes as None and the others still come.

    Raises:
        PictureTooLarge: a picture has more points than `limits` allow.
        Damaged, Encrypted: nothing of the thing can be opened.
    """
    if format.family is Family.IMAGE:
        return picture_pages(content, pages, limits=limits)
    if format.family is Family.PDF:
        return _pdf_pages(content, pages)
    if format.family is Family.OFD:
        return ofd_pages(content, pages, limits=limits)
    return _pictures_inside(content, pages, limits)


def _pdf_pages(content: Content, pages: Sequence[int]) -> Iterator[PageImage]:
    with content.open() as stream:
        try:
            document = pypdfium2.PdfDocument(stream)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise Encrypted(format="pdf") from error
            raise Damaged(reason="pdf") from error
        try:
            with suppress(pypdfium2.PdfiumError):
                document.init_forms()
            for index in pages:
                yield PageImage(index, _pdf_page(document, index))
        finally:
            document.close()


def _pdf_page(document: pypdfium2.PdfDocument, index: int) -> Pixels | None:
    try:
        page = document[index]
    except (pypdfium2.PdfiumError, IndexError):
        return None
    try:
        scale = min(_DOTS_PER_INCH / _POINTS_PER_INCH, _LONGEST_SIDE / max(1.0, *page.get_size()))
        bitmap = page.render(scale=scale, rev_byteorder=True, force_bitmap_format=_RGB)
        try:
            return np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8)
        finally:
            bitmap.close()
    except (pypdfium2.PdfiumError, ValueError):
        return None
    finally:
        page.close()


_RGB = pypdfium2.raw.FPDFBitmap_BGR  # with the byte order reversed


def _pictures_inside(content: Content, pages: Sequence[int], limits: Limits) -> Iterator[PageImage]:
    with Package(content, limits) as package:
        names = pictures_of(package)
        for index in pages:
            yield PageImage(index, _picture_inside(package, names, index, limits))


def _picture_inside(package: Package, names: Sequence[str], index: int, limits: Limits) -> Pixels | None:
    if index >= len(names):
        return None
    try:
        return pixels_of(io.BytesIO(package.part(names[index])), limits)
    except ExtractionError:
        return None
