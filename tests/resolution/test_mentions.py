"""Mentions: which numbers belong to which name, and in which part somebody is named."""

from __future__ import annotations

from kedang.records.content import (
    Appraisal,
    Extraction,
    Finding,
    FindingCategory,
    RecordClass,
    Sensitivity,
    Table,
)
from kedang.records.identifiers import Identifier, IdentifierKind
from kedang.resolution.mentions import Mention, MentionKind, Role, mentions_of

C = FindingCategory


def appraised(
    text: str, found: list[tuple[C, str]], *, record_class: RecordClass = RecordClass.CONTRACT
) -> Appraisal:
    """An appraisal that found each value at its next place in the text."""
    findings, last = [], 0
    for category, value in found:
        last = text.index(value, last)
        findings.append(Finding(category, last, last + len(value), 0.95))
        last += len(value)
    return Appraisal(
        record_class, 0.9, (), accounting=False, accounting_kind=None, sensitivity=Sensitivity.PERSONAL, title="",
        record_date=None, findings=tuple(findings), facts=(),
    )  # fmt: skip


def by_name(mentions: tuple[Mention, ...]) -> dict[str, Mention]:
    return {mention.normalised: mention for mention in mentions}


def test_numbers_of_a_party_block_belong_to_their_party() -> None:
    text = (
        "甲方：杭州云帆贸易有限公司\n统一社会信用代码：91330106MA2CE0J17P\n联系人：张伟 13800138000\n"
        "乙方：林小梅\n身份证号：110101199003074477"
    )
    found = [
        (C.ORGANISATION_NAME, "杭州云帆贸易有限公司"), (C.CREDIT_CODE, "91330106MA2CE0J17P"), (C.PERSON_NAME, "张伟"),
        (C.MOBILE_PHONE, "13800138000"), (C.PERSON_NAME, "林小梅"), (C.RESIDENT_ID, "110101199003074477"),
    ]  # fmt: skip
    named = by_name(mentions_of(Extraction(text=text), appraised(text, found)))
    company, contact, lin = named["杭州云帆贸易有限公司"], named["张伟"], named["林小梅"]
    assert company.role is Role.CONTRACT_PARTY
    assert company.identifiers == (Identifier(IdentifierKind.CREDIT_CODE, "91330106MA2CE0J17P"),)
    assert (contact.role, contact.identifiers) == (
        Role.CONTACT,
        (Identifier(IdentifierKind.MOBILE_PHONE, "13800138000"),),
    )
    assert lin.role is Role.CONTRACT_PARTY
    assert lin.identifiers == (Identifier(IdentifierKind.RESIDENT_ID, "110101199003074477"),)


def test_a_row_of_a_customer_list_ties_its_numbers_to_its_name() -> None:
    headers = ("客户名称", "联系人", "手机")
    rows = (("杭州云帆贸易有限公司", "张伟", "13800138000"), ("林小梅", "林小梅", "13900139000"))
    text = "\n".join("\t".join(row) for row in rows)
    table = Table("客户", headers, rows, 2, (0, len("\t".join(rows[0])) + 1))
    found = [
        (C.ORGANISATION_NAME, "杭州云帆贸易有限公司"), (C.PERSON_NAME, "张伟"), (C.MOBILE_PHONE, "13800138000"),
        (C.PERSON_NAME, "林小梅"), (C.MOBILE_PHONE, "13900139000"),
    ]  # fmt: skip
    mentions = mentions_of(
        Extraction(text=text, tables=(table,)), appraised(text, found, record_class=RecordClass.PERSONAL)
    )
    named = by_name(mentions)
    assert named["杭州云帆贸易有限公司"].role is Role.CUSTOMER_LIST
    assert named["张伟"].role is Role.CONTACT
    assert named["林小梅"].identifiers == (Identifier(IdentifierKind.MOBILE_PHONE, "13900139000"),)
    assert {mention.row for mention in mentions} == {(0, 0), (0, 1)}


def test_an_invoices_drawer_is_our_own_and_its_buyer_is_not() -> None:
    text = "购买方名称：杭州云帆贸易有限公司\n开票人：林小梅"
    found = [(C.ORGANISATION_NAME, "杭州云帆贸易有限公司"), (C.PERSON_NAME, "林小梅")]
    named = by_name(
        mentions_of(Extraction(text=text), appraised(text, found, record_class=RecordClass.TRANSACTION))
    )
    assert named["杭州云帆贸易有限公司"].role is Role.BUYER
    assert named["林小梅"].role is Role.HANDLER


