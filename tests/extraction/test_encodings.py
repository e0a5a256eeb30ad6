"""Texts in the encodings of Chinese offices are read without loss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.extraction.encodings import charset_of, declared, decode
from tests.extraction.contents import format_of, read

SIMPLIFIED = "甲方：北京某某商贸有限公司，联系电话13800138000，地址北京市朝阳区。合同金额人民币壹万元整。"
TRADITIONAL = "甲方：臺北某某貿易有限公司，聯絡電話請見附件，地址臺北市信義區。合約金額新臺幣壹萬元整。"
RARE = "䶮、㙍、𠮷野家、张三"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "gbk"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED + "\n", "utf-16-le"),
        (SIMPLIFIED + "\n", "utf-16-be"),
        (SIMPLIFIED, "utf-32"),
        (SIMPLIFIED, "hz"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "utf-8"),
        (TRADITIONAL, "gb18030"),
        ("公司" + RARE + SIMPLIFIED, "gb18030"),
        ("姓名,电话\n张三,13800138000\n李四,13900139000\n王五,13700137000\n", "gbk"),
        ("このメールはテスト用です。", "iso2022_jp"),
        ("Société Générale — café, déjà vu, à bientôt, garçon", "cp1252"),
    ],
)
def test_a_text_is_read_as_it_was_written(text: str, codec: str) -> None:
    assert read(text.encode(codec)).text.strip() in (text.strip(), text.strip().replace(",", "\t"))


@pytest.mark.parametrize("length", [2, 3, 4, 6, 10])
def test_short_chinese_in_gbk_is_not_taken_for_big5_or_latin(length: int) -> None:
    raw = "客户资料联系方式合同"[:length].encode("gbk")
    charset = charset_of(raw, complete=True)
    assert charset is not None
    assert charset.codec == "gb18030"


@pytest.mark.parametrize("cut", range(1, 5))
def test_a_sample_cut_inside_a_character_is_still_recognised(cut: int) -> None:
    for codec in ("utf-8", "gb18030"):
        raw = SIMPLIFIED.encode(codec)[:-cut]
        charset = charset_of(raw, complete=False)
        assert charset is not None
        assert charset.codec == codec


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("GB2312", "gb18030"),
        ("x-gbk", "gb18030"),
        ("BIG5", "big5hkscs"),
        ("'utf8'", "utf-8"),
        ("latin1", "cp1252"),
    ],
)
def test_labels_are_read_as_browsers_read_them(label: str, codec: str) -> None:
    assert declared(label) == codec


def test_an_unknown_label_is_none() -> None:
    assert declared("no-such-charset") is None


@pytest.mark.parametrize(
    "raw",
    [
        bytes(range(256)) * 8,
        b"\x00" * 4000,
        b"\x89abc\x00\x01\x02\x03" * 100,
        b"MZ\x90\x00\x03\x00\x00\x00" * 50,
    ],
)
def test_binary_data_is_not_text(raw: bytes) -> None:
    assert charset_of(raw, complete=True) is None
    assert format_of(raw) not in ("text", "csv")


@given(
    st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=200, max_size=400)
)
def test_utf8_is_always_told_from_the_rest(text: str) -> None:
    charset = charset_of(text.encode(), complete=True)
    assert charset is not None
    assert decode(text.encode(), charset.codec) == (text, True)


def test_an_encoding_guessed_by_likeness_is_marked() -> None:
    found = read("Société Générale — café, déjà vu, à bientôt, garçon".encode("cp1252"))
    assert [problem.code for problem in found.problems] == ["KD-E112"]


def test_doubtful_bytes_are_marked() -> None:
    found = read("合同".encode("gbk") * 40 + b"\xff\xff\xff " + "金额".encode("gbk") * 40, "a.txt")
    assert [problem.code for problem in found.problems] == ["KD-E112"]
    assert found.text.count("合同") == 40
