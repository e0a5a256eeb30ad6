"""Texts made to be slow: time grows with their length and no faster."""

from __future__ import annotations

import time

import pytest

from kedang.appraisal.appraise import appraise
from kedang.records.content import Extraction, Family, Format

TEXT = Format("text/plain", Family.TEXT, "utf-8-text")
PIECES = (
    "公司", "甲方：", "1", "张", "\t", "姓名\t电话\n", "a@", "路1号", "有限公司", "（", "2023年", "、", "张伟、", "1 ",
    "¥1", "微信", "第1条 ", "客户：", "https://a.b/", "镇村", "简称“", "· ", "2023-03-05 10:21:33 张伟\n",
)  # fmt: skip
LEAST_CHARACTERS_PER_SECOND = 5_000


@pytest.mark.parametrize("piece", PIECES)
def test_a_repeated_piece_takes_time_in_proportion(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    begun = time.process_time()
    appraise(Extraction(text=text), TEXT, name="a.txt")
    assert time.process_time() - begun < len(text) / LEAST_CHARACTERS_PER_SECOND


def test_a_list_of_many_rows_takes_time_in_proportion() -> None:
    rows = "".join(f"张伟\t138{number:08d}\tzhang{number}@example.com\n" for number in range(4_000))
    begun = time.process_time()
    found = appraise(Extraction(text="姓名\t手机\t邮箱\n" + rows), TEXT, name="名单.txt")
    assert time.process_time() - begun < len(rows) / LEAST_CHARACTERS_PER_SECOND / 10
    assert len(found.findings) == 12_000
