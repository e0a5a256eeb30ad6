"""Pages that lie turned or askew are set upright; upright pages are left alone."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from kedang.extraction.ocr_layout import page_text, tilt_degrees
from kedang.extraction.orientation import Turn, upright
from tests.extraction.pictures import character_errors, engine, page, pixels

LINES = (
    "服务合同书",
    "甲方：杭州瑞丰装饰工程有限公司",
    "身份证号码：110108196802060012",
    "联系电话：13991399844",
    "本合同自双方签字盖章之日起生效，有效期三年，期满前三十日内可协商续签。",
    "任何一方未经对方书面同意，不得将本合同项下的权利义务转让给第三方。",
)


def drawn(skew: float = 0.0) -> Image.Image:
    sheet = page(*LINES, size=28, width=1200, height=640)
    return sheet.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=255)


@pytest.mark.parametrize("skew", [0.0, 2.5, -4.0])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_reads_the_same_whichever_way_it_lies(quarters: int, skew: float) -> None:
    lying = np.ascontiguousarray(np.rot90(pixels(drawn(skew)), quarters))
    read = engine().read(lying)
    assert read.turn == Turn((4 - quarters) % 4)
    assert character_errors("".join(LINES), page_text(read.lines)) < 0.02
    assert abs(tilt_degrees(read.lines) + skew) < 0.7


@pytest.mark.parametrize("turn", list(Turn))
def test_four_quarters_make_a_whole(turn: Turn) -> None:
    sheet = pixels(drawn())
    again = upright(upright(sheet, turn), Turn((4 - turn) % 4))
    assert np.array_equal(again, sheet)


def test_chinese_set_in_columns_is_read_from_the_right() -> None:
    columns = ("土地整治中心档案", "客户合同管理制度", "保管期限三十年整")
    sheet = Image.new("RGB", (520, 760), "white")
    for number, column in enumerate(columns):
        for row, sign in enumerate(column):
            one = page(sign, size=56, width=160, height=160).crop((60, 50, 124, 122))
            sheet.paste(one, (400 - number * 150, 60 + row * 78))
    read = engine().read(pixels(sheet))
    assert character_errors("".join(columns), page_text(read.lines)) < 0.1


@pytest.mark.parametrize(
    "sheet",
    [
        Image.new("RGB", (600, 400), "white"),
        Image.new("RGB", (600, 400), "black"),
        Image.effect_noise((600, 400), 90).convert("RGB"),
        Image.radial_gradient("L").convert("RGB"),
    ],
    ids=["white", "black", "noise", "shade"],
)
def test_a_page_without_writing_is_neither_turned_nor_read(sheet: Image.Image) -> None:
    read = engine().read(pixels(sheet))
    assert (read.turn, read.lines) == (Turn.NONE, ())
