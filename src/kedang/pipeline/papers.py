"""Photographs of paper, set straight. Runs in a parsing process, on bytes that nobody trusts."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from kedang.accession.contents import BytesContent
from kedang.extraction.errors import ExtractionError, LimitExceeded
from kedang.extraction.extract import PARSER_FAULTS
from kedang.extraction.images import Pixels, picture_pages
from kedang.extraction.limits import Limits
from kedang.extraction.paper import look_at_paper, reduced, straightened
from kedang.pipeline.paper_messages import PaperDone, PaperRequest

UNUSABLE = "KD-W107"
_FINER = 2  # of the points that are asked for; the page is a part of the photograph
QUALITY = 88  # of the JPEG that is kept; writing is as legible as on the photograph
LIMITS = Limits(max_pixels=120_000_000)  # telephones have a hundred million


def straighten(request: PaperRequest) -> PaperDone:
    """The page of a photograph, or why there is none."""
    try:
        return _straightened(request)
    except ExtractionError as error:
        return PaperDone(refused=error.code)
    except MemoryError:
        return PaperDone(refused=LimitExceeded.code)
    except PARSER_FAULTS:
        return PaperDone(refused=UNUSABLE)


def _straightened(request: PaperRequest) -> PaperDone:
    photo = next(picture_pages(BytesContent(request.data), (0,), limits=LIMITS), None)
    if photo is None or photo.pixels is None:
        return PaperDone(refused=UNUSABLE)
    pixels = reduced(photo.pixels, _FINER * request.longest)
    seen = look_at_paper(pixels, request.corners or None)
    page = pixels if request.flat else straightened(pixels, seen.corners)
    if not request.flat:
        page = np.ascontiguousarray(np.rot90(page, -request.turn))
    picture, width, height = _encoded(page, request.longest)
    return PaperDone(
        seen.corners, seen.found, tuple(one.value for one in seen.doubts), picture, width, height
    )


def _encoded(pixels: Pixels, longest: int) -> tuple[bytes, int, int]:
    shown = Image.fromarray(pixels)
    shown.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    held = BytesIO()
    shown.save(held, "JPEG", quality=QUALITY, optimize=True)
    return held.getvalue(), shown.width, shown.height
