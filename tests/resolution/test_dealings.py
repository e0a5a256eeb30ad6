from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.records.content import Fact, RecordClass
from kedang.resolution.dealings import (
    STEPS,
    Control,
    Paper,
    PaperKind,
    dealings_of,
    paper_of,
    reconcile,
)

SPRING = date(2024, 4, 1)
ORDER = "order_number:dd240416384"


def _paper(
    record: str,
    kind: str,
    *,
    number: str = ORDER,
    total: str | None = "100.00",
    day: date | None = SPRING,
) -> Paper:
    numbers = frozenset({number} if number else ())
    return Paper(record, PaperKind(kind), numbers, Decimal(total) if total else None, day)


WHOLE = [_paper(kind, kind) for kind in ("contract", "order", "payment", "invoice", "delivery")]


def test_a_whole_chain_is_closed() -> None:
    (dealing,) = dealings_of(WHOLE)
    assert dealing.is_closed
    assert [paper.kind for paper in dealing.papers] == list(STEPS)
    assert set(dealing.sums.values()) == {Decimal("100.00")}


@pytest.mark.parametrize("step", ["contract", "order", "payment", "invoice", "delivery"])
def test_each_missing_step_is_a_line_in_both_languages(step: str) -> None:
    (dealing,) = dealings_of(paper for paper in WHOLE if paper.kind.value != step)
    assert [line.code for line in dealing.gaps] == [f"missing-{step}"]
    assert dealing.gaps[0].words("zh").endswith("。")
    assert dealing.gaps[0].words("en").endswith(".")


@pytest.mark.parametrize("step", ["order", "payment", "invoice", "delivery"])
def test_a_sum_that_differs_says_by_how_much(step: str) -> None:
    other = [_paper(step, step, total="1100.50") if one.kind.value == step else one for one in WHOLE]
    (dealing,) = dealings_of(other)
    assert [(line.code, line.values["difference"]) for line in dealing.gaps] == [
        (f"differs-{step}", "1,000.50")
    ]
    assert "1,000.50" in dealing.gaps[0].words("zh")


def test_part_payments_add_up() -> None:
    parts = [_paper("first", "payment", total="60.00"), _paper("second", "payment", total="40.00")]
    (dealing,) = dealings_of([one for one in WHOLE if one.kind is not PaperKind.PAYMENT] + parts)
    assert dealing.is_closed


def test_a_scan_of_the_same_contract_counts_once() -> None:
    (dealing,) = dealings_of([*WHOLE, _paper("scan", "contract")])
    assert dealing.is_closed
    assert len(dealing.papers) == 6


def test_a_paper_without_a_number_joins_by_amount_and_says_so() -> None:
    loose = _paper("receipt", "payment", number="", day=date(2024, 5, 20))
    rest = [one for one in WHOLE if one.kind is not PaperKind.PAYMENT]
    (dealing,) = dealings_of([*rest, loose])
    assert dealing.by_amount == {"receipt"}
    assert [line.code for line in dealing.gaps] == ["joined-by-amount"]


@pytest.mark.parametrize(
    "loose",
    [
        _paper("receipt", "payment", number="", total="99.99"),
        _paper("receipt", "payment", number="", day=date(2025, 4, 1)),
        _paper("receipt", "payment", number="", day=None),
        _paper("receipt", "payment", number="", total=None),
    ],
)
def test_a_paper_that_does_not_fit_stays_alone(loose: Paper) -> None:
    rest = [one for one in WHOLE if one.kind is not PaperKind.PAYMENT]
    assert len(dealings_of([*rest, loose])) == 2


def test_a_receipt_that_fits_two_dealings_is_given_to_neither() -> None:
    twins = [
        _paper(f"{kind}-{n}", kind, number=f"order_number:dd{n}0000")
        for n in (1, 2)
        for kind in ("contract", "order")
    ]
    assert len(dealings_of([*twins, _paper("receipt", "payment", number="")])) == 3


def test_an_amount_that_was_not_recognised_is_said() -> None:
    (dealing,) = dealings_of([*WHOLE, _paper("unread", "delivery", total=None)])
    assert [line.code for line in dealing.gaps] == ["amount-unknown"]


