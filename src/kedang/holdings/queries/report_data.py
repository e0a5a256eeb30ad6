"""What the report says: filled by the holdings, drawn by render.py. Counts are of records unless said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kedang.records.content import FindingCategory, RecordClass, Sensitivity


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How often one code of errors.toml was given."""

    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Balance:
    """The books, counted in occurrences: received = kept + refused + open."""

    received: int
    kept: int
    refused: tuple[CodeCount, ...]
    open: int

    @property
    def refused_total(self) -> int:
        """Refused occurrences of all codes."""
        return sum(line.count for line in self.refused)

    @property
    def holds(self) -> bool:
        """Whether the books balance and nothing is open."""
        return self.open == 0 and self.received == self.kept + self.refused_total

    @property
    def difference(self) -> int:
        """What is received and not accounted for; 0 always, or something is wrong."""
        return self.received - self.kept - self.refused_total - self.open


@dataclass(frozen=True, slots=True)
class ClassCount:
    """Records of one class, and how many of them are accounting records."""

    record_class: RecordClass
    count: int
    accounting: int


@dataclass(frozen=True, slots=True)
class YearCount:
    """Records of one year; None when their date cannot be told."""

    year: int | None
    count: int


@dataclass(frozen=True, slots=True)
class NamedCount:
    """Records of a desk or a customer; the name is as it was found, and not trusted."""

    name: str
    count: int
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source and what came of it; `state` is "outstanding", "collected", "empty" or "refused"."""

    name: str
    state: str
    received: int
    kept: int


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How many records of a desk hold personal data of a category."""

    category: FindingCategory
    desk: str
    records: int


@dataclass(frozen=True, slots=True)
class RetentionCount:
    """Records that a rule keeps until the end of a year; None is for ever."""

    year: int | None
    rule: str
    """The rule's id; its words are in `ReportData.rules`."""
    count: int


@dataclass(frozen=True, slots=True)
class RuleText:
    """A retention rule in words, in the language of the report."""

    rule: str
    words: str
    period: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Storage:
    """What lies in the vault. Sizes are in bytes."""

    original_bytes: int
    stored_bytes: int
    packs: int
    key_pages: int
    index_parts: int
    index_bytes: int
    suite: str = "AES-256-GCM"
    key_sheet_places: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """Where the ledger stands: what an outsider keeps as a witness."""

    origin: str
    size: int
    root: str
    """Base64, as in the checkpoint."""
    time: datetime
    checkpoint: str
    """The signed note, word for word."""
    verification_key: str = ""
    """Whose signature it is, as outsiders need it; empty leaves it out."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """The last audit of joins."""

    population: int
    sample: int
    wrong: int
    bound_ppm: int
    """At most so many of a million joins are wrong, with 95 % confidence."""


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything in the report. Lists come in the order in which they are to be read."""

    case_name: str
    fonds: str
    credit_code: str | None
    made_at: datetime
    """In the case's time zone."""
    made_by: str
    balance: Balance
    records: int
    """Distinct contents that are there; occurrences with equal bytes are one record."""
    destroyed: int
    """Records that were kept and whose keys have ended."""
    duplicates: int
    archived: int
    """Records with a reference code 档号."""
    customers: int
    unlinked: int
    """Records that belong to no customer for certain."""
    sources: tuple[SourceLine, ...]
    by_class: tuple[ClassCount, ...]
    by_year: tuple[YearCount, ...]
    by_desk: tuple[NamedCount, ...]
    by_customer: tuple[NamedCount, ...]
    """The customers with most records; `customers` tells how many there are."""
    sensitivity: tuple[tuple[Sensitivity, int], ...]
    personal_data: tuple[FindingCount, ...]
    retention: tuple[RetentionCount, ...]
    rules: tuple[RuleText, ...]
    retention_undetermined: int
    questions: tuple[CodeCount, ...]
    """Open questions by code."""
    storage: Storage
    ledger: LedgerHead
    audit: AuditLine | None = None
    """How many of the joins that the comparison has made may be wrong; None before an audit."""
