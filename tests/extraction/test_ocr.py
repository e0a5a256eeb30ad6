"""Recognised text: how right it is, in which order, how it joins embedded text, and that it stays inside."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from bench.ocr_pages import DrawnPage, clean_pages, degraded
from kedang.extraction.errors import OcrModelsMissing
from kedang.extraction.limits import Limits
from kedang.extraction.ocr import merge_ocr, read_pages
from kedang.extraction.ocr_engine import Backend, EngineOptions, fastest_backend, load_engine
from kedang.extraction.ocr_inference import Precision, model_files
from kedang.extraction.ocr_layout import page_text
from kedang.extraction.signal_stack import SIZE_BYTES, signal_stack_bytes
from kedang.records.content import Extraction, Family, Format, Place, Problem, Table, TextSource
from tests.extraction.contents import BytesContent, codes, format_of, read, real
from tests.extraction.made import zipped
from tests.extraction.pictures import character_errors, engine, page, pixels, stored, without_blanks
from tests.extraction.test_images import bomb_png, image_ofd

LIMITS = Limits()
PICTURE = Format("image/png", Family.IMAGE, "png")
PDF = Format("application/pdf", Family.PDF, "pdf")
ROOT = Path(__file__).parents[2]


def recognised(
    raw: bytes, format: Format = PICTURE, pages: tuple[int, ...] = (0,), limits: Limits = LIMITS
) -> Extraction:
    return read_pages(BytesContent(raw), format, pages, limits=limits, engine=engine())


def said_of(sheet: DrawnPage) -> str:
    return page_text(engine().read(sheet.pixels).lines)


@pytest.mark.parametrize("sheet", list(clean_pages(seed=11, count=4)), ids=lambda sheet: sheet.name)
def test_a_clean_page_has_less_than_one_error_in_two_hundred_signs(sheet: DrawnPage) -> None:
    said = said_of(sheet)
    assert character_errors(sheet.text, said) < 0.005
    assert [number for number in sheet.numbers if number not in without_blanks(said)] == []


def test_a_poor_scan_keeps_its_numbers() -> None:
    sheet = degraded(next(clean_pages(seed=5, count=1)), seed=5)
    said = said_of(sheet)
    assert character_errors(sheet.text, said) < 0.03
    assert [number for number in sheet.numbers if number not in without_blanks(said)] == []


def test_equal_digits_side_by_side_are_all_read() -> None:
    numbers = ("6222000011112222333", "11000011110000000X", "13888888888", "00000000001111111")
    said = page_text(engine().read(pixels(page(*numbers, size=30))).lines)
    assert said.split() == list(numbers)


def test_both_libraries_read_the_same() -> None:
    sheet = pixels(page("合同编号：HT-2023-1625", "联系人：陈远杰\t电话：13991399844", size=30))
    options = EngineOptions(precision=Precision.EXACT)
    said = {page_text(load_engine(options, backend).read(sheet).lines) for backend in Backend}
    assert len({page_text(engine().read(sheet).lines), *said}) == 1


def test_cells_of_a_row_are_parted_by_tabs() -> None:
    rows = ("序号\t姓名\t电话", "1\t陈远杰\t13991399844", "2\t尤刚涛\t15002219784")
    said = page_text(engine().read(pixels(page(*rows, width=1200))).lines)
    assert said.splitlines() == list(rows)


def test_a_form_of_two_columns_keeps_its_pairs_on_their_rows() -> None:
    rows = (
        "姓名：蒋洋芳\t手机号码：13804112252",
        "证件号码：51010719951221627X",
        "住址：武汉市洪山区世纪大道209号",
    )
    said = page_text(engine().read(pixels(page(*rows, width=1300))).lines)
    assert said.splitlines() == list(rows)


def test_running_text_in_two_columns_is_read_column_by_column() -> None:
    left = [f"左栏第{number}行文字连续不断写满本栏宽度" for number in "一二三四五六七八"]
    right = [f"右栏第{number}行文字连续不断写满本栏宽度" for number in "一二三四五六七八"]
    sheet = page("通知", *map("\t".join, zip(left, right, strict=True)), width=1300, height=750)
    said = page_text(engine().read(pixels(sheet)).lines).splitlines()
    assert said == ["通知", *left, *right]


def test_every_page_of_a_tiff_is_a_place_of_its_own() -> None:
    sheets = [
        page(f"第{number}页", f"编号：{number * 1111}", width=420, height=220) for number in range(1, 5)
    ]
    raw = stored(sheets[0], "TIFF", save_all=True, append_images=sheets[1:])
    embedded = read(raw)
    assert embedded.ocr_pages == (0, 1, 2, 3)
    found = merge_ocr(embedded, recognised(raw, pages=embedded.ocr_pages))
    assert [place.label for place in found.places] == ["1", "2", "3", "4"]
    for number, place in enumerate(found.places, start=1):
        assert found.text[place.start : place.end].split() == [f"第{number}页", f"编号：{number * 1111}"]
    assert (found.text_source, found.pages, found.ocr_pages) == (TextSource.OCR, 4, ())
    assert float(dict(found.metadata)["ocr_confidence"]) > 0.9


def test_turned_pages_are_counted() -> None:
    sheet = page("服务合同书", "甲方：杭州瑞丰装饰工程有限公司", "联系电话：13991399844", width=900)
    found = recognised(stored(sheet.rotate(90, expand=True), "PNG"))
    assert dict(found.metadata)["ocr_turned_pages"] == "1"
    assert "13991399844" in found.text


def test_the_pages_of_a_mixed_pdf_come_in_their_order() -> None:
    raw = real("行政部/扫描件/direct_and_image.pdf")
    embedded = read(raw)
    assert embedded.ocr_pages == (1,)
    found = merge_ocr(embedded, recognised(raw, PDF, embedded.ocr_pages))
    first, second = found.places
    assert (first.label, second.label) == ("1", "2")
    assert found.text[: first.end] == embedded.text[: first.end]
    assert "The Evolution of Offensive Cyberattacks" in found.text[second.start : second.end]
    assert "technologies\nand tactics" in found.text  # one of two columns, not across both


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("行政部/扫描件/img_exif_orientation.jpg", ["我是中国人"]),
        ("行政部/扫描件/black_font_color_transparent.png", ["我是中国人"]),
        ("行政部/扫描件/short.png", ["中国网络空间安全"]),
        ("行政部/扫描件/ocr_test.jpg", ["横向文本框", "竖向文本框", "English text"]),
        ("行政部/扫描件/text_vertical_words.png", ["有評是是非非之士師也"]),
        ("行政部/扫描件/lineless_table_recognition.jpg", ["Duke\t34\t男\t1.74\t70\t23"]),
        ("行政部/扫描件/table7.png", ["尺码\tXS\tS\tM\tL\tXL", "胸围\t85\t90\t95\t100\t105"]),
        ("客服部/问答与聊天记录/multi-line_cn1.png", ["都会对应着一个账户", "预付费卡和点卡"]),
        ("财务部/电子发票/增值税专用发票.jpg", ["1100094140", "410305123456789", "行政", "5999.00"][:2]),
    ],
)
def test_real_scans_give_the_words_on_them(path: str, words: list[str]) -> None:
    found = recognised(real(path))
    assert [word for word in words if word not in found.text] == []


def test_a_scanned_ofd_is_read() -> None:
    raw = image_ofd(stored(page("扫描件", "编号：2024-0815", width=600, height=300), "PNG"))
    found = recognised(raw, Format("application/ofd", Family.OFD, "ofd"))
    assert found.text.split() == ["扫描件", "编号：2024-0815"]


def test_pictures_inside_a_document_are_places_called_pictures() -> None:
    drawn = stored(page("照片里的字", width=420, height=200), "PNG")
    kind = Format("application/x-docx", Family.DOCUMENT, "docx")
    found = recognised(zipped({"word/media/image1.png": drawn}), kind)
    assert [(place.kind, place.label) for place in found.places] == [("picture", "1")]
    joined = merge_ocr(Extraction(text="正文\n", text_source=TextSource.EMBEDDED), found)
    assert joined.text == "正文\n照片里的字\n"


def test_writing_that_is_hard_to_read_is_said_to_be_unsure() -> None:
    lines = ("合同编号与客户姓名登记", "甲方乙方协商一致签字", "验收标准参照国标执行", "逾期按日加收滞纳金")
    sheet = page(*lines, ink=120).filter(ImageFilter.GaussianBlur(3.5))
    rough = np.clip(np.asarray(sheet) + np.random.default_rng(3).normal(0, 20, sheet.size[::-1]), 0, 255)
    found = recognised(stored(Image.fromarray(rough.astype(np.uint8)), "PNG"))
    assert codes(found) == ["KD-E303"]


def test_a_page_without_writing_is_said_to_have_none() -> None:
    found = recognised(stored(Image.new("RGB", (300, 200), "white"), "PNG"))
    assert (codes(found), found.text, found.text_source) == (["KD-E304"], "", TextSource.NONE)


def test_a_page_that_cannot_be_drawn_is_said_so_and_the_others_are_read() -> None:
    raw = stored(page("完好的一页", width=420, height=200), "PDF")
    found = recognised(raw, PDF, (0, 7))
    assert (found.text.strip(), found.ocr_pages, codes(found)) == ("完好的一页", (), ["KD-E305"])


def test_of_a_truncated_scan_the_upper_lines_are_read() -> None:
    whole = stored(page(*[f"第{number}行文字内容" for number in "一二三四五六七八九"], height=640), "JPEG")
    found = recognised(whole[: len(whole) // 2])
    assert "第一行文字内容" in found.text
    assert "第九行文字内容" not in found.text
    assert codes(found) == ["KD-E301"]


@pytest.mark.parametrize(
    ("raw", "format", "code"),
    [
        (bomb_png(60_000, 60_000), PICTURE, "KD-E302"),
        (b"\x89PNG\r\n\x1a\nnonsense", PICTURE, "KD-E102"),
        (b"%PDF-1.7 nonsense", PDF, "KD-E102"),
        (b"PK\x03\x04nonsense", Format("application/ofd", Family.OFD, "ofd"), "KD-E102"),
    ],
    ids=["bomb", "picture", "pdf", "ofd"],
)
def test_what_cannot_be_opened_is_a_problem_and_no_fault(raw: bytes, format: Format, code: str) -> None:
    found = recognised(raw, format)
    assert (codes(found), found.text) == ([code], "")


def test_a_picture_that_is_refused_is_refused_by_the_door_of_the_room_too() -> None:
    raw = bomb_png(60_000, 60_000)
    assert format_of(raw) == "png"
    assert codes(read(raw)) == ["KD-E302"]


def test_an_encrypted_pdf_asks_for_its_password() -> None:
    raw = real("销售部/产品资料/libreoffice-writer-password.pdf")
    assert codes(recognised(raw, PDF)) == ["KD-E101"]


def test_text_beyond_the_limit_is_left_and_said_so() -> None:
    sheets = [page("第一页的文字", width=420, height=200), page("第二页的文字", width=420, height=200)]
    raw = stored(sheets[0], "TIFF", save_all=True, append_images=sheets[1:])
    found = recognised(raw, pages=(0, 1), limits=Limits(max_text_code_points=5))
    assert (len(found.text), "KD-E107" in codes(found)) == (5, True)


def test_models_that_are_not_installed_are_missing() -> None:
    with pytest.raises(OcrModelsMissing):
        model_files("kedang_without_models")
    with pytest.raises(OcrModelsMissing):
        model_files("pylopdf_fonts_zh_cn")


WATCHED = """
import pathlib, sys
from kedang.extraction.limits import Limits
from kedang.extraction.ocr import read_pages
from kedang.extraction.ocr_engine import load_engine
from kedang.records.content import Family, Format
from tests.extraction.contents import BytesContent

