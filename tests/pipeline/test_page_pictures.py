"""Pages drawn covered: what has no sure place is not shown, and hostile bytes end in a code."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from kedang.pipeline.page_messages import NOT_DRAWN, NOT_PLACED, PageRequest
from kedang.pipeline.page_pictures import PageDrawer
from kedang.records.content import Family, Format

PDF = Format("application/pdf", Family.PDF, "pdf")
PICTURE = Format("image/png", Family.IMAGE, "png")


def pdf(words: str, *, box: str = "0 0 300 200") -> bytes:
    """A page with one line of Latin words."""
    drawn = f"BT /F 18 Tf 20 100 Td ({words}) Tj ET".encode()
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[" + box.encode() + b"]/Contents 4 0 R"
        b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
        b"4 0 obj<</Length " + str(len(drawn)).encode() + b">>stream\n" + drawn + b"\nendstream endobj\n"
        b"trailer<</Root 1 0 R>>"
    )


@pytest.fixture
def drawer() -> PageDrawer:
    return PageDrawer(bytes(32))


def dark(picture: bytes) -> int:
    """How many points have the colour of what covers."""
    colours = Image.open(io.BytesIO(picture)).convert("L").histogram()
    return sum(colours[40:70])


def test_a_value_is_covered_at_every_place_where_it_stands(drawer: PageDrawer) -> None:
    document = pdf("call 13800138000 or 13800138000")
    drawn = drawer.draw(PageRequest(PDF, 0, data=document, hidden=("13800138000",)))
    assert (drawn.refused, drawn.covered) == ("", 2)
    plain = drawer.draw(PageRequest(PDF, 0, data=document))
    assert dark(drawn.picture) > dark(plain.picture) + 1_000


def test_a_fact_has_its_place_and_number(drawer: PageDrawer) -> None:
    drawn = drawer.draw(PageRequest(PDF, 0, data=pdf("contract XS-2024-1"), marked=("", "XS-2024-1")))
    assert [mark.number for mark in drawn.marks] == [2]
    assert 0 < drawn.marks[0].left < 1


@pytest.mark.parametrize("hidden", [("Ouyang",), ("call", "call")])
def test_a_page_on_which_a_value_has_no_place_is_not_shown(
    drawer: PageDrawer, hidden: tuple[str, ...]
) -> None:
    drawn = drawer.draw(PageRequest(PDF, 0, data=pdf("call somebody"), hidden=hidden))
    assert (drawn.refused, drawn.picture) == (NOT_PLACED, b"")


@pytest.mark.parametrize(
    ("found", "octets", "page", "code"),
    [
        (PDF, b"%PDF-1.7\n" + b"\x00\xff" * 500, 0, "KD-E102"),
        (PDF, b"", 0, "KD-E102"),
        (PDF, pdf("short"), 7, NOT_DRAWN),
        (PICTURE, b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, 0, "KD-E102"),
    ],
)
def test_hostile_bytes_end_in_a_code(
    drawer: PageDrawer, found: Format, octets: bytes, page: int, code: str
) -> None:
    drawn = drawer.draw(PageRequest(found, page, data=octets, whole=True))
    assert (drawn.refused, drawn.picture) == (code, b"")


def test_a_picture_with_too_many_points_is_refused_by_its_header(drawer: PageDrawer) -> None:
    with io.BytesIO() as out:
        Image.new("1", (20_000, 20_000)).save(out, "PNG")
        drawn = drawer.draw(PageRequest(PICTURE, 0, data=out.getvalue(), whole=True))
    assert drawn.refused.startswith("KD-E")
