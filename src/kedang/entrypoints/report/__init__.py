"""The report that a liquidator prints: `render_report(ReportData(...), language="zh")`."""

from kedang.entrypoints.report.data import (
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
from kedang.entrypoints.report.render import render_report

__all__ = [
    "Balance",
    "ClassCount",
    "CodeCount",
    "FindingCount",
    "LedgerHead",
    "NamedCount",
    "ReportData",
    "RetentionCount",
    "RuleText",
    "SourceLine",
    "Storage",
    "YearCount",
    "render_report",
]