raw = pathlib.Path(sys.argv[1]).read_bytes()
WRITING = ("os.mkdir", "os.rename", "os.remove", "os.symlink", "os.link", "os.truncate")
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind", "urllib.Request")


def watch(event, arguments):
    if event in NETWORK or event in WRITING or event == "subprocess.Popen":
        raise PermissionError(event)
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise PermissionError(f"open {arguments[0]}")


sys.addaudithook(watch)
engine = load_engine()
found = read_pages(BytesContent(raw), Format("image/png", Family.IMAGE, "png"), (0,), limits=Limits(), engine=engine)
loaded = [name for name, module in sys.modules.items() if module is not None]
assert not [name for name in loaded if "telemetry" in name or name == "rapidocr"], loaded
sys.stdout.buffer.write(found.text.encode())
"""


def test_reading_writes_nothing_and_calls_nobody(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    sheet.write_bytes(stored(page("绝密合同", width=420, height=200), "PNG"))
    home = tmp_path / "home"
    (home / "tmp").mkdir(parents=True)
    surroundings = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "TMPDIR": str(home / "tmp"),
    }
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(sheet)],
        env=surroundings,
        cwd=home,
        capture_output=True,
        check=False,
    )
    assert (done.stdout.decode().strip(), done.stderr.decode(), done.returncode) == ("绝密合同", "", 0)
    assert [entry.name for entry in home.rglob("*")] == ["tmp"]


def test_the_signal_stack_is_large_enough_for_other_libraries() -> None:
    if fastest_backend() is not Backend.OPENVINO:
        pytest.skip("only OpenVINO sets a small signal stack, and it is not used on this machine")
    engine()
    assert signal_stack_bytes() in (None, SIZE_BYTES)


# Joining recognised and embedded text, whatever both hold.

words = st.text("甲乙丙abc \n", max_size=12)


@st.composite
def two_readings(draw: st.DrawFn) -> tuple[Extraction, Extraction]:
    """An embedded reading of some pages, and the OCR of some pages, among them perhaps the same."""

    def reading(numbers: list[int], source: TextSource) -> Extraction:
        text, places = draw(words), []
        for number in numbers:
            start = len(text)
            text += draw(words.filter(bool))
            places.append(Place("page", str(number + 1), start, len(text)))
        return Extraction(text=text, text_source=source, places=tuple(places), pages=8)

    numbers = st.lists(st.integers(0, 7), unique=True, max_size=6).map(sorted)
    embedded = reading(draw(numbers), TextSource.EMBEDDED)
    starts = draw(st.lists(st.integers(0, len(embedded.text)), max_size=4).map(sorted))
    table = Table("t", (), tuple(("",) for _ in starts), 1, tuple(starts))
    recognised = reading(draw(numbers), TextSource.OCR)
    first = recognised.places[0].start if recognised.places else 0
    return (
        replace(embedded, tables=(table,)),
        replace(recognised, text=" " * first + recognised.text[first:]),
    )


@given(two_readings())
def test_joined_pages_hold_both_texts_in_the_order_of_pages(readings: tuple[Extraction, Extraction]) -> None:
    embedded, recognised = readings
    joined = merge_ocr(embedded, recognised)
    by_label = {place.label: joined.text[place.start : place.end] for place in joined.places}
    for place in embedded.places:
        assert by_label[place.label].endswith(embedded.text[place.start : place.end])
    if recognised.text.strip():
        assert len(joined.text) == len(embedded.text) + sum(
            place.end - place.start for place in recognised.places
        )
        for place in recognised.places:
            assert by_label[place.label].startswith(recognised.text[place.start : place.end])
    pages = sorted(joined.places, key=lambda place: int(place.label))
    assert all(before.end <= after.start for before, after in pairwise(pages))


@given(two_readings())
def test_rows_of_tables_begin_at_the_same_characters(readings: tuple[Extraction, Extraction]) -> None:
    embedded, recognised = readings
    joined = merge_ocr(embedded, recognised)
    for before, after in zip(embedded.tables[0].row_starts, joined.tables[0].row_starts, strict=True):
        assert joined.text[after : after + 1] == embedded.text[before : before + 1]


def test_problems_of_both_are_kept_once() -> None:
    embedded = Extraction(problems=(Problem("KD-E103"),), ocr_pages=(0, 1))
    recognised = Extraction(problems=(Problem("KD-E103"), Problem("KD-E304")))
    joined = merge_ocr(embedded, recognised)
    assert codes(joined) == ["KD-E103", "KD-E304"]
    assert (joined.ocr_pages, joined.text_source) == ((), TextSource.NONE)
