"""Pictures: what their headers tell, and their pages as arrays, one page in memory at a time.

Only the formats named here are tried, so that no reader which starts other programs is ever reached.
A picture's size is judged by its header, before anything is decoded.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pillow_heif
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.errors import PAGES_CUT, Damaged, PictureTooLarge
from kedang.extraction.limits import Limits
from kedang.records.content import Content, Extraction, Format

Pixels = npt.NDArray[np.uint8]

_FORMATS = (
    "PNG", "JPEG", "TIFF", "BMP", "DIB", "WEBP", "GIF", "HEIF", "AVIF", "JPEG2000", "ICO",
)  # fmt: skip
_MANY_PAGES = {"TIFF", "HEIF"}  # what moves (GIF, WebP, APNG) is one picture
_LONGEST_SIDE = 4_000  # more adds nothing for reading
_BRIGHT = 200  # writing this light on nothing wants a dark ground
_EXIF_DATE = re.compile(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d):(\d\d):(\d\d)")
_PLAIN_TEXTS = {"Title": "title", "Author": "author", "Description": "description"}
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, RuntimeError)

Image.init()  # otherwise formats that have not been met yet are unknown to `formats=`
pillow_heif.register_heif_opener(thumbnails=False)


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as RGB, upright as its camera meant it; None when it cannot be shown."""

    index: int
    pixels: Pixels | None
    cut_short: bool = False
    """The bytes end early: the rest of the page is blank."""


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """How many pages the picture has, all of them wanting OCR, and what its header tells.

    Raises:
        PictureTooLarge: a page has more points than `limits` allow.
        Damaged: no picture can be made out.
    """
    del format
    assembly = TextAssembly(limits)
    with content.open() as stream, _opened(stream, limits) as picture:
        pages = _count_pages(picture, limits)
        _tell(picture, assembly)
    if pages > limits.max_pages:
        assembly.problem(PAGES_CUT, pages=pages, kept=limits.max_pages)
        pages = limits.max_pages
    return assembly.extraction(pages=pages, ocr_pages=range(pages))


def picture_pages(content: Content, pages: Sequence[int], *, limits: Limits) -> Iterator[PageImage]:
    """The named pages of a picture, in that order; pages that rise are the quick way."""
    with content.open() as stream, _opened(stream, limits) as picture:
        for index in pages:
            try:
                page = PageImage(index, _pixels(picture, index, limits))
            except _BROKEN:
                page = _what_is_left(content, index, limits)
            yield page


def pixels_of(stream: BinaryIO, limits: Limits) -> Pixels:
    """A picture that is not a thing of its own, such as one inside a document.

    Raises:
        PictureTooLarge, Damaged: it cannot be shown.
    """
    with _opened(stream, limits) as picture:
        try:
            return _pixels(picture, 0, limits)
        except _BROKEN as error:
            raise Damaged(reason="picture") from error


def _what_is_left(content: Content, index: int, limits: Limits) -> PageImage:
    """The page once more, taking what its bytes still give."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        with content.open() as stream, _opened(stream, limits) as picture:
            return PageImage(index, _pixels(picture, index, limits), cut_short=True)
    except _BROKEN:
        return PageImage(index, None)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


@contextmanager
def _opened(stream: BinaryIO, limits: Limits) -> Iterator[Image.Image]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's remarks on bad headers name files
        try:
            picture = Image.open(stream, formats=_FORMATS)
        except Image.DecompressionBombError as error:
            raise PictureTooLarge(limit="max_pixels") from error
        except (UnidentifiedImageError, *_BROKEN) as error:
            raise Damaged(reason="picture") from error
        with picture:
            _refuse_bombs(picture, limits)
            yield picture


def _refuse_bombs(picture: Image.Image, limits: Limits) -> None:
    width, height = picture.size
    if width * height > limits.max_pixels:
        raise PictureTooLarge(limit="max_pixels", width=width, height=height)


def _count_pages(picture: Image.Image, limits: Limits) -> int:
    """Pages up to one more than the limit; a chain that breaks ends the count."""
    if picture.format not in _MANY_PAGES:
        return 1
    count = 1
    while count <= limits.max_pages:
        try:
            picture.seek(count)
        except _BROKEN:
            break
        _refuse_bombs(picture, limits)
        count += 1
    picture.seek(0)
    return count


def _pixels(picture: Image.Image, index: int, limits: Limits) -> Pixels:
    """One page as RGB of a useful size."""
    if picture.format in _MANY_PAGES:
        picture.seek(index)
    _refuse_bombs(picture, limits)
    picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))  # JPEG decodes smaller at once
    picture.load()
    turned = ImageOps.exif_transpose(picture)
    return np.asarray(_on_paper(_shrunk(_eight_bits(turned))), dtype=np.uint8)


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture, dtype=np.float32)
        low, high = float(values.min()), float(values.max())
        scaled = (values - low) * (255.0 / max(high - low, 1.0))
        return Image.fromarray(scaled.astype(np.uint8))
    if picture.mode in {"1", "L", "LA", "RGB", "RGBA"}:
        return picture.convert("L") if picture.mode == "1" else picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _shrunk(picture: Image.Image) -> Image.Image:
    longest = max(picture.size)
    if longest <= _LONGEST_SIDE:
        return picture
    if longest >= 2 * _LONGEST_SIDE:
        return picture.reduce(longest // _LONGEST_SIDE)
    picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.BOX)
    return picture


def _on_paper(picture: Image.Image) -> Image.Image:
    """Without transparency: on white, or on black when the writing is light."""
    if picture.mode not in {"LA", "RGBA"}:
        return picture.convert("RGB")
    shown = np.asarray(picture.getchannel("A")) > 0
    light = np.asarray(picture.convert("L"))[shown]
    dark_ground = bool(light.size) and not shown.all() and float(light.mean()) > _BRIGHT
    paper = Image.new("RGBA", picture.size, (0, 0, 0, 255) if dark_ground else (255, 255, 255, 255))
    return Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")


def _tell(picture: Image.Image, assembly: TextAssembly) -> None:
    width, height = picture.size
    assembly.tell("width", str(width))
    assembly.tell("height", str(height))
    dpi = picture.info.get("dpi")
    if isinstance(dpi, tuple) and dpi and 0 < float(dpi[0]) < 10_000:
        assembly.tell("dpi", str(round(float(dpi[0]))))
    for key, name in _PLAIN_TEXTS.items():
        said = picture.info.get(key)
        if isinstance(said, str):
            assembly.tell(name, said)
    try:
        _tell_exif(picture.getexif(), assembly)
    except _BROKEN:
        return  # what a camera wrote is a courtesy; a broken block costs nothing else


def _tell_exif(exif: Image.Exif, assembly: TextAssembly) -> None:
    taken = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
    for said in (taken, exif.get(ExifTags.Base.DateTime)):
        match = _EXIF_DATE.match(said) if isinstance(said, str) else None
        if match and match[1] != "0000":
            assembly.tell("created", f"{match[1]}-{match[2]}-{match[3]}T{match[4]}:{match[5]}:{match[6]}")
            break
    said = exif.get(ExifTags.Base.ImageDescription)
    if isinstance(said, str):
        assembly.tell("description", said)
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        assembly.tell("holds_location", "yes")
