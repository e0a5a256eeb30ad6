"""What the columns of tables mean: by header, by what stands in them, and by what a person says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.records.content import Table
from kedang.resolution.columns import Overrides, column_key, columns_of, sections_of
from kedang.resolution.meanings import Meaning, called, meaning_of_header

M = Meaning
PEOPLE = (("王伟", "13800138000"), ("李娜", "13900139000"), ("陈静", "13700137000"))


def meanings(headers: tuple[str, ...], rows: tuple[tuple[str, ...], ...], **more: Overrides) -> list[Meaning]:
    return [column.meaning for column in columns_of(Table("表", headers, rows, 2), **more)]


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("客户名称", M.NAME), ("姓名", M.PERSON), ("公司全称", M.ORGANISATION), ("联系人", M.CONTACT), ("曾用名", M.ALIAS),
        ("业务员", M.HANDLER), ("跟进人", M.HANDLER), ("供应商", M.OTHER_PARTY), ("快递公司", M.OTHER_PARTY),
        ("客户联系电话(必填)*", M.PHONE), ("手机号码", M.MOBILE), ("電子郵箱", M.EMAIL), ("身份证号", M.RESIDENT_ID),
        ("购买方税号", M.CREDIT_CODE), ("收货地址", M.ADDRESS), ("省份", M.ADDRESS_PART), ("出生年月", M.BIRTH_DATE), ("应收金额", M.AMOUNT),
        ("下单日期", M.DATE), ("订单号", M.ORDER_NUMBER), ("发票号码", M.INVOICE_NUMBER), ("会员编号", M.CUSTOMER_NUMBER),
        ("银行账号", M.ACCOUNT), ("微信号", M.WECHAT), ("QQ", M.QQ), ("备注", M.NOTE), ("数量", M.IGNORED), ("天气", M.UNKNOWN),
        ("customer_name", M.NAME), ("CustomerPhone", M.PHONE), ("BillingAddress", M.ADDRESS), ("order_id", M.ORDER_NUMBER),
        ("CustomerID", M.CUSTOMER_NUMBER), ("Date of Birth", M.BIRTH_DATE), ("e-mail", M.EMAIL), ("contact_title", M.IGNORED),
    ],
)  # fmt: skip
def test_headers_in_both_languages(header: str, meaning: Meaning) -> None:
    assert meaning_of_header(header)[0] is meaning


def test_without_headers_the_cells_decide() -> None:
    rows = (
        ("1", "王伟", "13800138000", "a@b.cn", "浙江省杭州市西湖区文三路5号", "2021-03-04", "1,200.00", "杭州云帆贸易有限公司"),
        ("2", "李娜", "13900139000", "c@d.cn", "上海市浦东新区张江路8号", "2021-03-05", "99.50", "苏州禾澄科技有限公司"),
    )  # fmt: skip
    assert meanings((), rows) == [
        M.UNKNOWN,
        M.PERSON,
        M.MOBILE,
        M.EMAIL,
        M.ADDRESS,
        M.DATE,
        M.AMOUNT,
        M.ORGANISATION,
    ]


def test_cells_that_speak_plainly_overrule_the_header_and_both_are_said() -> None:
    (column,) = columns_of(Table("表", ("电话",), (("a@b.cn",), ("c@d.cn",)), 2))
    assert column.meaning is M.EMAIL
    assert [reason.zh for reason in column.reasons] == ["表头“电话”表示电话", "100% 的单元格像邮箱"]


def test_a_column_of_names_says_which_only_when_all_are_of_one_kind() -> None:
    firms = (("杭州云帆贸易有限公司",), ("苏州禾澄科技有限公司",))
    assert meanings(("客户名称",), firms) == [M.ORGANISATION]
    assert meanings(("客户名称",), (*firms, ("王伟",), ("李娜",))) == [M.NAME]


def test_a_person_has_the_last_word() -> None:
    corrected = {column_key("列甲", 0): M.CONTACT, column_key("", 1): M.ACCOUNT}
    columns = columns_of(Table("表", ("列甲", ""), PEOPLE, 2), overrides=corrected)
    assert [(column.meaning, column.confidence) for column in columns] == [(M.CONTACT, 1.0), (M.ACCOUNT, 1.0)]
    assert columns[0].key == column_key(" 列甲 ", 5), "remembered by its header, wherever it stands"


def test_the_second_line_of_merged_headers_is_no_row() -> None:
    rows = (("名称", "电话", "编号", "金额"), ("云帆贸易公司", "13800138000", "DD2021001", "12.00"))
    (section,) = sections_of(Table("表", ("客户", "", "订单", ""), rows, 2))
    assert (section.first_row, section.end_row) == (1, 2)
    assert [column.meaning for column in section.columns] == [
        M.ORGANISATION,
        M.MOBILE,
        M.ORDER_NUMBER,
        M.AMOUNT,
    ]


def test_two_tables_below_one_another() -> None:
    rows = (*PEOPLE, ("", ""), ("订单号", "金额"), ("DD001", "12.00"))
    people, orders = sections_of(Table("表", ("姓名", "手机"), rows, 2))
    assert (people.first_row, people.end_row, orders.first_row, orders.end_row) == (0, 4, 5, 6)
    assert [column.meaning for column in orders.columns] == [M.ORDER_NUMBER, M.AMOUNT]


def test_headers_repeated_on_each_page_begin_no_new_table() -> None:
    assert len(sections_of(Table("表", ("姓名", "手机"), (*PEOPLE, ("姓名", "手机"), *PEOPLE), 2))) == 1


def test_two_tables_side_by_side() -> None:
    rows = (("王伟", "13800138000", "", "苏州禾澄科技有限公司", "0512-66668888"),)
    left, right = sections_of(Table("表", ("姓名", "手机", "", "供应商", "电话"), rows, 2))
    assert [column.meaning for column in left.columns] == [M.PERSON, M.MOBILE]
    assert [column.meaning for column in right.columns] == [M.OTHER_PARTY, M.PHONE]


@given(st.lists(st.lists(st.text(max_size=6), max_size=4).map(tuple), max_size=6).map(tuple), st.lists(st.text(max_size=4), max_size=4).map(tuple))  # fmt: skip
def test_sections_never_overlap_and_hold_every_filled_cell(
    rows: tuple[tuple[str, ...], ...], headers: tuple[str, ...]
) -> None:
    sections = sections_of(Table("表", headers, rows, 1))
    held = [(row, column.place) for one in sections for row in range(one.first_row, one.end_row) for column in one.columns]  # fmt: skip
    assert len(held) == len(set(held))
    covered = {row for one in sections for row in range(one.first_row, one.end_row)}
    filled = {(place, at) for place, row in enumerate(rows) for at, cell in enumerate(row) if cell.strip()}
    assert {(row, place) for row, place in filled if row in covered} <= set(held)


@pytest.mark.parametrize("meaning", list(Meaning))
def test_every_meaning_has_words_for_people(meaning: Meaning) -> None:
    assert all(called(meaning))
