"""Photographs of paper in a parsing process, and the document that their pages make."""

from __future__ import annotations

import io

import pypdfium2
from PIL import Image

from kedang.pipeline.paper_document import StraightPage, as_document
from kedang.pipeline.paper_messages import PaperRequest
from kedang.pipeline.papers import UNUSABLE, straighten
from tests.extraction.pictures import stored
from tests.extraction.test_paper import photograph


def photo() -> bytes:
    """A photograph as a telephone makes it."""
    return stored(Image.fromarray(photograph()), "JPEG", quality=85)


def test_a_photograph_becomes_the_page_that_is_on_it() -> None:
    done = straighten(PaperRequest(photo(), longest=800))
    assert (done.found, done.refused, done.doubts) == (True, "", ())
    shown = Image.open(io.BytesIO(done.picture))
    assert (shown.width, shown.height) == (done.width, done.height)
    assert shown.height == 800
    assert shown.width < 800


def test_a_page_can_be_turned_and_the_photograph_be_shown_as_it_is() -> None:
    turned = straighten(PaperRequest(photo(), turn=1, longest=800))
    assert turned.width == 800
    flat = straighten(PaperRequest(photo(), longest=1000, flat=True))
    assert (flat.width, flat.height) == (750, 1000)


def test_what_is_no_picture_is_refused_with_a_code() -> None:
    assert straighten(PaperRequest(b"<script>")).refused.startswith("KD-")
    assert straighten(PaperRequest(photo()[:2000])).refused in ("", UNUSABLE)


def test_the_pages_of_one_paper_are_one_document() -> None:
    done = straighten(PaperRequest(photo(), longest=800))
    page = StraightPage(done.picture, done.width, done.height)
    document = pypdfium2.PdfDocument(as_document([page, page, page]))
    assert len(document) == 3
    width, height = document[2].get_size()
    assert round(height) == 842
    drawn = document[2].render(scale=0.5).to_pil().convert("L")
    assert drawn.getextrema()[1] > 200
    assert drawn.getextrema()[0] < 120
    assert width < height
