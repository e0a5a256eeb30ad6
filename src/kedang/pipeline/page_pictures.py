"""A page as a picture on which personal values are covered. Runs in a parsing process, on bytes that nobody trusts.

Rules:
1. A value is covered at every place where it stands. When it stands at fewer places than the text of the page says,
   nothing is shown: whoever must see the page reveals it.
2. A page whose text came from OCR, or that holds pictures, is read again here: what the second reading finds is
   covered too, and so is everything that may be writing and cannot be read surely.
3. A page that shows something of which nothing could be read is not shown.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from kedang.appraisal.findings import find_personal_data
from kedang.extraction.errors import ExtractionError, LimitExceeded
from kedang.extraction.extract import PARSER_FAULTS
from kedang.extraction.images import Pixels
from kedang.extraction.limits import Limits
from kedang.extraction.page_images import page_images
from kedang.extraction.pdf_signs import PdfPage, pdf_page
from kedang.extraction.signs import Area, Signs, bare, counted
from kedang.pipeline.contents import content_of
from kedang.pipeline.items import Item
from kedang.pipeline.page_messages import (
    MOST_MARKS,
    NOT_DRAWN,
    NOT_PLACED,
    PICTURE_POINTS,
    Mark,
    PageDrawn,
    PageRequest,
)
from kedang.records.content import Content, Family

SHOWN_POINTS = 1_800  # of the longer side: a page of A4 fills a screen with it
QUALITY = 80
INK = (48, 55, 63)
FOG = (203, 208, 214)
BORDER = 0.12  # of the height of a line, around what is covered
LIMITS = Limits(max_pixels=60_000_000)  # a page at 600 dpi is 35 million


class PageDrawer:
    """Draws pages within one parsing process; loads the recognition engine when a page needs it."""

    def __init__(self, process_key: bytes) -> None:
        self._process_key = process_key
        self._engine: Any = None

    def draw(self, request: PageRequest) -> PageDrawn:
        """The page, or why it is not shown."""
        item = Item(1, "", (), len(request.data or b""), data=request.data, spool=request.spool)
        try:
            return self._drawn(request, content_of(item, self._process_key))
        except ExtractionError as error:
            return PageDrawn(refused=error.code)
        except MemoryError:
            return PageDrawn(refused=LimitExceeded.code)
        except PARSER_FAULTS:
            return PageDrawn(refused=NOT_DRAWN)

    def _drawn(self, request: PageRequest, content: Content) -> PageDrawn:
        drawn = next(iter(page_images(content, request.format, (request.page,), limits=LIMITS)), None)
        if drawn is None or drawn.pixels is None:
            return PageDrawn(refused=NOT_DRAWN)
        if request.whole:
            return _encoded(drawn.pixels, (), (), ())
        layer = None
        if request.format.family is Family.PDF:
            size = (drawn.pixels.shape[1], drawn.pixels.shape[0])
            layer = pdf_page(content, request.page, size=size, limits=LIMITS)
        return _covered(request, drawn.pixels, layer, self._read_again)

    def _read_again(self, pixels: Pixels) -> Any:
        if self._engine is None:
            self._engine = importlib.import_module("kedang.extraction.ocr_engine").load_engine()
        return importlib.import_module("kedang.extraction.ocr_signs").read_page(pixels, self._engine)


def _covered(
    request: PageRequest, pixels: Pixels, layer: PdfPage | None, read_again: Callable[[Pixels], Any]
) -> PageDrawn:
    """The picture with what must be hidden covered; refused when a value has no place."""
    readings = [Signs(layer.signs, layer.notes)] if layer is not None else []
    fog: Sequence[Area] = ()
    seen: list[str] = []
    if request.recognised or layer is None or layer.pictures:
        again = read_again(pixels)
        if again.turned and not request.recognised and layer is not None:
            return PageDrawn(refused=NOT_PLACED)
        if not again.signs and not request.hidden and not sum(map(len, readings)):
            return PageDrawn(refused=NOT_PLACED)
        readings = [Signs(again.signs), *(readings if not again.turned else ())]
        pixels, fog = again.pixels, again.unread
        found = (again.text[one.start : one.end] for one in find_personal_data(again.text).findings)
        readable = [bare(name) for name in request.readable]
        seen = [value for value in found if not any(bare(value) in name for name in readable)]
    ink: set[tuple[Area, ...]] = set()
    for value, often in (dict.fromkeys(counted(seen), 0) | counted(request.hidden)).items():
        places = [reading.places(value) for reading in readings]
        if max(map(len, places)) < often:
            return PageDrawn(refused=NOT_PLACED)
        ink.update(tuple(place) for some in places for place in some)
    marks = list(_marks(request.marked, readings))
    return _encoded(pixels, [area for place in ink for area in place], fog, marks, covered=len(ink))


def _marks(marked: Sequence[str], readings: Sequence[Signs]) -> Iterator[tuple[int, Area]]:
    """The number of each fact, from 1, with the first area of its first place."""
    for number, value in enumerate(marked, start=1):
        for place in (found for one in readings for found in one.places(value)):
            yield number, place[0]
            break


def _encoded(
    pixels: Pixels,
    ink: Sequence[Area],
    fog: Sequence[Area],
    marks: Sequence[tuple[int, Area]],
    *,
    covered: int = 0,
) -> PageDrawn:
    picture = Image.fromarray(pixels)
    pen = ImageDraw.Draw(picture)
    for area, colour in (*((one, FOG) for one in fog), *((one, INK) for one in ink)):
        grown = area.grown(BORDER * max(area.height, 8.0))
        pen.rectangle((grown.left, grown.top, grown.right, grown.bottom), fill=colour)
    width, height = picture.size
    told = tuple(
        Mark(number, _part(a.left, width), _part(a.top, height), _part(a.right - a.left, width),
             _part(a.height, height))
        for number, a in marks[:MOST_MARKS]
    )  # fmt: skip
    picture.thumbnail((SHOWN_POINTS, SHOWN_POINTS), Image.Resampling.LANCZOS)
    if max(picture.size) > PICTURE_POINTS:
        return PageDrawn(refused=NOT_DRAWN)
    written = BytesIO()
    picture.save(written, "WEBP", quality=QUALITY, method=2)
    return PageDrawn(written.getvalue(), *picture.size, covered, told)


def _part(length: float, whole: int) -> float:
    return min(1.0, max(0.0, length / max(whole, 1)))
