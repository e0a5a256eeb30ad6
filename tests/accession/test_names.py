from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.accession.names import hinted_name, readable_name


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("客户合同.docx".encode(), "客户合同.docx"),
        ("客户合同.docx".encode("gbk"), "客户合同.docx"),
        ("镕基喆.txt".encode("gb18030"), "镕基喆.txt"),
        ("客戶資料.xls".encode("big5"), "客戶資料.xls"),
        ("日本語テスト.txt".encode("cp932"), "日本語テスト.txt"),
        ("Müller.txt".encode("cp437"), "Müller.txt"),
        (b"", ""),
        (b"plain.txt", "plain.txt"),
        (b"a\x00b\nc", "a␀b␊c"),
    ],
)
def test_a_name_is_read_in_the_charset_it_was_written_in(raw: bytes, name: str) -> None:
    assert readable_name(raw) == name


@given(st.binary(max_size=64))
def test_every_name_can_be_stored_as_utf8_and_shown_on_one_line(raw: bytes) -> None:
    shown = readable_name(raw)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert not any(ord(character) < 32 for character in shown)


@given(st.text(max_size=32))
def test_utf8_names_are_shown_as_they_are_but_for_control_characters(name: str) -> None:
    printable = "".join(c for c in name if ord(c) >= 32 and ord(c) != 127 and not 0xD800 <= ord(c) < 0xE000)
    assert readable_name(printable.encode("utf-8")) == printable


def test_a_hint_is_followed_only_where_it_reads_without_loss() -> None:
    assert hinted_name("東京".encode("cp932"), "cp932") == "東京"
    assert hinted_name("客户".encode(), "ascii") == "客户"
    assert hinted_name("客户".encode(), "no-such-charset") == "客户"
