"""Pictures: headers, pages, odd kinds, and the ones that want to break out."""

from __future__ import annotations

import io
import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from kedang.extraction.errors import Damaged, PictureTooLarge
from kedang.extraction.images import PageImage, picture_pages, read
from kedang.extraction.limits import Limits
from kedang.extraction.page_images import page_images
from kedang.records.content import Extraction, Family, Format
from tests.extraction.contents import BytesContent, codes, real
from tests.extraction.made import zipped
from tests.extraction.pictures import page, stored

LIMITS = Limits()
PICTURE = Format("image/png", Family.IMAGE, "png")


def told(found: Extraction) -> dict[str, str]:
    return dict(found.metadata)


def header(raw: bytes, limits: Limits = LIMITS) -> Extraction:
    return read(BytesContent(raw), PICTURE, limits=limits)


def first_page(raw: bytes) -> PageImage:
    return next(picture_pages(BytesContent(raw), [0], limits=LIMITS))


def bomb_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    squeezed = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", squeezed) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("JPEG", {"quality": 90}),
        ("BMP", {}),
        ("GIF", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {"compression": "group4"}),
        ("HEIF", {"quality": 90}),
    ],
)
def test_each_kind_of_picture_comes_as_the_page_that_was_drawn(kind: str, options: dict[str, object]) -> None:
    drawn = page("合同", width=400, height=200)
    picture = drawn.convert("1") if kind == "TIFF" else drawn.convert("RGB")
    raw = stored(picture, kind, **options)
    assert header(raw).pages == 1
    assert header(raw).ocr_pages == (0,)
    shown = first_page(raw).pixels
    assert shown is not None
    assert shown.shape == (200, 400, 3)
    assert np.abs(shown[:, :, 0].astype(int) - np.asarray(drawn)).mean() < 6


def test_a_tiff_of_many_pages_gives_them_one_by_one_in_order() -> None:
    sheets = [Image.new("L", (60 + 10 * number, 50), 255 - 20 * number) for number in range(5)]
    raw = stored(sheets[0], "TIFF", save_all=True, append_images=sheets[1:])
    found = header(raw)
    assert (found.pages, found.ocr_pages) == (5, (0, 1, 2, 3, 4))
    shown = list(picture_pages(BytesContent(raw), found.ocr_pages, limits=LIMITS))
    assert [one.index for one in shown] == [0, 1, 2, 3, 4]
    assert [one.pixels.shape[1] for one in shown if one.pixels is not None] == [60, 70, 80, 90, 100]
    assert [int(one.pixels[0, 0, 0]) for one in shown if one.pixels is not None] == [255, 235, 215, 195, 175]


def test_pages_beyond_the_limit_are_left_and_said_so() -> None:
    sheets = [Image.new("1", (20, 20)) for _ in range(7)]
    raw = stored(sheets[0], "TIFF", save_all=True, append_images=sheets[1:])
    found = header(raw, Limits(max_pages=4))
    assert (found.pages, codes(found)) == (4, ["KD-E109"])


def test_what_moves_is_one_picture() -> None:
    frames = [Image.new("P", (20, 20), number) for number in range(4)]
    assert header(stored(frames[0], "GIF", save_all=True, append_images=frames[1:])).pages == 1


def test_a_picture_is_set_upright_as_its_camera_says() -> None:
    drawn = page("合同", width=300, height=100).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its right side
    turned = stored(drawn.rotate(90, expand=True), "JPEG", exif=exif, quality=95)
    shown = first_page(turned).pixels
    assert shown is not None
    assert shown.shape == (100, 300, 3)
    assert np.abs(shown.astype(int) - np.asarray(drawn)).mean() < 6


def test_the_header_tells_date_and_resolution_but_not_the_place() -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2021:03:04 05:06:07"
    exif.get_ifd(0x8825)[1] = "N"
    found = told(header(stored(Image.new("RGB", (30, 20)), "JPEG", exif=exif, dpi=(300, 300))))
    assert found["created"] == "2021-03-04T05:06:07"
    assert (found["dpi"], found["width"], found["height"]) == ("300", "30", "20")
    assert found["holds_location"] == "yes"


