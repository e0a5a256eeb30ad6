"""Formats are told by content; a name only parts kinds that share one form."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import pytest

from kedang.extraction.formats import FORMATS
from kedang.extraction.recognition import recognise
from tests.extraction.contents import BytesContent, codes, format_of, read, real
from tests.extraction.made import dbf, docx, paragraph, pdf, xlsx, zipped


def _tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("客户.txt"))
    return made.getvalue()


INVOICE = "<?xml version='1.0' encoding='UTF-8'?><EInvoice><Header><EIid>24112000000012345678</EIid></Header></EInvoice>"
CASES: list[tuple[str, bytes, str]] = [
    ("empty", b"", "empty"),
    ("sentence", "关于开展客户档案整理工作的通知".encode(), "text"),
    ("prose with commas", "今天，我们去了，公园，玩了，很久。\n明天，再去，一次，也好，的。\n后天，不去，了，因为，下雨。".encode(), "text"),
    ("csv", "姓名,电话\n张三,1\n李四,2\n王五,3\n".encode(), "csv"),
    ("csv of gbk", "姓名,电话,地址\n张三,1,北京\n李四,2,上海\n".encode("gbk"), "csv"),
    ("semicolons", b"a;b;c\n1;2;3\n4;5;6\n", "csv"),
    ("tabs", "姓名\t电话\t地址\n张三\t1\t京\n李四\t2\t沪\n".encode("utf-16"), "tsv"),
    ("log", b"2024-01-01 10:00:00 INFO start\n2024-01-01 10:00:01 INFO end\n", "text"),
    ("json", b'{"a": [1, 2]}', "json"),
    ("json list", b'[{"a": 1}]', "json"),
    ("json lines", b'{"a": 1}\n{"a": 2}\n{"a": 3}\n', "jsonl"),
    ("brackets", "[2024-01-01] 张三：你好\n".encode(), "text"),
    ("xml", INVOICE.encode(), "xml"),
    ("xml in gbk", INVOICE.replace("UTF-8", "GBK").replace("EIid", "号码").encode("gbk"), "xml"),
    ("html", b"<!DOCTYPE html><p>x", "html"),
    ("html fragment", b"<div><p>a</p><br><p>b</p></div>", "html"),
    ("html as xls", b"<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "html"),
    ("svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
    ("mail", b"From: a@b\r\nTo: c@d\r\nSubject: x\r\n\r\nbody", "eml"),
    ("letter that begins like a mail", "To: 王经理\nDate: 2024\n\n您好".encode(), "text"),
    ("mailbox", b"From a@b Sat Jan  1 10:00:00 2022\nFrom: a@b\nSubject: x\n\nbody\n", "mbox"),
    ("vcard", b"BEGIN:VCARD\nVERSION:3.0\nFN:x\nEND:VCARD", "vcard"),
    ("calendar", b"BEGIN:VCALENDAR\nEND:VCALENDAR", "icalendar"),
    ("markdown", "# 标题\n\n- 一\n- 二\n\n[链接](http://a)\n\n**粗**\n".encode(), "markdown"),
    ("sql", b"CREATE TABLE a (b);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);\n", "sql"),
    ("rtf", b"{\\rtf1 x}", "rtf"),
    ("docx", docx(paragraph("x")), "docx"),
    ("xlsx", xlsx(""), "xlsx"),
    ("ofd", zipped({"OFD.xml": "<OFD/>"}), "ofd"),
    ("ofd with careless case", zipped({"/ofd.XML": "<OFD/>"}), "ofd"),
    ("odt", zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "odt"),
    ("epub", zipped({"mimetype": "application/epub+zip"}), "epub"),
    ("zip", zipped({"a.txt": "x"}), "zip"),
    ("empty zip", zipped({}), "zip"),
    ("tar", _tar(), "tar"),
    ("gzip", gzip.compress(b"x"), "gzip"),
    ("pdf", pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]), "pdf"),
    ("pdf after a line of junk", b"\r\njunk\r\n%PDF-1.7\n", "pdf"),
    ("dbf", dbf([(b"XM", 20)], [["张三".encode("gbk")]]), "dbf"),
    ("text that begins like a sound file", "MAC 地址登记表\n部门 设备\n".encode(), "text"),
    ("text that begins like an archive", b"BZh is a company of good standing\n", "text"),
    ("wave", b"RIFF\x24\x00\x00\x00WAVEfmt ", "wav"),
    ("heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "heic"),
    ("lock of an open document", b"\x04" + "老王".encode("gbk").ljust(53) + "\x02老王".encode("utf-16-le").ljust(108, b"\0"), "office-lock"),
    ("program", b"MZ" + bytes(58) + b"\x40\x00\x00\x00" + b"PE\x00\x00" + bytes(100), "windows-program"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "format"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_content_tells_the_format(raw: bytes, format: str) -> None:
    assert format_of(raw) == format


@pytest.mark.parametrize("name", ["a.pdf", "a.exe", "客户.docx", "x.txt", "no-suffix", "a.tar.gz"])
def test_a_false_name_changes_nothing(name: str) -> None:
    assert format_of(docx(paragraph("x")), name) == "docx"
    assert format_of(b"\x89PNG\r\n\x1a\n" + bytes(40), name) == "png"
    assert format_of(b"<!DOCTYPE html><p>x</p>", name) == "html"


def test_the_name_parts_kinds_of_one_form() -> None:
    word = real("旧电脑备份/其他格式/61490.doc")
    book = real("旧电脑备份/其他格式/61287.xls")
    assert (format_of(word, "合同.wps"), format_of(word, "合同.doc"), format_of(word)) == (
        "wps",
        "doc",
        "doc",
    )
    assert (format_of(book, "台账.et"), format_of(book, "台账.pdf")) == ("et", "xls")
    assert (format_of(b"# a\n", "a.md"), format_of(b"# a\n")) == ("markdown", "text")
    assert format_of("姓名\n张三\n".encode(), "名单.csv") == "csv"


def test_a_wps_file_is_read_as_word_reads_it() -> None:
    found = read(real("旧电脑备份/其他格式/61490.doc"), "合同.wps")
    assert "章节1的内容" in found.text


def test_torn_office_files_are_known_for_what_they_were_and_read_as_far_as_they_go() -> None:
    body = "".join(
        paragraph(f"第{number}条 甲方应当于{number * 7919 % 365}日内付款") for number in range(2000)
    )
    whole = docx(body)
    torn = whole[: len(whole) // 2]
    found = read(torn, "合同.docx")
    assert format_of(torn) == "docx"
    assert codes(found) == ["KD-E103"]
    assert "第500条" in found.text


def test_the_puid_of_a_pdf_for_archiving_is_told() -> None:
    raw = (
        pdf([b"<</Type/Catalog>>"])
        + b"<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
    )
    assert recognise(BytesContent(raw)).puid == "fmt/354"


def test_pronom_is_asked_where_the_table_does_not_know() -> None:
    raw = real("旧电脑备份/其他格式/testWEBP.webp")
    assert recognise(BytesContent(raw)).puid == "fmt/566"


def test_every_format_names_a_media_type_of_two_parts() -> None:
    assert all(format.media_type.count("/") == 1 for format in FORMATS.values())


def test_a_zip_with_two_directories_of_one_name_is_a_zip() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("客户/一.txt", "x")
        archive.writestr("客户/二.txt", "y")
    assert format_of(made.getvalue()) == "zip"


def test_litter_of_programs_raises_no_question() -> None:
    lock = next(raw for name, raw, _ in CASES if name == "lock of an open document")
    assert codes(read(lock, "~$合同.docx")) == []
