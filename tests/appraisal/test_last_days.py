"""The last day a list, a talk or a period speaks of: periods of keeping run from it, never from an earlier one."""

from __future__ import annotations

import pytest

from kedang.appraisal.last_days import last_days
from kedang.records.content import RecordClass, Table

ORDERS = Table(
    "Sheet1",
    ("订单号", "下单日期", "到期日"),
    (("D1", "2023-11-05", "2031-01-01"), ("D2", "2024-02-29", "2030-01-01"), ("D3", "2021/3/4", "")),
    2,
    (20, 40, 60),
)


def told(
    text: str,
    *titles: str,
    tables: tuple[Table, ...] = (),
    of: RecordClass = RecordClass.TRANSACTION,
    accounting: bool = False,
) -> dict[str, str]:
    return {fact.kind: fact.value for fact in last_days(text, tables, titles, of, accounting=accounting)}


@pytest.mark.parametrize(
    ("title", "end"),
    [
        ("2022年6001主营业务收入总账", "2022-12-31"),
        ("2022年第二季度利润表", "2022-06-30"),
        ("2024年2月银行对账单", "2024-02-29"),
        ("2021年上半年财务报表", "2021-06-30"),
        ("202409282024年应收账款日记账_改", "2024-12-31"),
        ("科目:1122 应收账款明细账 年度:2023", "2023-12-31"),
    ],
)
def test_a_book_or_report_names_its_period(title: str, end: str) -> None:
    assert told("", title, accounting=True) == {"period_end": end}


def test_of_two_periods_the_later_counts() -> None:
    assert told("2022年与2023年往来明细账", accounting=True) == {"period_end": "2023-12-31"}


def test_a_whole_date_and_a_paper_about_one_thing_name_no_period() -> None:
    assert told("2022年5月9日\n送货单") == {}
    assert told("2022年产新茶报价") == {}


def test_the_latest_row_counts_wherever_it_stands_and_no_day_of_expiry() -> None:
    assert told("", tables=(ORDERS,)) == {"last_entry_on": "2024-02-29"}


def test_rows_written_into_the_text_count_like_tables() -> None:
    text = "受理日期\t内容\t生日\n2023-02-03\t胀包\t1990-01-01\n2023-03-01\t破损\t2029-01-01"
    assert told(text, of=RecordClass.SERVICE) == {"last_entry_on": "2023-03-01"}


def test_one_row_is_no_list() -> None:
    assert told("日期\t内容\n2023-02-03\t胀包", of=RecordClass.SERVICE) == {}


def test_a_talk_ends_with_its_last_line() -> None:
    lines = "\n".join(f"高国栋  2024-11-0{day} 17:03:13\n收到" for day in (5, 7, 6))
    assert told(lines, of=RecordClass.COMMUNICATION) == {"last_message_on": "2024-11-07"}
    assert told(lines, of=RecordClass.CONTRACT) == {}
