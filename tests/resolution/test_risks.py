from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from kedang.records.content import Fact, RecordClass
from kedang.resolution.dealings import Paper, PaperKind, dealings_of
from kedang.resolution.risks import signs_of_dealing, signs_of_list, signs_of_record

TODAY = date(2026, 11, 22)
CONTRACT = RecordClass.CONTRACT
OTHER = RecordClass.OTHER


def _fact(kind: str, day: str) -> Fact:
    return Fact(kind, day, 0, 0, 1.0)


@pytest.mark.parametrize(
    ("record_class", "title", "facts", "codes"),
    [
        (CONTRACT, "购销合同", [_fact("valid_until", "2027-01-31")], ["open-contract"]),
        (CONTRACT, "购销合同", [_fact("valid_until", "2026-11-22")], ["open-contract"]),
        (CONTRACT, "购销合同", [_fact("valid_until", "2026-11-21")], []),
        (
            CONTRACT,
            "购销合同",
            [_fact("valid_until", "2024-01-01"), _fact("obligations_end", "2028-01-01")],
            ["open-contract"],
        ),
        (CONTRACT, "购销合同", [], ["end-unknown"]),
        (CONTRACT, "担保函", [_fact("valid_until", "2020-01-01")], ["guarantee"]),
        (OTHER, "投诉登记表", [], ["complaint"]),
        (OTHER, "投诉登记表", [_fact("closed_on", "2024-02-03")], ["complaint-closed"]),
        (OTHER, "律师函（催款函）", [], ["dispute"]),
        (OTHER, "催款函", [], ["debt"]),
        (OTHER, "满意度调查", [], []),
    ],
)
def test_a_record_says_what_must_be_looked_at(
    record_class: RecordClass, title: str, facts: list[Fact], codes: list[str]
) -> None:
    signs = list(signs_of_record("r1", record_class, title, "", facts, today=TODAY))
    assert [sign.code for sign in signs] == codes
    assert all(sign.words("zh").endswith("。") and sign.words("en").endswith(".") for sign in signs)
    assert all(sign.why("zh") and sign.why("en") for sign in signs)


def test_words_far_down_a_text_make_no_sign() -> None:
    text = "会议纪要" + "　" * 60 + "投诉"
    assert not list(signs_of_record("r1", OTHER, "", text, [], today=TODAY))


def test_a_list_only_says_that_he_is_in_it() -> None:
    assert [sign.code for sign in signs_of_list("r1", "2024年投诉登记表", "")] == ["in-list"]
    assert not list(signs_of_list("r1", "客户名单", ""))


def _paper(kind: PaperKind, total: str) -> Paper:
    return Paper(kind.value, kind, frozenset({"order_number:dd240001"}), Decimal(total), date(2024, 1, 1))


@pytest.mark.parametrize(
    ("papers", "codes"),
    [
        ({PaperKind.CONTRACT: "100", PaperKind.PAYMENT: "60", PaperKind.DELIVERY: "100"}, ["unpaid"]),
        ({PaperKind.CONTRACT: "100", PaperKind.PAYMENT: "100"}, ["not-delivered"]),
        ({PaperKind.ORDER: "100"}, ["unpaid"]),
        ({PaperKind.CONTRACT: "100", PaperKind.PAYMENT: "100", PaperKind.DELIVERY: "100"}, []),
        ({PaperKind.INVOICE: "100"}, []),
    ],
)
def test_sums_say_what_is_open(papers: dict[PaperKind, str], codes: list[str]) -> None:
    (dealing,) = dealings_of(_paper(kind, total) for kind, total in papers.items())
    assert [sign.code for sign in signs_of_dealing(dealing)] == codes