@given(
    st.lists(st.tuples(st.sampled_from(list(PaperKind)), st.integers(0, 3), st.integers(1, 3)), max_size=12),
    st.integers(),
)
def test_the_order_of_arrival_does_not_matter(drawn: list[tuple[PaperKind, int, int]], seed: int) -> None:
    papers = [
        _paper(
            f"{place:02}",
            kind.value,
            number=f"order_number:{number}00000" if number else "",
            total=f"{total}.50",
        )
        for place, (kind, number, total) in enumerate(drawn)
    ]
    mixed = random.Random(seed).sample(papers, len(papers))
    assert dealings_of(mixed) == dealings_of(papers)
    assert sorted(one.record for dealing in dealings_of(papers) for one in dealing.papers) == [
        one.record for one in papers
    ]


def _fact(kind: str, value: str) -> Fact:
    return Fact(kind, value, 0, 0, 0.9)


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("1", "往来对账单\n客户名称：某某", PaperKind.STATEMENT),
        ("出库单", "出库单\n单号：SH20250615-51 对应订单：DD250615905", PaperKind.DELIVERY),
        ("收据", "收据\nNo.5312072", PaperKind.PAYMENT),
        ("original_invoice", "EInvoiceTag: SWEI3200", PaperKind.INVOICE),
        ("客户订单确认书", "訂單號", PaperKind.ORDER),
        ("聚餐点菜单", "蒜蓉空心菜16元", None),
    ],
)
def test_what_a_paper_is_stands_at_its_head(title: str, text: str, kind: PaperKind | None) -> None:
    paper = paper_of("r", RecordClass.TRANSACTION, title, text, (), None)
    assert (paper.kind if paper else None) is kind


def test_years_and_short_numbers_are_neither_amount_nor_number() -> None:
    facts = [
        _fact("amount", "2024.00"),
        _fact("amount", "46139.27"),
        _fact("order_number", "2024"),
        _fact("contract_number", "XS-2024-0190"),
    ]
    paper = paper_of("r", RecordClass.CONTRACT, "", "", facts, SPRING)
    assert paper is not None
    assert (paper.total, paper.numbers) == (Decimal("46139.27"), frozenset({"contract_number:xs-2024-0190"}))
    assert paper_of("r", RecordClass.PERSONAL, "合同", "合同", facts, SPRING) is None


def test_control_totals_are_compared_kind_by_kind() -> None:
    controls = [Control(PaperKind.INVOICE, 2, Decimal("150.00")), Control(PaperKind.ORDER, 1)]
    lines = {line.kind: line for line in reconcile([*WHOLE, _paper("copy", "invoice")], controls)}
    invoice, order, payment = (lines[PaperKind(kind)] for kind in ("invoice", "order", "payment"))
    assert (invoice.count, invoice.count_difference, invoice.total_difference) == (1, -1, Decimal("-50.00"))
    assert (order.count_difference, order.total_difference) == (0, None)
    assert (payment.count, payment.count_difference, payment.total_difference) == (1, None, None)


def test_two_hundred_known_gaps_are_found_and_none_is_invented() -> None:
    chance = random.Random(20240401)
    papers: list[Paper] = []
    planted: dict[str, str] = {}
    for place in range(500):
        number, total = (
            f"order_number:dd{place:06}",
            f"{chance.randrange(100, 10**7)}.{chance.randrange(100):02}",
        )
        chain = {kind: _paper(f"{place}-{kind}", kind, number=number, total=total) for kind in STEPS}
        if place < 200:
            step = chance.choice([kind for kind in STEPS if kind is not PaperKind.CONTRACT])
            if place % 2:
                del chain[step]
                planted[number] = f"missing-{step.value}"
            else:
                chain[step] = _paper(f"{place}-{step}", step, number=number, total="13.13")
                planted[number] = f"differs-{step.value}"
        papers += chain.values()
    chance.shuffle(papers)
    found = {
        next(iter(dealing.papers[0].numbers)): [line.code for line in dealing.gaps]
        for dealing in dealings_of(papers)
    }
    assert len(found) == 500
    assert {number: codes[0] for number, codes in found.items() if codes} == planted
    assert all(len(codes) <= 1 for codes in found.values())


@pytest.mark.parametrize(
    ("written", "total"),
    [
        ("2000.00元", "2000.00"),
        ("￥2000", "2000.00"),
        ("2000元整", "2000.00"),
        ("2000年", None),
        ("2000", None),
    ],
)
def test_a_round_sum_of_a_year_s_size_is_money_where_it_is_written_so(
    written: str, total: str | None
) -> None:
    text = f"收据 合计 {written}"
    start = text.index("2000")
    fact = Fact("amount", "2000.00", start, start + 4, 1.0)
    paper = paper_of("r1", RecordClass.TRANSACTION, "收据", text, [fact], SPRING)
    assert paper is not None
    assert paper.total == (Decimal(total) if total else None)
