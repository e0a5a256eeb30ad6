"""What decisions look like that a program brings, and what it gets back."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from ninja import Field, Schema

from kedang.entrypoints.api.shapes import Piece
from kedang.holdings.actions.correcting import ACCOUNTING_KINDS, LONGEST_REASON
from kedang.holdings.actions.describing import LONGEST_TITLE, MOST_FACTS
from kedang.records.content import RecordClass, Sensitivity

Id = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Reason = Annotated[str, Field(max_length=LONGEST_REASON)]
AccountingKind = Literal[(*ACCOUNTING_KINDS, "")]  # type: ignore[valid-type]  # the list is one


class FactBody(Schema):
    """Another value of a fact, or one that nobody has read."""

    value: Annotated[str, Field(max_length=200)]
    """Empty: there is no such fact."""
    number: Annotated[int, Field(ge=0, le=9_999)] = 0
    """As `facts` tells it; 0 for one that nobody has read."""
    kind: Annotated[str, Field(max_length=40)] = ""
    """Of one that nobody has read."""


class ValuesBody(Schema):
    """What the record is; what is not said stays as it is."""

    record_class: RecordClass | None = None
    sensitivity: Sensitivity | None = None
    accounting: bool | None = None
    accounting_kind: AccountingKind | None = None
    date: datetime.date | None = None
    no_date: bool = False
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)] | None = None
    facts: Annotated[list[FactBody], Field(max_length=MOST_FACTS)] = []


class Decision(Schema):
    """A decision about a record as it was looked at. Its id is the program's: sent again, it is not made again."""

    id: Id
    seen: Id
    """The `seen` of the record or question that was looked at; changed since, nothing is written (409)."""
    reason: Reason = ""


class Correction(Decision):
    """What a record is, said by a person about whom nobody has asked. A reason is needed."""

    values: ValuesBody


class Answer(Correction):
    """The answer to a question, with the corrections that belong to it."""

    answer: Literal["accepted", "dismissed"] = "accepted"
    values: ValuesBody = ValuesBody()


class Acceptance(Decision):
    """A record accepted into the archive."""

    excepted: Annotated[list[Annotated[str, Field(max_length=8)]], Field(max_length=40)] = []
    """Clauses of the archiving standard that it need not meet, for the reason that is said."""


class Assignment(Schema):
    """Who is to answer a question; empty for whoever may."""

    to: Annotated[str, Field(pattern="^([0-9a-f]{32})?$")] = ""


class Recorded(Schema):
    """The decision as it was recorded, now or the first time it was sent."""

    id: str
    record: str
    kind: str
    undone: bool


class Reviewed(Schema):
    """What came of a review."""

    id: str
    record: str
    verdict: str
    reference_code: str


class Assigned(Schema):
    """Who is to answer the question now; empty for whoever may."""

    question: str
    assigned: str


class Archived(Schema):
    """How many records nothing held back any more: they are in the archive, or wait for review."""

    records: int


class FactShape(Schema):
    """One fact of a record; its value is covered where it is personal."""

    number: int
    kind: str
    value: list[Piece]
    corrected: bool
    """Whether a person has said it."""


class FactList(Schema):
    """The facts of a record, and what a decision about it names as `seen`."""

    facts: list[FactShape]
    seen: str


class PersonShape(Schema):
    """Somebody who may answer."""

    agent: str
    name: str
