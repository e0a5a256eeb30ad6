"""What the rooms tell each other about one received thing: its format, parts, text, findings and facts.

Positions are [start, end) in Unicode code points of `Extraction.text`, everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import BinaryIO, Protocol


class Content(Protocol):
    """Bytes that can be read again and again: in memory, in a file, or in a sealed spool file."""

    @property
    def size_bytes(self) -> int: ...

    def open(self) -> BinaryIO:
        """A new readable, seekable stream from the first byte; the caller closes it."""
        ...

    def head(self, count: int) -> bytes:
        """The first `count` bytes, fewer when there are not so many."""
        ...


class Family(StrEnum):
    """Which reader takes a format."""

    TEXT = "text"  # plain text, CSV, Markdown, JSON, source
    MARKUP = "markup"  # XML, HTML
    DOCUMENT = "document"  # docx, doc, wps, odt, rtf
    SHEET = "sheet"  # xlsx, xls, et, ods, csv
    SLIDES = "slides"  # pptx, ppt, dps, odp
    PDF = "pdf"
    OFD = "ofd"
    IMAGE = "image"
    AUDIO = "audio"
    MESSAGE = "message"  # one mail: eml, msg, emlx, mhtml
    MAILBOX = "mailbox"  # many mails: mbox, pst
    ARCHIVE = "archive"  # zip, 7z, rar, tar, gz, bz2, xz
    DATABASE = "database"  # SQLite
    CONTACTS = "contacts"  # vcf
    CALENDAR = "calendar"  # ics
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Format:
    """What the bytes are, found from the bytes. `puid` is the PRONOM id where there is one."""

    media_type: str
    family: Family
    name: str
    """Short stable name that chooses the extractor: "docx", "xls", "zip", "eml", "utf-8-text" …"""
    puid: str | None = None
    charset: str | None = None
    """For text only: the Python codec that reads it without loss."""


class TextSource(StrEnum):
    """Where a record's text came from."""

    EMBEDDED = "embedded"
    OCR = "ocr"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should know of one record: a code and facts that name nobody."""

    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the text and where it stands in the original: page 3, sheet 客户 row 12, slide 2."""

    kind: str  # "page", "sheet", "row", "slide", "header", "body", "message"
    label: str  # "3", "客户", "客户!12"
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A column of a database's table that names a row of another table."""

    column: str
    table: str
    referenced: str
    """The other table's column."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with headers, kept as a table. Cells are text as a person would read them."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first_row: int  # row number (1-based, as the program shows it) of rows[0]
    row_starts: tuple[int, ...] = ()
    """Where each row begins in the text; rows are joined by a line feed, cells by a tab."""
    primary_key: tuple[str, ...] = ()
    """Columns that a database declares to name the row."""
    foreign_keys: tuple[ForeignKey, ...] = ()
    """As a database declares them; those of several columns are left out."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What could be read of one thing's bytes."""

    text: str = ""
    text_source: TextSource = TextSource.NONE
    places: tuple[Place, ...] = ()
    tables: tuple[Table, ...] = ()
    pages: int | None = None
    ocr_pages: tuple[int, ...] = ()
    """0-based pages (images of a tiff, pages of a PDF) that have no text of their own and want OCR."""
    metadata: tuple[tuple[str, str], ...] = ()
    """Pairs such as ("subject", …), ("from", …), ("to", …), ("date", ISO 8601), ("title", …),
    ("author", …), ("created", ISO 8601), ("duration_seconds", …); a name may repeat."""
    problems: tuple[Problem, ...] = ()


class FindingCategory(StrEnum):
    """Kinds of personal data that are looked for."""

    RESIDENT_ID = "resident_id"
    MOBILE_PHONE = "mobile_phone"
    LANDLINE = "landline"
    EMAIL = "email"
    BANK_CARD = "bank_card"
    CREDIT_CODE = "credit_code"
    PASSPORT = "passport"
    TRAVEL_PERMIT = "travel_permit"
    LICENCE_PLATE = "licence_plate"
    ADDRESS = "address"
    PERSON_NAME = "person_name"
    ORGANISATION_NAME = "organisation_name"
    BIRTH_DATE = "birth_date"
    WECHAT_ID = "wechat_id"
    QQ_ID = "qq_id"
    TAXPAYER_NUMBER = "taxpayer_number"
    INVOICE_NUMBER = "invoice_number"


@dataclass(frozen=True, slots=True)
class Finding:
    """One span of the text that is personal data. It holds the span, never the value."""

    category: FindingCategory
    start: int
    end: int
    confidence: float  # 0..1


class RecordClass(StrEnum):
    """The six classes 六类; `accounting` is a flag beside them."""

    PERSONAL = "personal"
    CONTRACT = "contract"
    TRANSACTION = "transaction"
    SERVICE = "service"
    COMMUNICATION = "communication"
    OTHER = "other"


class Sensitivity(StrEnum):
    """How closely a record must be guarded (R23)."""

    GENERAL = "general"
    PERSONAL = "personal"
    SENSITIVE_PERSONAL = "sensitive-personal"
    TRADE_SECRET = "trade-secret"  # noqa: S105 - a grade


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact read from the text (R20): a party, date, amount, number, method, rating."""

    kind: str
    """Closed list in appraisal/facts.toml: "party", "contract_number", "signed_on", "valid_until",
    "order_number", "amount", "invoice_number", "issued_on", "paid_on", "method", "rating", …"""
    value: str
    """Normalised: dates ISO 8601, amounts decimal yuan, names without surrounding blanks."""
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a class was chosen, in words a person can check."""

    zh: str
    en: str
    weight: float


@dataclass(frozen=True, slots=True)
class Appraisal:
    """What a thing is, what personal data it holds and what can be told of it."""

    record_class: RecordClass
    class_confidence: float
    reasons: tuple[Reason, ...]
    accounting: bool
    accounting_kind: str | None
    """Which line of the accounting schedule it falls under: "voucher", "book", "annual-report",
    "interim-report", "bank", "handover-list", "destruction-list"; None when not accounting."""
    sensitivity: Sensitivity
    title: str
    record_date: date | None
    findings: tuple[Finding, ...]
    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...] = ()
