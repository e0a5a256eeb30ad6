"""The rows of the finding aid: one for each record, flat enough for a table."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from kedang.catalogue.errors import LabelUnknown
from kedang.records.content import RecordClass, Sensitivity, TextSource
from kedang.records.ids import RecordId

OCCURRENCE_JOINER = " | "
JOINER = ";"

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its machine name, what people call it and how a workbook shows it."""

    name: str
    zh: str
    en: str
    kind: str
    width: int
    print: int | None = None
    """Place among the printed columns; None: behind them."""


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One record as the finding aid lists it. Holds names and paths in clear: it is an asked-for output."""

    reference_code: str
    """Empty while the record has none."""
    record_id: RecordId
    occurrences: tuple[str, ...]
    """Every place where it was found, as paths for people."""
    sha256: str
    media_type: str
    size_bytes: int
    record_class: RecordClass
    class_confidence: float
    accounting: bool
    sensitivity: Sensitivity
    date: date | None
    title: str
    customers: tuple[str, ...]
    findings: Mapping[str, int]
    """How many of each category."""
    retention_rule: tuple[str, ...]
    retention_until: str
    """A day in ISO 8601, "permanent", "undetermined", or empty when not reckoned."""
    state: str
    question_codes: tuple[str, ...]
    pages: int | None
    text_source: TextSource

    def cells(self) -> dict[str, Cell]:
        """The row by column name, in column order: what CSV and JSON hold."""
        return {
            "reference_code": self.reference_code,
            "record_id": self.record_id,
            "occurrences": printable(OCCURRENCE_JOINER.join(self.occurrences)),
            "sha256": self.sha256,
            "media_type": self.media_type,
            "size_bytes": self.size_bytes,
            "class": self.record_class.value,
            "class_confidence": round(self.class_confidence, 4),
            "accounting": self.accounting,
            "sensitivity": self.sensitivity.value,
            "date": None if self.date is None else self.date.isoformat(),
            "title": printable(self.title),
            "customers": printable(JOINER.join(self.customers)),
            "findings": JOINER.join(f"{name}:{count}" for name, count in sorted(self.findings.items())),
            "retention_rule": JOINER.join(self.retention_rule),
            "retention_until": self.retention_until,
            "state": self.state,
            "question_codes": JOINER.join(self.question_codes),
            "pages": self.pages,
            "text_source": self.text_source.value,
        }


def printable(text: str) -> str:
    r"""The text with bytes that are no characters (raw file names) written as \udcXX."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@cache
def columns() -> tuple[Column, ...]:
    """The columns in the order of CSV and JSON."""
    return tuple(Column(**entry) for entry in _table()["columns"])


def label(column: str, value: str) -> str:
    """What people call a value of a labelled column, in Chinese.

    Raises:
        LabelUnknown: columns.toml does not name it.
    """
    try:
        found: str = _table()["labels"][column][value]
    except KeyError as error:
        raise LabelUnknown(column=column) from error
    return found


@cache
def _table() -> Mapping[str, Any]:
    text = files("kedang.catalogue").joinpath("columns.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
