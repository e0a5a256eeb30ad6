"""What would come of something done to many records at once: to which, and which are left out and why (R29)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from kedang.access.deciding import Act, Person
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.looking_up import in_batches
from kedang.holdings.models import Question, Record
from kedang.holdings.queries.permitted import permitted
from kedang.holdings.queries.wanted import GONE
from kedang.records.content import Sensitivity

GRADES = [one.value for one in Sensitivity]
MOST_CHANGED = 1_000  # records of one change; each is a decision with its reckoning and its events
MOST_EXPORTED = 20_000
DIGEST_DIGITS = 32

NEEDS: Mapping[str, Act] = {
    "export": Act.REVEAL,
    "class": Act.ANSWER,
    "sensitivity": Act.ANSWER,
    "assign": Act.ANSWER,
    "label": Act.LABEL,
}
"""What somebody must be allowed to do with each record. A catalogue names what is covered elsewhere."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What would be done."""

    act: str
    value: str
    affected: tuple[str, ...]
    left_out: Mapping[str, int]
    """How many, by reason: "gone", "not-permitted", "same", "lowering", "no-question", "no-number"."""

    @property
    def digest(self) -> str:
        """Names exactly this effect: the records as they are now, and what would be done to them."""
        said = "\n".join((self.act, self.value, *sorted(self.affected)))
        return sha256(b"kedang effect v1\n" + said.encode()).hexdigest()[:DIGEST_DIGITS]


def effect_of(
    archive: Archive, person: Person, record_ids: Sequence[str], act: str, value: str, *, today: date
) -> Effect:
    """What `act` would do to these records, each of which the person may list."""
    left_out: Counter[str] = Counter()
    affected: list[str] = []
    may_lower = _permitted_ids(archive, person, Act.ACCEPT, record_ids, today=today)
    allowed = _permitted_ids(archive, person, NEEDS[act], record_ids, today=today)
    asked = _asked(archive, record_ids) if act == "assign" else set()
    for some in in_batches(record_ids):
        for record in Record.objects.filter(case_id=archive.case_id, id__in=some).defer("sealed"):
            why = _left_out(record, act, value, may_lower=record.id in may_lower, asked=record.id in asked)
            if record.id not in allowed:
                why = "not-permitted"
            if why:
                left_out[why] += 1
            else:
                affected.append(record.id)
    order = {one: place for place, one in enumerate(record_ids)}
    return Effect(act, value, tuple(sorted(affected, key=order.__getitem__)), dict(left_out))


def _left_out(record: Record, act: str, value: str, *, may_lower: bool, asked: bool) -> str:
    """Why a record is left out; empty when it is not."""
    if record.state in GONE:
        return "gone"
    match act:
        case "class":
            return "same" if record.record_class == value else ""
        case "sensitivity" if value:
            if record.sensitivity == value:
                return "same"
            lower = GRADES.index(value) < GRADES.index(record.sensitivity)
            return "lowering" if lower and not may_lower else ""
        case "assign":
            return "" if asked else "no-question"
        case "label":
            return "" if record.reference_code else "no-number"
        case _:
            return ""


def _permitted_ids(
    archive: Archive, person: Person, act: Act, record_ids: Sequence[str], *, today: date
) -> set[str]:
    rows = permitted(archive.case_id, person, act, today=today)
    return {
        one
        for some in in_batches(record_ids)
        for one in rows.filter(id__in=some).values_list("id", flat=True)
    }


def _asked(archive: Archive, record_ids: Iterable[str]) -> set[str]:
    rows = Question.objects.filter(case_id=archive.case_id).exclude(state="answered")
    return {
        one
        for some in in_batches(list(record_ids))
        for one in rows.filter(record_id__in=some).values_list("record_id", flat=True)
    }


def open_questions_of(archive: Archive, record_ids: Sequence[str]) -> list[str]:
    """The ids of the open questions about these records."""
    rows = Question.objects.filter(case_id=archive.case_id).exclude(state="answered")
    return [
        one
        for some in in_batches(record_ids)
        for one in rows.filter(record_id__in=some).order_by("id").values_list("id", flat=True)
    ]