def test_senders_and_receivers_of_a_message_are_mentions_without_a_place() -> None:
    metadata = (("from", "林小梅 <Lin@example.com>"), ("to", "云帆贸易有限公司 <info@yunfan.example.com>"))
    mentions = mentions_of(Extraction(text="", metadata=metadata), appraised("", []))
    assert [(one.kind, one.role, one.start, one.end) for one in mentions] == [
        (MentionKind.PERSON, Role.SENDER, 0, 0),
        (MentionKind.ORGANISATION, Role.RECIPIENT, 0, 0),
    ]
    assert mentions[0].identifiers == (Identifier(IdentifierKind.EMAIL, "lin@example.com"),)


def test_a_number_whose_check_digit_fails_is_no_identifier() -> None:
    text = "乙方：林小梅\n身份证号：110101199003074478"
    found = [(C.PERSON_NAME, "林小梅"), (C.RESIDENT_ID, "110101199003074478")]
    assert mentions_of(Extraction(text=text), appraised(text, found))[0].identifiers == ()


def roles(text: str, found: list[tuple[C, str]], **kind: RecordClass) -> dict[str, Role]:
    mentions = mentions_of(Extraction(text=text), appraised(text, found, **kind))
    return {mention.normalised: mention.role for mention in mentions}


def test_a_name_inside_the_words_of_a_cell_is_spoken_of_in_passing() -> None:
    text = "日期\t凭证号\t摘要\t金额\n01-09\t记-5\t马宇航 货款\t10,191.21\n01-15\t记-6\t高秀英\t200.00"
    said = roles(
        text, [(C.PERSON_NAME, "马宇航"), (C.PERSON_NAME, "高秀英")], record_class=RecordClass.TRANSACTION
    )
    assert said == {"马宇航": Role.IN_PASSING, "高秀英": Role.NAMED}


def test_a_labelled_name_in_a_cell_and_a_name_with_a_title_are_told_plainly() -> None:
    text = "1\t参加人:郑景行先生 商定付款\t3\n2\t孙犇先生\t4"
    said = roles(
        text, [(C.PERSON_NAME, "郑景行"), (C.PERSON_NAME, "孙犇")], record_class=RecordClass.COMMUNICATION
    )
    assert Role.IN_PASSING not in said.values()


def test_a_name_in_a_cell_of_its_own_counts_before_the_same_name_in_words() -> None:
    text = "来访\t拜访林小梅\t林小梅"
    said = roles(
        text, [(C.PERSON_NAME, "林小梅"), (C.PERSON_NAME, "林小梅")], record_class=RecordClass.COMMUNICATION
    )
    assert said == {"林小梅": Role.NAMED}


def test_rows_of_a_markdown_table_tie_numbers_to_names() -> None:
    text = "| 姓名 | 电话 | 常买 |\n|---|---|---|\n| 林小梅 | 13800138000 | 茯茶 |\n| 薄文 | 13900139000 | 白茶 |"
    found = [
        (C.PERSON_NAME, "林小梅"), (C.MOBILE_PHONE, "13800138000"), (C.PERSON_NAME, "薄文"), (C.MOBILE_PHONE, "13900139000"),
    ]  # fmt: skip
    told = by_name(mentions_of(Extraction(text=text), appraised(text, found)))
    assert [number.value for number in told["林小梅"].identifiers] == ["13800138000"]
    assert [number.value for number in told["薄文"].identifiers] == ["13900139000"]


def test_a_customer_in_a_sentence_is_no_field_of_a_form() -> None:
    found = [(C.PERSON_NAME, "林小梅")]
    assert roles("老客户林小梅住在城西", found, record_class=RecordClass.OTHER) == {"林小梅": Role.NAMED}
    assert roles("客户：林小梅", found, record_class=RecordClass.OTHER) == {"林小梅": Role.BUYER}


def test_a_borrower_is_a_party_of_contracts_only() -> None:
    found = [(C.PERSON_NAME, "林小梅")]
    assert roles("借款人：林小梅", found) == {"林小梅": Role.CONTRACT_PARTY}
    assert roles("借款人：林小梅", found, record_class=RecordClass.TRANSACTION) == {"林小梅": Role.NAMED}
