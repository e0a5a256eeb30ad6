"""Class, accounting kind, sensitivity, title, date and questions of whole records."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kedang.appraisal import errors
from kedang.appraisal.appraise import appraise
from kedang.records.content import Extraction, Family, Format, RecordClass, Sensitivity, TextSource
from kedang.records.errors import code_texts

DOCUMENT = Format(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Family.DOCUMENT, "docx"
)
MAIL = Format("message/rfc822", Family.MESSAGE, "eml")
AUDIO = Format("audio/mpeg", Family.AUDIO, "mp3")
RECORDS = tomllib.loads((Path(__file__).parent / "labelled" / "records.toml").read_text(encoding="utf-8"))[
    "record"
]


def extraction(text: str, *metadata: tuple[str, str]) -> Extraction:
    return Extraction(text=text, text_source=TextSource.EMBEDDED, metadata=metadata)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["name"])
def test_a_record_is_classed_as_a_person_would(record: dict[str, Any]) -> None:
    found = appraise(extraction(record["text"]), DOCUMENT, name=record["name"])
    assert found.record_class.value == record["class"]
    assert found.accounting_kind == record.get("accounting")
    assert found.accounting == ("accounting" in record)
    assert found.sensitivity.value == record["sensitivity"]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["name"])
def test_every_reason_names_words_that_stand_in_the_record(record: dict[str, Any]) -> None:
    found = appraise(extraction(record["text"]), DOCUMENT, name=record["name"])
    assert found.reasons
    for reason in found.reasons:
        assert reason.weight > 0
        quoted = [part.split("”")[0] for part in reason.zh.split("“")[1:]]
        assert all(word in record["text"] + record["name"] for word in quoted)
        assert all(word in reason.en for word in quoted)


def test_a_mail_is_communication_whatever_it_speaks_of() -> None:
    found = appraise(
        extraction(
            "您好，合同和发票见附件。", ("subject", "合同盖章"), ("date", "2023-03-05T10:00:00+08:00")
        ),
        MAIL,
        name="a.eml",
    )
    assert (found.record_class, found.accounting) == (RecordClass.COMMUNICATION, False)
    assert (found.title, found.record_date) == ("合同盖章", date(2023, 3, 5))


def test_a_recording_without_text_is_communication() -> None:
    assert appraise(extraction(""), AUDIO, name="录音.mp3").record_class is RecordClass.COMMUNICATION


def test_two_classes_with_equal_signs_are_asked_about() -> None:
    found = appraise(
        extraction("甲方、乙方谈到违约责任。另有报修、派工、故障描述、处理结果各一份。"),
        DOCUMENT,
        name="a.docx",
    )
    assert [problem.code for problem in found.problems] == [errors.CLASSES_ABOUT_EQUAL]
    assert {found.problems[0].facts["first"], found.problems[0].facts["second"]} == {"contract", "service"}


def test_a_text_without_any_sign_is_asked_about() -> None:
    found = appraise(extraction("今天的晚霞很美，云像鱼鳞一样铺开。"), DOCUMENT, name="随手记.docx")
    assert found.record_class is RecordClass.OTHER
    assert [problem.code for problem in found.problems] == [errors.TOO_FEW_SIGNS]
    assert found.class_confidence <= 0.4


def test_a_picture_without_text_is_asked_about() -> None:
    form = Format("image/jpeg", Family.IMAGE, "jpg")
    assert [problem.code for problem in appraise(extraction(""), form, name="IMG_0001.jpg").problems] == [
        errors.NO_TEXT
    ]


def test_a_failing_check_digit_is_a_question_that_does_not_block() -> None:
    found = appraise(
        extraction("客户登记卡\n姓名：林小梅\n身份证号：110101199003074478"), DOCUMENT, name="客户登记卡.docx"
    )
    assert errors.CHECK_DIGIT_FAILS in [problem.code for problem in found.problems]
    assert not code_texts()[errors.CHECK_DIGIT_FAILS].blocking
    assert found.sensitivity is Sensitivity.SENSITIVE_PERSONAL


def test_questions_name_nobody() -> None:
    found = appraise(extraction("姓名：林小梅\n身份证号：110101199003074478"), DOCUMENT, name="林小梅.docx")
    for problem in found.problems:
        assert "林小梅" not in str(problem)
        assert "1101011990" not in str(problem)


def test_every_code_has_its_texts() -> None:
    for code in (errors.CLASSES_ABOUT_EQUAL, errors.TOO_FEW_SIGNS, errors.NO_TEXT, errors.CHECK_DIGIT_FAILS):
        text = code_texts()[code]
        assert all((text.zh, text.en, text.next_zh, text.next_en))


@pytest.mark.parametrize(
    ("name", "text", "day"),
    [
        ("a.docx", "会议纪要\n会议时间：2023年3月5日", date(2023, 3, 5)),
        ("扫描20230305.docx", "没有日期的说明书", date(2023, 3, 5)),
        ("a.docx", "登记卡\n出生日期：1990年3月7日", None),
        ("a.docx", "通知\n" + "各部门请按时完成。" * 40 + "\n行政部\n2023年3月5日", date(2023, 3, 5)),
    ],
)
def test_the_day_of_a_record(name: str, text: str, day: date | None) -> None:
    assert appraise(extraction(text), DOCUMENT, name=name).record_date == day


def test_the_title_is_the_heading_and_else_the_name() -> None:
    assert appraise(extraction("购销合同\n甲方：林小梅"), DOCUMENT, name="1.docx").title == "购销合同"
    assert (
        appraise(extraction("姓名：林小梅，电话：13800138000。"), DOCUMENT, name="客户卡.docx").title
        == "客户卡"
    )


def test_a_file_called_contract_whose_text_knows_of_none_is_no_contract() -> None:
    menu = "聚餐点菜单\n红烧肉 两份\n清蒸鲈鱼 一份\n蒜蓉西兰花 三份\n酸辣土豆丝 两份\n米饭按人头，饮料自选，忌口请提前说一声，晚上六点半开席，地点老地方，别迟到"
    found = appraise(extraction(menu), DOCUMENT, name="合同.docx")
    assert found.record_class is RecordClass.OTHER
    handbook = "员工手册(节选)\n第1讲\n打印机的工作原理是静电成像，分为充电、曝光、显影、转印、定影、清洁六步。\n第2讲\n接听时应在三声之内，先报名称，再问需求。"
    assert appraise(extraction(handbook), DOCUMENT, name="客户资料.docx").record_class is RecordClass.OTHER


def test_a_diary_of_visits_is_no_statement_though_it_is_called_so() -> None:
    days = "\n".join(
        f"9月2{day}日 {sky} 去城西跑了一家，把尾款结了，一共26,631.22元。"
        for day, sky in enumerate(("晴", "阴", "小雨", "多云"))
    )
    found = appraise(extraction("跑客户流水账\n" + days), DOCUMENT, name="跑客户流水账.docx")
    assert found.record_class is RecordClass.COMMUNICATION


def test_a_resolution_of_the_shareholders_says_so() -> None:
    text = "关于解散公司的股东会决议\n2022-09-15召开股东会,经全体股东一致同意,决议如下:\n一、同意公司停止经营,成立清算组,办理注销登记。"
    facts = appraise(extraction(text), DOCUMENT, name="决议.docx").facts
    assert ("corporate_paper_on", "2022-09-15") in {(fact.kind, fact.value) for fact in facts}
