"""A report's data as a middling company would give it: fictional throughout."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from kedang.entrypoints.report import (
    Balance,
    ClassCount,
    CodeCount,
    FindingCount,
    LedgerHead,
    NamedCount,
    ReportData,
    RetentionCount,
    RuleText,
    SourceLine,
    Storage,
    YearCount,
)
from kedang.records.content import FindingCategory, RecordClass, Sensitivity

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=timezone(timedelta(hours=8)))
DESKS = ("销售一部", "销售二部", "客户服务", "财务", "仓储物流", "售后维修", "行政", "总经办")
_CATEGORIES = (
    (FindingCategory.PERSON_NAME, 412), (FindingCategory.MOBILE_PHONE, 365), (FindingCategory.ADDRESS, 241),
    (FindingCategory.ORGANISATION_NAME, 388), (FindingCategory.RESIDENT_ID, 57), (FindingCategory.EMAIL, 143),
    (FindingCategory.BANK_CARD, 31), (FindingCategory.CREDIT_CODE, 96), (FindingCategory.LICENCE_PLATE, 12),
    (FindingCategory.INVOICE_NUMBER, 118), (FindingCategory.WECHAT_ID, 44),
)  # fmt: skip
_YEARS = (12, 31, 58, 140, 322, 455, 610, 702, 688, 512, 281)
_CHECKPOINT = """kedang.example/7f3a5c0e9b1d4826a0c4e8f2d6b19375/1
18244
q3W7m0m1x9JzYh6cXk0sGv6o0b0Wl6c2Yk1w3dJr5fA=

— kedang.example/7f3a5c0e9b1d4826a0c4e8f2d6b19375/1 7Q2hZ1uXv0pJm3yQnJm8l8r4xW5c0b5nWl0Qe3T6kVtYb9aC
"""


def sample_report() -> ReportData:
    """The books balance, questions are open, all parts are filled."""
    return ReportData(
        case_name="上海恒信机电贸易有限公司",
        fonds="H087",
        credit_code="91310115MA1K3XYZ5A",
        made_at=NOW,
        made_by="清算组档案员 林晓",
        balance=Balance(
            4318, 4262, (CodeCount("KD-A104", 31), CodeCount("KD-A107", 18), CodeCount("KD-A109", 7)), 0
        ),
        records=3874,
        destroyed=12,
        duplicates=376,
        archived=3711,
        customers=1246,
        unlinked=214,
        sources=(
            SourceLine("销售部共享盘（旧服务器）", "collected", 2210, 2189),
            SourceLine("财务电脑 D 盘", "collected", 1042, 1030),
            SourceLine("客服邮箱 2019–2024", "collected", 1066, 1043),
            SourceLine("王经理个人手机", "outstanding", 0, 0),
        ),
        by_class=_classes(),
        by_year=(
            *(YearCount(2014 + n, count) for n, count in enumerate(_YEARS)),
            YearCount(None, 63),
        ),
        by_desk=tuple(
            NamedCount(desk, count, count * 431_007)
            for desk, count in zip(DESKS, (1022, 871, 655, 540, 322, 288, 121, 55), strict=True)
        ),
        by_customer=_customers(),
        sensitivity=(
            (Sensitivity.GENERAL, 1404), (Sensitivity.PERSONAL, 2011),
            (Sensitivity.SENSITIVE_PERSONAL, 388), (Sensitivity.TRADE_SECRET, 71),
        ),
        personal_data=tuple(
            FindingCount(category, desk, most * (11 - 3 * ((row + column) % 4)) // (10 + 4 * column))
            for row, (category, most) in enumerate(_CATEGORIES)
            for column, desk in enumerate(DESKS)
        ),
        retention=_retention(),
        rules=(
            RuleText("contract-10", "经济合同", "合同终止后 10 年", "本公司档案保管期限表"),
            RuleText("accounting-30", "会计凭证与账簿", "会计年度终了后 30 年", "会计档案管理办法 附表一"),
            RuleText("service-3", "交易与服务信息", "交易完成后 3 年", "电子商务法第 31 条"),
            RuleText("processing-3", "个人信息处理情况记录", "记录形成后 3 年", "个人信息保护法第 56 条"),
            RuleText("annual-permanent", "年度财务会计报告", "永久", "会计档案管理办法 附表一"),
        ),
        retention_undetermined=87,
        questions=(
            CodeCount("KD-G101", 96), CodeCount("KD-E101", 14), CodeCount("KD-E102", 9),
            CodeCount("KD-E105", 2),
        ),
        storage=Storage(2_914_332_118, 2_101_774_336, 67, 4, 1, 19_702_784, key_sheet_places=3),
        ledger=LedgerHead(
            "kedang.example/7f3a5c0e9b1d4826a0c4e8f2d6b19375/1", 18_244,
            "q3W7m0m1x9JzYh6cXk0sGv6o0b0Wl6c2Yk1w3dJr5fA=", NOW, _CHECKPOINT,
        ),
    )  # fmt: skip


def _classes() -> tuple[ClassCount, ...]:
    counts = ((702, 0), (611, 0), (1190, 822), (544, 0), (601, 0), (226, 0))
    return tuple(
        ClassCount(kind, count, accounting)
        for kind, (count, accounting) in zip(RecordClass, counts, strict=True)
    )


def _customers() -> tuple[NamedCount, ...]:
    names = (
        "苏州某某精密机械有限公司",
        "张三丰",
        "杭州鑫宇电子科技有限公司",
        "欧阳海燕",
        "青岛海天物流集团有限公司胶州分公司",
        "阿卜杜拉·买买提",
        "无锡太湖水务工程有限公司",
        "陈晓雪",
        "北京华英医疗器械有限公司",
        "Johnson Controls (Shanghai) Ltd.",
    )
    return tuple(NamedCount(name, 118 - 9 * place) for place, name in enumerate(names))


def _retention() -> tuple[RetentionCount, ...]:
    lines = [RetentionCount(2027 + n, "contract-10", 40 + 17 * (n % 5)) for n in range(9)]
    lines += [RetentionCount(2026 + n, "service-3", 210 - 60 * n) for n in range(3)]
    lines += [RetentionCount(2026 + n, "processing-3", 120 - 30 * n) for n in range(3)]
    lines += [RetentionCount(2045 + n, "accounting-30", 60 + 12 * n) for n in range(10)]
    lines.append(RetentionCount(None, "annual-permanent", 41))
    return tuple(lines)


def empty_report() -> ReportData:
    """A case in which nothing was received yet."""
    return replace(
        sample_report(),
        balance=Balance(0, 0, (), 0),
        records=0, destroyed=0, duplicates=0, archived=0, customers=0, unlinked=0, credit_code=None,
        sources=(), by_class=(), by_year=(), by_desk=(), by_customer=(), sensitivity=(), personal_data=(),
        retention=(), rules=(), retention_undetermined=0, questions=(),
    )  # fmt: skip
