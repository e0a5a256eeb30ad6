"""Pictures as files: jpg, png, tiff of many pages, bmp, webp, gif, and PDFs of scanned pages."""

from __future__ import annotations

import io
import zlib

from PIL import Image

from examples.sample_company.paper import Paper
from examples.sample_company.writers.portable import build, lines_by_page, page_content

DOTS_AN_INCH = 150


def jpeg(picture: Image.Image, *, quality: int = 72) -> bytes:
    """A JPEG."""
    return _saved(picture, "JPEG", quality=quality, dpi=(DOTS_AN_INCH, DOTS_AN_INCH))


def png(picture: Image.Image) -> bytes:
    """A PNG in grey."""
    return _saved(picture.convert("L"), "PNG", dpi=(DOTS_AN_INCH, DOTS_AN_INCH))


def webp(picture: Image.Image) -> bytes:
    """A WebP."""
    return _saved(picture, "WEBP", quality=70, method=2)


def gif(picture: Image.Image) -> bytes:
    """A GIF of sixteen greys."""
    return _saved(picture.convert("L").quantize(16), "GIF")


def bmp(picture: Image.Image) -> bytes:
    """A BMP of black and white."""
    return _saved(picture.convert("1"), "BMP")


def tiff(pages: list[Image.Image]) -> bytes:
    """A TIFF of all pages, compressed as fax machines do."""
    target = io.BytesIO()
    first, *rest = [page.convert("1") for page in pages]
    first.save(
        target,
        "TIFF",
        save_all=True,
        append_images=rest,
        compression="group4",
        dpi=(DOTS_AN_INCH, DOTS_AN_INCH),
    )
    return target.getvalue()


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def picture_pdf(pages: list[Image.Image]) -> bytes:
    """A PDF with one picture a page and no text."""
    return mixed_pdf([], pages)


def mixed_pdf(texts: list[bytes], pictures: list[Image.Image]) -> bytes:
    """A PDF of text pages (page contents that use /F1) followed by picture pages."""
    count = len(texts) + len(pictures)
    objects: list[bytes | tuple[bytes, bytes]] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (GB1) /Supplement 5 >> /FontDescriptor 5 0 R /DW 1000 >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    kids = []
    for content in texts:
        kids.append(len(objects) + 1)
        objects.append(_page(595, 842, len(objects) + 2, b"/Font << /F1 3 0 R >>"))
        objects.append((b"/Filter /FlateDecode", zlib.compress(content, 6)))
    for picture in pictures:
        kids.append(len(objects) + 1)
        width, height = picture.width * 72 // DOTS_AN_INCH, picture.height * 72 // DOTS_AN_INCH
        resources = b"/XObject << /Im0 %d 0 R >>" % (len(objects) + 3)
        objects.append(_page(width, height, len(objects) + 2, resources))
        objects.append((b"", b"q %d 0 0 %d 0 0 cm /Im0 Do Q" % (width, height)))
        inside = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode"
        objects.append((inside % (picture.width, picture.height), jpeg(picture)))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (
        b" ".join(b"%d 0 R" % kid for kid in kids),
        count,
    )
    return build(objects)


def _page(width: int, height: int, content: int, resources: bytes) -> bytes:
    return b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R /Resources << %s >> >>" % (
        width,
        height,
        content,
        resources,
    )


def text_pages(paper: Paper) -> list[bytes]:
    """The paper's pages as PDF page contents."""
    return [page_content(lines) for lines in lines_by_page(paper)]