def test_black_writing_on_nothing_stands_on_white_and_white_writing_on_black() -> None:
    mask = ImageOps.invert(page("合同", width=300, height=120))
    for ink, ground in ((0, 255), (255, 0)):
        shown = first_page(stored(Image.merge("LA", (Image.new("L", mask.size, ink), mask)), "PNG")).pixels
        assert shown is not None
        assert int(shown[0, 0, 0]) == ground
        assert len(np.unique(shown)) > 1


@pytest.mark.parametrize("mode", ["I;16", "CMYK", "P", "LA", "1", "I"])
def test_unusual_kinds_of_points_come_as_rgb(mode: str) -> None:
    grey = page("合同", width=300, height=120)
    if mode.startswith("I"):
        deep = (np.asarray(grey).astype(np.uint32) * 100).astype(np.uint16 if mode == "I;16" else np.int32)
        picture = Image.fromarray(deep)
    else:
        picture = grey.convert("RGB").convert(mode) if mode == "CMYK" else grey.convert(mode)
    raw = stored(picture, "TIFF" if mode in {"CMYK", "I"} else "PNG")
    shown = first_page(raw).pixels
    assert shown is not None
    assert shown.shape == (120, 300, 3)
    assert np.abs(shown[:, :, 0].astype(int) - np.asarray(grey)).mean() < 12


@pytest.mark.parametrize("raw", [bomb_png(60_000, 60_000), bomb_png(19_000, 19_000), bomb_png(2**31 - 1, 1)])
def test_a_picture_that_claims_too_many_points_is_refused_by_its_header(raw: bytes) -> None:
    started = time.process_time()
    with pytest.raises(PictureTooLarge):
        header(raw)
    with pytest.raises(PictureTooLarge):
        first_page(raw)
    assert time.process_time() - started < 1


def test_a_bomb_on_the_second_page_is_found_too() -> None:
    sheets = [Image.new("1", (20, 20)), Image.new("1", (900, 900))]
    raw = stored(sheets[0], "TIFF", save_all=True, append_images=sheets[1:])
    with pytest.raises(PictureTooLarge):
        header(raw, Limits(max_pixels=10_000))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_of_a_picture_cut_short_the_sound_part_comes(kind: str) -> None:
    drawn = page("第一行", "第二行", "第三行", "第四行", width=600, height=400).convert("RGB")
    raw = stored(drawn, kind)
    shown = first_page(raw[: len(raw) * 2 // 3])
    assert shown.cut_short
    assert shown.pixels is not None
    upper = np.abs(shown.pixels[:100].astype(int) - np.asarray(drawn)[:100])
    assert upper.mean() < 6


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"II*\x00\xff\xff\xff\xff",
        b"%!PS-Adobe-3.0 EPSF-3.0\n",
        b"BM" + bytes(60),
        b"GIF89a",
    ],
)
def test_what_is_no_picture_is_said_to_be_damaged(raw: bytes) -> None:
    with pytest.raises(Damaged):
        header(raw)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 5_000),
    st.binary(min_size=1, max_size=8),
    st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "WEBP"]),
)
def test_no_flipped_bytes_break_the_reader(place: int, noise: bytes, kind: str) -> None:
    raw = bytearray(stored(page("合同", width=200, height=100).convert("RGB"), kind))
    place %= len(raw)
    raw[place : place + len(noise)] = noise
    content = BytesContent(bytes(raw))
    try:
        found = read(content, PICTURE, limits=Limits(max_pixels=2_000_000))
        pages = list(picture_pages(content, found.ocr_pages[:3], limits=Limits(max_pixels=2_000_000)))
    except (Damaged, PictureTooLarge):
        return
    assert [one.index for one in pages] == list(found.ocr_pages[:3])


def test_pdf_pages_are_drawn_at_200_dots_an_inch() -> None:
    raw = real("行政部/扫描件/direct_and_image.pdf")
    shown = list(
        page_images(BytesContent(raw), Format("application/pdf", Family.PDF, "pdf"), [1, 0, 9], limits=LIMITS)
    )
    assert [one.index for one in shown] == [1, 0, 9]
    assert shown[2].pixels is None
    for one in shown[:2]:
        assert one.pixels is not None
        assert abs(max(one.pixels.shape) / 200 - 11) < 1.2  # inches
        assert one.pixels.min() < 60
        assert one.pixels.mean() > 180


