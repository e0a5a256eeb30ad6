"""What goes into the API and comes out of it."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from ninja import Field, Path, Schema

CaseCode = Annotated[str, Path(max_length=16)]
Limit = Annotated[int, Field(ge=1, le=200)]
Words = Annotated[str, Field(min_length=1, max_length=400)]
Cursor = Annotated[str, Field(max_length=200)]


class Fault(Schema):
    """Something went wrong: a stable code, a sentence, the next step."""

    code: str
    said: str
    next_step: str
    facts: dict[str, str | int | bool | None]


class Invalid(Schema):
    """The request is not of the shape that is described."""

    detail: list[dict[str, Any]]


class CaseShape(Schema):
    """The books of a case, counted in occurrences."""

    fonds_code: str
    received: int
    kept: int
    refused: dict[str, int]
    open: int
    records: int
    questions: dict[str, int]
    balance_holds: bool
    ledger_size: int
    ledger_head: str


class Piece(Schema):
    """A stretch of a text: readable, or covered with the category of what it hides."""

    text: str = ""
    covered: str = ""
    length: int


class RecordShape(Schema):
    """A record as a list shows it; values in the title are covered."""

    id: str
    reference_code: str
    title: list[Piece]
    record_class: str
    sensitivity: str
    accounting: bool
    state: str
    date: datetime.date | None
    media_type: str
    pages: int | None
    retention_rule: str
    retention_kind: str
    retention_until: datetime.date | None
    findings: dict[str, int]
    seen: str
    """What a decision about it names as what was looked at."""


class RecordPage(Schema):
    """Some records, and the cursor of the next page; empty at the end."""

    records: list[RecordShape]
    total: int
    next: str


class TextShape(Schema):
    """The text of a record with its personal values covered."""

    id: str
    pieces: list[Piece]


class Query(Schema):
    """What is looked for, in the language of the search."""

    words: Words
    limit: Limit = 20


class HitShape(Schema):
    """One record that holds what was looked for."""

    id: str
    reference_code: str
    record_class: str
    state: str


class HitPage(Schema):
    """What a search found among the records that may be seen."""

    total: int
    exact: bool
    hits: list[HitShape]


class CustomerShape(Schema):
    """A customer as a list shows it."""

    id: str
    number: int
    kind: str
    name: str


class CustomerPage(Schema):
    """Some customers, and the cursor of the next page."""

    customers: list[CustomerShape]
    next: str


class QuestionShape(Schema):
    """Something a person must decide about a record."""

    id: str
    record: str
    code: str
    said: str
    blocking: bool
    raised: datetime.datetime
    assigned: str
    """The agent who is to answer it; empty for whoever may."""
    seen: str
    """What an answer names as what was looked at."""


class QuestionPage(Schema):
    """Some open questions, and the cursor of the next page."""

    questions: list[QuestionShape]
    next: str


class JobShape(Schema):
    """Long work and how far it is."""

    id: str
    kind: str
    state: str
    stage: str
    done: int
    total: int | None
    code: str
    asked: datetime.datetime
    ended: datetime.datetime | None


class EventShape(Schema):
    """One entry of the ledger."""

    number: int
    time: str
    act: str
    actor: str
    objects: list[str]
    facts: dict[str, Any]


class EventPage(Schema):
    """Entries of the ledger from a number on."""

    events: list[EventShape]
    size: int
