"""Facts by class: parties, numbers, dates, amounts, method, rating."""

from __future__ import annotations

import pytest

from kedang.appraisal.facts import fact_kinds, read_facts
from kedang.appraisal.findings import find_personal_data
from kedang.appraisal.folding import fold
from kedang.records.content import Fact, RecordClass

CONTRACT = """采购合同
合同编号：HT-2023-0305
甲方：杭州云帆贸易有限公司
乙方：林小梅
双方于2023年3月5日签订本合同，合同总价为人民币壹拾贰万叁仟元整（¥123,000.00）。
付款方式：银行转账。质保期12个月。
合同有效期自2023年3月5日起至2024年3月4日止。"""


def facts(text: str, record_class: RecordClass) -> list[Fact]:
    return list(read_facts(fold(text), find_personal_data(text).findings, record_class))


def said(text: str, record_class: RecordClass) -> set[tuple[str, str]]:
    return {(fact.kind, fact.value) for fact in facts(text, record_class)}


def test_a_contract_tells_its_parties_dates_price_and_terms() -> None:
    assert said(CONTRACT, RecordClass.CONTRACT) >= {
        ("contract_number", "HT-2023-0305"), ("party", "杭州云帆贸易有限公司"), ("party", "林小梅"),
        ("signed_on", "2023-03-05"), ("amount", "123000.00"), ("method", "银行转账"), ("warranty", "P12M"),
        ("valid_from", "2023-03-05"), ("valid_until", "2024-03-04"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "record_class", "fact"),
    [
        ("订单号：DD230305001\n下单日期：2023/3/5", RecordClass.TRANSACTION, ("order_number", "DD230305001")),
        ("下单日期：2023/3/5", RecordClass.TRANSACTION, ("issued_on", "2023-03-05")),
        (
            "发票号码：12345678 开票日期：2023年05月06日",
            RecordClass.TRANSACTION,
            ("invoice_number", "12345678"),
        ),
        ("发票代码：033001900104", RecordClass.TRANSACTION, ("invoice_code", "033001900104")),
        ("价税合计（大写）壹仟元整 （小写）¥1000.00", RecordClass.TRANSACTION, ("amount", "1000.00")),
        ("收款收据\n日期：2023年3月5日\n今收到：林小梅", RecordClass.TRANSACTION, ("paid_on", "2023-03-05")),
        ("支付方式：微信", RecordClass.TRANSACTION, ("method", "微信支付")),
        ("网上银行电子回单\n交易日期：20230305", RecordClass.TRANSACTION, ("paid_on", "2023-03-05")),
        ("服务满意度：非常满意", RecordClass.SERVICE, ("rating", "非常满意")),
        ("客户评价：4.5分", RecordClass.SERVICE, ("rating", "4.5分")),
        ("投诉内容：送货延迟三天", RecordClass.OTHER, ("content", "送货延迟三天")),
        ("投诉日期：2023.3.5", RecordClass.OTHER, ("occurred_on", "2023-03-05")),
        ("保修一年", RecordClass.SERVICE, ("warranty", "P1Y")),
        ("质保期至2025年3月4日", RecordClass.CONTRACT, ("obligations_end", "2025-03-04")),
        ("签约代表：林小梅 日期：2023-03-05", RecordClass.CONTRACT, ("signed_on", "2023-03-05")),
        ("服务终止日期：2023年12月31日", RecordClass.PERSONAL, ("service_stopped_on", "2023-12-31")),
    ],
)
def test_a_fact_is_read_behind_its_label(text: str, record_class: RecordClass, fact: tuple[str, str]) -> None:
    assert fact in said(text, record_class)


def test_the_day_of_an_earlier_contract_is_not_the_day_of_this_one() -> None:
    text = "双方于2022年6月9日签订了编号为XS-1的合同，现补充如下。\n日期：2022年10月7日"
    assert {value for kind, value in said(text, RecordClass.CONTRACT) if kind == "signed_on"} == {
        "2022-10-07"
    }


def test_positions_point_at_what_was_read() -> None:
    for fact in facts(CONTRACT, RecordClass.CONTRACT):
        written = CONTRACT[fact.start : fact.end]
        assert written
        if fact.kind in ("party", "contract_number"):
            assert written == fact.value


def test_the_list_of_kinds_is_closed() -> None:
    assert {fact.kind for fact in facts(CONTRACT, RecordClass.CONTRACT)} <= set(fact_kinds())