def test_a_pdf_page_of_absurd_size_is_drawn_small() -> None:
    raw = stored(page("合同", width=400, height=200), "PDF", resolution=1.0)
    shown = next(
        page_images(BytesContent(raw), Format("application/pdf", Family.PDF, "pdf"), [0], limits=LIMITS)
    )
    assert shown.pixels is not None
    assert max(shown.pixels.shape) <= 4_000


def image_ofd(*pictures: bytes) -> bytes:
    """An OFD whose pages are pictures, as scanners and conversion programs write them."""
    ofd = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    numbers = range(len(pictures))
    pages = "".join(f'<ofd:Page ID="{n + 1}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in numbers)
    media = "".join(
        f'<ofd:MultiMedia ID="{100 + n}" Type="Image" Format="PNG"><ofd:MediaFile>p{n}.png</ofd:MediaFile></ofd:MultiMedia>'
        for n in numbers
    )
    parts: dict[str, bytes | str] = {
        "OFD.xml": f"<ofd:OFD {ofd}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {ofd}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>"
        f"</ofd:PageArea><ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes></ofd:CommonData><ofd:Pages>{pages}</ofd:Pages></ofd:Document>",
        "Doc_0/DocumentRes.xml": f'<ofd:Res {ofd} BaseLoc="Res"><ofd:MultiMedias>{media}</ofd:MultiMedias></ofd:Res>',
    }
    for n, picture in enumerate(pictures):
        parts[f"Doc_0/Res/p{n}.png"] = picture
        parts[f"Doc_0/Pages/Page_{n}/Content.xml"] = (
            f'<ofd:Page {ofd}><ofd:Content><ofd:Layer><ofd:ImageObject Boundary="10 20 100 50" ResourceID="{100 + n}"/>'
            "</ofd:Layer></ofd:Content></ofd:Page>"
        )
    return zipped(parts)


def test_pictures_of_an_ofd_page_stand_where_the_page_puts_them() -> None:
    raw = image_ofd(stored(Image.new("RGB", (40, 20), (200, 0, 0)), "PNG"), b"no picture")
    shown = list(
        page_images(BytesContent(raw), Format("application/ofd", Family.OFD, "ofd"), [0, 1, 5], limits=LIMITS)
    )
    assert [one.pixels is None for one in shown] == [False, True, True]
    sheet = shown[0].pixels
    assert sheet is not None
    red = np.argwhere(sheet[:, :, 1] == 0) / (200 / 25.4)  # millimetres
    assert np.allclose(red.min(axis=0), (20, 10), atol=0.2)
    assert np.allclose(red.max(axis=0), (70, 110), atol=0.4)


def test_a_drawn_page_of_a_real_ofd_invoice_holds_its_code() -> None:
    raw = real("财务部/电子发票/999.ofd")
    shown = next(
        page_images(BytesContent(raw), Format("application/ofd", Family.OFD, "ofd"), [0], limits=LIMITS)
    )
    assert shown.pixels is not None
    assert shown.pixels.min() < 50


def test_pictures_inside_a_document_come_in_the_order_of_their_names() -> None:
    drawn = [stored(Image.effect_noise((90, 60 + 10 * n), 80).convert("RGB"), "PNG") for n in range(3)]
    raw = zipped({f"word/media/image{n + 1}.png": one for n, one in enumerate(drawn)})
    kind = Format("application/x-docx", Family.DOCUMENT, "docx")
    shown = list(page_images(BytesContent(raw), kind, [0, 1, 2, 3], limits=LIMITS))
    assert [one.pixels.shape[0] if one.pixels is not None else None for one in shown] == [60, 70, 80, None]


def test_reading_leaves_the_library_as_it_was() -> None:
    from PIL import ImageFile

    first_page(stored(Image.effect_noise((300, 300), 90), "JPEG")[:5_000])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
    with pytest.raises(OSError, match="truncated"):
        Image.open(io.BytesIO(stored(Image.effect_noise((300, 300), 90), "JPEG")[:5_000])).load()
