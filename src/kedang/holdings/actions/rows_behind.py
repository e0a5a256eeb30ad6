"""Rows behind what extraction reads of a table, while its row sets are made: they make customers, or are given to known ones.

They pass twice where they may make customers: first all who are named become known, then rows are given to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.inserting import insert_rows
from kedang.holdings.adapters.reading_tables import reading_table
from kedang.holdings.intake.customers import found_named, tie_rows
from kedang.holdings.intake.rows import question_rows, questions_raised
from kedang.holdings.models import Customer, Question, Record
from kedang.holdings.queries.row_owners import Heads, Owners
from kedang.holdings.queries.rows_behind import Owner, OwnersBehind
from kedang.holdings.row_set_errors import ROWS_OF_UNKNOWN
from kedang.ledger.leaves import Event
from kedang.records.content import Problem
from kedang.resolution.named_rows import NamedInRow, NamedRow


@dataclass(slots=True)
class Behind:
    """What came of the rows of which no mention is kept."""

    grounds: dict[str, str] = field(default_factory=dict)
    """Why rows are a customer's, the first time."""
    unknown: int = 0
    """How many name somebody who is no customer for certain, and are nobody's."""

    def note(self, owner: Owner) -> str:
        """The customer whose the row is; empty for nobody."""
        if owner.customer:
            self.grounds.setdefault(owner.customer, owner.ground)
        self.unknown += not owner.customer
        return owner.customer


@dataclass(slots=True)
class Deciding:
    """Whose the rows of a message are."""

    owners: Owners
    behind: OwnersBehind
    named: dict[tuple[int, int], tuple[NamedInRow, ...]] = field(default_factory=dict)
    decided: Mapping[tuple[int, int], Owner] = field(default_factory=dict)

    def look_at(self, rows: Sequence[NamedRow]) -> None:
        """The rows of a message that say whom they name."""
        self.named = {(row.table, row.number): row.named for row in rows}
        self.decided = self.behind.of(rows) if rows else {}


def found_behind(
    archive: Archive, record: Record, heads: Heads, clock: Callable[[], datetime], progress: Progress
) -> None:
    """Let the rows behind what was read make customers before any row is given to one.

    Two of one name are two customers then, wherever in the table they stand. Once a customer has been erased nobody is
    made so: the original may still hold his rows, and he would be made again.
    """
    if Customer.objects.filter(case_id=archive.case_id, key_page="").exists():
        return
    progress.stage("customers", None)
    owners, read = OwnersBehind(archive, record), heads.read
    only_named = replace(read, only_named=True) if read is not None else None
    with reading_table(archive, record, heads.derived, only_named) as reading:
        for _, named in reading.chunks:
            if named:
                found_named(archive, record.id, owners.all_with_keys(named), now=clock())
            progress.advance(len(named), 0)


def note_behind(
    archive: Archive, record: str, behind: Behind, events: Sequence[Event], *, now: datetime
) -> None:
    """Link who owns rows behind, ask about those of somebody unknown, and write the events; in the caller's transaction."""
    tie_rows(archive, record, behind.grounds, now=now)
    asked = Question.objects.filter(case_id=archive.case_id, record_id=record, code=ROWS_OF_UNKNOWN)
    asked.filter(state="open").delete()
    problem = Problem(ROWS_OF_UNKNOWN, {"rows": behind.unknown})
    questions = question_rows(archive, record, (problem,) if behind.unknown else (), now=now)
    if asked.exists():  # somebody has answered
        questions = []
    insert_rows(Question, questions)
    book.write(archive.case_id, [*events, *questions_raised(archive, questions)], now=now)
