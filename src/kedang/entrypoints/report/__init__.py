"""The report that a liquidator prints: `render_report(ReportData(...), language="zh")`."""

from kedang.entrypoints.report.render import render_report
from kedang.holdings.queries.report_data import (
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
