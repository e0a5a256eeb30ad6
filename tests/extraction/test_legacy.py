"""Documents of the binary age, and what reading leaves behind: nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kedang.extraction.compound import CompoundFile
from kedang.extraction.compound_writing import MOST_BYTES, compound_of
from kedang.extraction.errors import LimitExceeded
from tests.extraction.contents import REAL_MIXED, codes, read, real

ROOT = Path(__file__).parents[2]
SENTENCE = "客户资料：张三，电话13800138000"
# Runs in a process of its own, as a worker does; it writes down every file opened to write and every connection.
WATCHED = """
import os, sys
seen = []
def watch(event, arguments):
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & writing:
        seen.append(str(arguments[0]))
    elif event.startswith(("socket.connect", "socket.getaddrinfo", "subprocess", "os.system", "os.exec")):
        seen.append(event)
from tests.extraction.contents import REAL_MIXED, BytesContent
from kedang.extraction import extract, recognise
files = [path for path in sorted(REAL_MIXED.rglob("*")) if path.is_file()]
things = [(path.name, BytesContent(path.read_bytes())) for path in files]
sys.dont_write_bytecode = True
sys.addaudithook(watch)
read = 0
for name, content in things:
    format = recognise(content, name=name)
    if format.family not in ("image", "audio"):
        read += extract(content, format).text != ""
print(read, [entry for entry in seen if not entry.isdigit() and not entry.startswith("/dev/null")])
sys.stdout.flush()
os._exit(0)
"""


def _rtf(body: bytes) -> bytes:
    return (
        b"{\\rtf1\\ansi\\ansicpg936{\\fonttbl{\\f0\\fcharset134 SimSun;}{\\f1\\fcharset0 Arial;}}\\f0 "
        + body
        + b"}"
    )


def _quoted(text: str) -> bytes:
    return b"".join(b"\\'%02x" % byte if byte > 0x7F else bytes((byte,)) for byte in text.encode("gbk"))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (_quoted(SENTENCE), SENTENCE),
        ("".join(f"\\u{ord(letter)}?" for letter in "合同").encode(), "合同"),
        (b"\\uc2\\u21512 ab\\u21516 cd\\uc0\\u21495 x", "合同号x"),
        (b"\\u-10179?\\u-8758?", "\U0001f5ca"),
        (_quoted("甲") + b"\\par " + _quoted("乙") + b"\\line x", "甲\n乙\nx"),
        (b"\\trowd " + _quoted("名") + b"\\cell 1\\cell\\row", "名\t1"),
        (b"{\\*\\unknown gone}{\\info{\\title gone}}{\\v gone}{\\pict ffd8}left", "left"),
        (b"{\\header top}body{\\footnote note}", "topbodynote"),
        (b"a\\bin3 \\}{b", "ab"),
        (b"\\{\\}\\\\\\~x", "{}\\\xa0x"),
    ],
)
def test_rich_text_is_read_as_it_is_shown(body: bytes, text: str) -> None:
    assert read(_rtf(body)).text.strip("\n") == text


def test_rich_text_cut_short_is_partly_read() -> None:
    found = read(_rtf(b"{" + _quoted(SENTENCE))[:-1])
    assert SENTENCE in found.text
    assert codes(found) == ["KD-E103"]


def test_groups_without_end_are_refused() -> None:
    assert codes(read(b"{\\rtf1 " + b"{" * 100_000)) == ["KD-E102"]


def test_an_old_word_document_is_read_story_by_story_and_row_by_row() -> None:
    found = read(real("旧电脑备份/其他格式/61490.doc"))
    assert "11\t12\t13\n21\t22\t23\n31\t32\t33\n" in found.text
    header = next(place for place in found.places if place.kind == "header")
    assert found.text[header.start : header.end] == "页眉左\t页眉中\t页眉右\n\n页脚内容\n"


def test_a_document_older_than_pieces_is_read_too() -> None:
    assert read(real("销售部/往来文档/testWORD6.doc")).text == "The quick brown fox jumps over the lazy dog\n"


def test_title_and_author_of_an_old_word_document_are_told() -> None:
    told = dict(read(real("销售部/往来文档/testWORD.doc")).metadata)
    assert told["author"] == "Keith Bennett"
    assert told["created"] == "2010-11-12T16:22:00+00:00"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_an_old_document_cut_short_never_ends_the_reader(share: float) -> None:
    for path in (
        "旧电脑备份/其他格式/61490.doc",
        "旧电脑备份/其他格式/54880_chinese.ppt",
        "旧电脑备份/其他格式/61287.xls",
    ):
        raw = real(path)
        assert set(codes(read(raw[: int(len(raw) * share)]))) <= {"KD-E102", "KD-E103", "KD-E105", "KD-E111"}


def test_reading_writes_nothing_and_calls_nobody(tmp_path: Path) -> None:
    if not REAL_MIXED.is_dir():
        pytest.skip("the shared test data are not beside this checkout")
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    temporary.mkdir()
    surroundings = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home),
        "TMPDIR": str(temporary),
    }
    done = subprocess.run(
        [sys.executable, "-c", WATCHED],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=surroundings,
        cwd=ROOT,
    )
    count, _, opened = done.stdout.partition(" ")
    assert int(count) > 180, done.stderr[-2000:]
    assert opened.strip() == "[]"
    assert list(home.rglob("*")) == []
    assert list(temporary.rglob("*")) == []


@pytest.mark.parametrize("size", [0, 1, 511, 512, 4096, 100_000, MOST_BYTES])
def test_a_compound_file_gives_back_its_stream(size: int) -> None:
    stream = bytes(range(256)) * (size // 256 + 1)
    made = CompoundFile(compound_of("Workbook", stream[:size]))
    assert made.stream("Workbook")[:size] == stream[:size]


def test_a_stream_too_long_for_the_header_is_refused() -> None:
    with pytest.raises(LimitExceeded):
        compound_of("Workbook", bytes(MOST_BYTES + 1))


def test_an_old_workbook_in_a_broken_compound_file_is_still_read() -> None:
    raw = bytearray(real("财务部/表格/testEXCEL.xls"))
    raw[64:68] = (1 << 30).to_bytes(4, "little")  # the header claims a gigabyte of small sectors
    assert "Numbers and their Squares" in read(bytes(raw)).text
