"""Row sets of many tables: made where there are none, and brought up to date with whom rows belong to now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from kedang.holdings.actions.moving_rows import refresh
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.row_sets import make, require_splittable, splittable
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.models import Record
from kedang.holdings.queries.row_sets import RETIRED, require_split, split_data, split_of, splits
from kedang.records.errors import KedangError


@dataclass(slots=True)
class Made:
    """What was done, one table after the other."""

    made: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    """Tables in which rows belong to others than before."""
    refused: list[dict[str, str]] = field(default_factory=list)
    """Tables of which none could be made, with the code of why."""

    def to_json(self) -> dict[str, Any]:
        """The same for a program."""
        return asdict(self)


def make_all(
    archive: Archive,
    records: Sequence[Record] | None,
    *,
    again: bool,
    clock: Callable[[], datetime],
    progress: Progress,
) -> Made:
    """Row sets of these records, or of all tables; each table is a transaction of its own.

    Raises:
        NotSplit, OriginalRetired: of one that was named none can be made.
    """
    done = Made()
    if records is not None:
        for record in records:
            require_splittable(archive, record)
            _one(archive, record, done, again=again, clock=clock, progress=progress)
        return done
    known = [one.record for one in splits(archive) if one.state != RETIRED]
    for record in (*splittable(archive), *known):
        try:
            _one(archive, record, done, again=again, clock=clock, progress=progress)
        except KedangError as error:
            done.refused.append({"record_id": record.id, "code": error.code})
    return done


def _one(
    archive: Archive,
    record: Record,
    done: Made,
    *,
    again: bool,
    clock: Callable[[], datetime],
    progress: Progress,
) -> None:
    if again or split_of(archive, record) is None:
        done.made.append(split_data(make(archive, record, clock=clock, progress=progress)))
    elif rows := refresh(archive, record, clock=clock):
        done.moved.append(split_data(require_split(archive, record)) | {"moved": rows})
