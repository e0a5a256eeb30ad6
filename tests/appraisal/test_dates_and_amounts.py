"""Dates and amounts in every shape that business papers use."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kedang.appraisal.amounts import capital_amount, find_amounts
from kedang.appraisal.dates import find_dates


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2023年3月5日", date(2023, 3, 5)),
        ("2023年03月05号", date(2023, 3, 5)),
        ("2023 年 3 月 5 日", date(2023, 3, 5)),
        ("二〇二三年三月五日", date(2023, 3, 5)),
        ("二零二三年十二月三十一日", date(2023, 12, 31)),
        ("一九九九年元月廿三日", date(1999, 1, 23)),
        ("2023.3.5", date(2023, 3, 5)),
        ("2023-03-05 10:20", date(2023, 3, 5)),
        ("2023/3/5", date(2023, 3, 5)),
    ],
)
def test_a_date_is_read_in_this_shape(written: str, day: date) -> None:
    assert [one.value for one in find_dates(f"于{written}")] == [day]


@pytest.mark.parametrize(
    "written", ["2023年2月30日", "版本2023.3.5.1", "12023-03-05", "2023-13-05", "单号20230305"]
)
def test_what_is_no_date_is_not_read(written: str) -> None:
    assert list(find_dates(written)) == []


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("¥12,345.67", "12345.67"),
        ("￥800", "800.00"),
        ("1234.5元", "1234.50"),
        ("3.5万元", "35000.00"),
        ("人民币2亿元", "200000000.00"),
        ("RMB 100", "100.00"),
        ("壹万贰仟叁佰肆拾伍元陆角柒分", "12345.67"),
        ("伍拾万元整", "500000.00"),
        ("叁仟零伍圆整", "3005.00"),
        ("壹佰贰拾叁万肆仟元整", "1234000.00"),
    ],
)
def test_an_amount_is_read_in_this_shape(written: str, yuan: str) -> None:
    assert [one.said for one in find_amounts(f"计{written}。")] == [yuan]


def test_capital_numerals_without_yuan_are_no_amount() -> None:
    assert capital_amount("壹贰叁") is None


def test_capital_numerals_and_figures_of_one_invoice_agree() -> None:
    found = list(find_amounts("价税合计（大写）壹万贰仟叁佰元整（小写）¥12300.00"))
    assert {one.yuan for one in found} == {Decimal(12300)}
