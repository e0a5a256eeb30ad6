"""Things made to do harm end soon, with a code, and never raise."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import struct
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest
import xlwt

from kedang.extraction import Limits
from tests.extraction.contents import codes, format_of, read
from tests.extraction.made import docx, paragraph, pdf, xlsx, zipped

PART = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
SECONDS = 30.0  # far above what each takes, far below what the trap wants to cost
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "客户客户客户客户客户客户">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 12}">' for n in range(9))
    + "]>"
)


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


@pytest.mark.parametrize("root", ["<x>&j;</x>", "<x a='&j;'/>"])
def test_entities_that_multiply_are_not_expanded(root: str) -> None:
    raw = f"<?xml version='1.0' encoding='UTF-8'?>{ENTITIES}{root}".encode()
    start = time.perf_counter()
    found = read(raw)
    assert time.perf_counter() - start < SECONDS
    assert len(found.text) < 1000


def test_an_external_entity_is_never_fetched() -> None:
    raw = (
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><x><y>&e;</y>open</x>"
    )
    with open("/etc/hostname", encoding="utf-8") as file:
        host = file.read().strip()
    found = read(raw)
    assert host not in found.text or not host


def test_entities_inside_a_word_document_are_not_expanded() -> None:
    body = f"<?xml version='1.0'?>{ENTITIES}<w:document xmlns:w='x'><w:p>&j;</w:p></w:document>"
    raw = zipped({"[Content_Types].xml": "wordprocessingml.document.main+xml'", "word/document.xml": body})
    assert format_of(raw) == "docx"
    assert len(read(raw).text) < 1000


def test_a_document_that_inflates_to_800_megabytes_is_refused_unread() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "'wordprocessingml.document.main+xml'")
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            for _ in range(100):
                part.write(b"<w:p/>  " * 131_072 * 8)
    raw = made.getvalue()
    start = time.perf_counter()
    found = read(raw)
    assert codes(found) == ["KD-E111"]
    assert time.perf_counter() - start < SECONDS


def test_a_member_that_lies_about_its_size_is_stopped_while_inflating() -> None:
    made = bytearray(docx(paragraph("x" * 4_000_000)))
    directory = made.rindex(b"PK\x01\x02")
    made[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    found = read(bytes(made), limits=Limits(max_inflated_bytes=1_000_000))
    assert codes(found) in (["KD-E102"], ["KD-E111"])


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("deep.json", b"[" * 200_000 + b"]" * 200_000),
        ("deep.xml", b"<?xml version='1.0'?>" + b"<a>" * 100_000 + b"</a>" * 100_000),
        ("deep.html", b"<html><body>" + b"<div>" * 100_000 + b"end" + b"</div>" * 100_000),
        ("table.html", b"<html>" + b"<table><tr><td>" * 20_000),
        ("deep.docx", docx("<w:sdt>" * 5_000 + paragraph("x") + "</w:sdt>" * 5_000)),
        ("tables.docx", docx("<w:tbl><w:tr><w:tc>" * 80 + paragraph("x") + "</w:tc></w:tr></w:tbl>" * 80)),
        ("parts.eml", b"From: a@b\r\nSubject: c\r\n" + PART + (b"--x\r\n" + PART) * 3_000),
        ("heads.eml", b"From: a@b\r\nMessage-ID: x\r\n" + b"Received: by x\r\n" * 100_000 + b"\r\nend"),
        ("word.eml", b"From: a@b\r\nMessage-ID: x\r\nSubject: " + b"=?utf-8?q?x?=" * 50_000 + b"\r\n\r\nend"),
        ("deep.rtf", b"{\\rtf1 " + b"{" * 100_000 + b"x" + b"}" * 100_000),
        ("lines.vcf", b"BEGIN:VCARD\r\nFN;ENCODING=QUOTED-PRINTABLE:=\r\n" + b"=41=\r\n" * 100_000),
    ],
)  # fmt: skip
def test_deep_nesting_and_endless_repetition_end_soon(name: str, raw: bytes) -> None:
    start = time.perf_counter()
    read(raw, name)
    assert time.perf_counter() - start < SECONDS


def test_a_pdf_whose_page_tree_bites_its_tail_ends() -> None:
    raw = pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 100000>>"])
    assert _timed(lambda: read(raw, limits=Limits(max_pages=50))) < SECONDS


def test_a_pdf_that_claims_a_million_pages_is_read_up_to_the_limit() -> None:
    kids = b" ".join([b"3 0 R"] * 1_000)
    raw = pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%s]/Count 1000>>" % kids,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        ]
    )
    found = read(raw, limits=Limits(max_pages=20))
    assert "KD-E109" in codes(found)
    assert found.pages == 1_000


@pytest.mark.parametrize("far", ["XFD", "AAA", "ZZ"])
def test_a_sheet_that_reaches_to_its_last_cell_is_refused(far: str) -> None:
    last = f'<row r="1048576"><c r="{far}1048576"><v>2</v></c></row>'
    raw = xlsx(f'<row r="1"><c r="A1"><v>1</v></c></row>{last}')
    found = read(raw)
    assert codes(found) == ["KD-E111"]


def test_an_opendocument_cell_repeated_a_billion_times_is_written_few_times() -> None:
    cell = (
        '<table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>'
        "</table:table-row>"
    )
    content = (
        "<?xml version='1.0'?><office:document-content xmlns:office='o' xmlns:table='t' xmlns:text='x'>"
        f"<office:body><office:spreadsheet><table:table table:name='表'>{cell * 50}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    raw = zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})
    assert _timed(lambda: codes(read(raw))) < SECONDS
    assert "KD-E110" in codes(read(raw, limits=Limits(max_cells=100_000)))


def test_a_line_of_a_hundred_megabytes_is_no_row() -> None:
    raw = b"a,b\n" + b"x" * 100_000_000
    found = read(raw, "list.csv", limits=Limits(max_text_code_points=20_000_000))
    assert "KD-E107" in codes(found)
    assert len(found.text) <= 20_000_000


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_below() -> None:
    lines = ["姓名,电话,地址", '"张三,13800138000,北京'] + [f"李{n},1390013{n:04},上海" for n in range(2_000)]
    found = read("\n".join(lines).encode(), "客户.csv")
    assert len(found.tables[0].rows) == 2_001


def test_formulas_are_text() -> None:
    rows = io.StringIO()
    csv.writer(rows).writerows([["名称", "备注"], ['=cmd|"/C calc"!A1', "@SUM(1)"], ["-1+1", "+1"]])
    found = read(rows.getvalue().encode(), "x.csv")
    assert found.tables[0].rows[0] == ('=cmd|"/C calc"!A1', "@SUM(1)")


def test_a_database_view_without_end_is_not_run() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE 客户 (姓名 TEXT)")
    database.execute("INSERT INTO 客户 VALUES ('王五')")
    database.execute(
        "CREATE VIEW v AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    )
    raw = database.serialize()
    database.close()
    found = read(raw)
    assert [table.name for table in found.tables] == ["客户"]


def test_random_bytes_are_not_text() -> None:
    state = 1
    noise = bytearray()
    for _ in range(20_000):
        state = state * 1_103_515_245 + 12_345 & 0x7FFFFFFF
        noise.append(state >> 16 & 0xFF)
    assert format_of(bytes(noise)) == "unknown"
    assert codes(read(bytes(noise))) == ["KD-E106"]


def test_text_beyond_the_limit_is_cut_and_said_so() -> None:
    found = read("客户".encode() * 1_000, limits=Limits(max_text_code_points=100))
    assert found.text == "客户" * 50
    assert codes(found) == ["KD-E107"]


def test_rows_beyond_the_limit_are_cut_and_said_so() -> None:
    raw = "\n".join(["姓名,电话", *[f"张{n},{n}" for n in range(500)]]).encode()
    found = read(raw, "a.csv", limits=Limits(max_rows=101))
    assert len(found.tables[0].rows) == 100
    assert "KD-E110" in codes(found)


def test_too_many_members_of_a_document_are_refused() -> None:
    raw = zipped(
        {"[Content_Types].xml": "'wordprocessingml.document.main+xml'"} | {f"x{n}": b"" for n in range(300)}
    )
    assert codes(read(raw, limits=Limits(max_members=100))) == ["KD-E111"]


def test_long_json_numbers_do_not_stop_the_reader() -> None:
    raw = json.dumps({"x": 1}).encode().replace(b"1", b"9" * 100_000)
    assert _timed(lambda: read(raw, "a.json")) < SECONDS


def test_a_page_whose_words_inflate_to_a_gigabyte_ends() -> None:
    squeezer = zlib.compressobj(1)
    packed = b"".join(squeezer.compress(b" " * 16_000_000) for _ in range(64)) + squeezer.flush()
    raw = pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
            b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
        ]
    )
    assert _timed(lambda: read(raw)) < SECONDS


def test_an_old_workbook_that_reaches_far_keeps_to_the_budget() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    sheet.write(0, 0, "x")
    sheet.write(65_535, 255, "y")
    made = io.BytesIO()
    book.save(made)
    found = read(made.getvalue(), limits=Limits(max_cells=100_000))
    assert "KD-E110" in codes(found)
    assert len(found.text) < 200_000


def test_a_cell_of_an_old_workbook_in_an_impossible_column_is_refused() -> None:
    book = xlwt.Workbook()
    book.add_sheet("a").write(65_535, 255, 1.5)
    made = io.BytesIO()
    book.save(made)
    raw = bytearray(made.getvalue())
    cell = raw.index(struct.pack("<HHHH", 0x027E, 10, 65_535, 255))  # an RK record
    raw[cell + 6 : cell + 8] = struct.pack("<H", 65_000)
    assert codes(read(bytes(raw))) == ["KD-E111"]


def test_an_old_workbook_that_claims_impossible_dimensions_is_refused() -> None:
    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, 1.5)
    made = io.BytesIO()
    book.save(made)
    raw = bytearray(made.getvalue())
    claim = raw.index(struct.pack("<HH", 0x0200, 14)) + 4
    raw[claim : claim + 12] = struct.pack("<IIHH", 0, 1 << 31, 0, 60_000)
    assert codes(read(bytes(raw))) == ["KD-E111"]
