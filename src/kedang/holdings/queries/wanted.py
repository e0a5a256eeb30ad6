"""What a person has asked the list of records for: chosen values by facet, as conditions and as cells of a count.

A facet that a record has one value of is a column of the cell (`CELL`), so that one count by cells gives every
facet's figures under every choice. Sources, desks and customers, of which a record may have several, are conditions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Exists, F, Func, OuterRef, Q, Value, When

from kedang.holdings.models import Link, Occurrence, Question
from kedang.holdings.queries.forwarding import Forwarding
from kedang.vault.marks import FINGERPRINT_BYTES

CELL = ("class", "year", "sensitivity", "state", "due", "text", "questions")
"""Facets of one value, in the order of a cell."""
PLACED = ("source", "desk")
"""Facets of where a record was found: by the id of a source, by the fingerprint of a desk in hexadecimal."""
OUTSIDE = ("customer", "category", "until", *PLACED)
"""Facets that no cell can tell: `category` of personal data that it holds, `until`: the year its period ends."""
FACETS = (*CELL, *OUTSIDE)
_MARK = re.compile(f"[0-9a-f]{{{2 * FINGERPRINT_BYTES}}}")
NONE = "none"
"""The value of a record that has none: no date, no period reckoned, no text."""
SOON = timedelta(days=365)
STATES = (
    "received",
    "sorting",
    "review",
    "archived",
    "restricted",
    "due",
    "held",
    "transferred",
    "returned",
    "destroyed",
    "refused",
)
"""What a record can be in, in the order in which one comes after another."""
GONE = frozenset({"destroyed", "transferred", "returned", "refused"})
"""States of records that are not in the archive any more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Values by facet; a record fits when each facet named here has one of the values."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Mapping[str, Iterable[str]]) -> Wanted:
        """What is said of known facets, in their order; anything else is passed over.

        A year said of `due` is one of `until`; `retention` is another word for `due`.
        """
        due = {*said.get("due", ()), *said.get("retention", ())}
        years = {one for one in due if _is_year(one)}
        said = {
            **said,
            "due": {"past" if one == "over" else one for one in due - years},
            "until": {*said.get("until", ()), *years},
            "desk": filter(_MARK.fullmatch, said.get("desk", ())),
        }
        values = {facet: tuple(sorted(set(said.get(facet, ())) - {""})) for facet in FACETS}
        return cls({facet: some for facet, some in values.items() if some})

    def without(self, *facets: str) -> Wanted:
        """The same but for these facets."""
        return replace(self, chosen={one: some for one, some in self.chosen.items() if one not in facets})

    def only(self, facets: Collection[str]) -> Wanted:
        """What is asked of these facets alone."""
        return replace(self, chosen={one: some for one, some in self.chosen.items() if one in facets})

    def fits(self, cell: Sequence[str]) -> bool:
        """Whether records of a cell are wanted, as far as the cell can tell."""
        return all(cell[CELL.index(one)] in some for one, some in self.chosen.items() if one in CELL)

    def condition(self, case: str, *, today: date) -> Q:
        """The condition on records."""
        found = Q()
        for facet, values in self.chosen.items():
            found &= _any(
                _MULTIPLE[facet](case, values)
                if facet in _MULTIPLE
                else _any(_one(facet, value, today) for value in values)
            )
        return found


def _any(conditions: Q | Iterable[Q]) -> Q:
    if isinstance(conditions, Q):
        return conditions
    found = Q(pk__in=[])
    for one in conditions:
        found |= one
    return found


def _one(facet: str, value: str, today: date) -> Q:
    match facet:
        case "class":
            return Q(record_class=value)
        case "year":
            return Q(record_date__year=int(value)) if _is_year(value) else Q(record_date=None)
        case "sensitivity":
            return Q(sensitivity=value)
        case "state":
            return Q(state=value)
        case "due":
            return _due(today).get(value, Q(pk__in=[]))
        case "questions":
            return {"open": Q(open_question()), NONE: ~Q(open_question())}.get(value, Q(pk__in=[]))
        case _:
            return _text().get(value, Q(pk__in=[]))


def _is_year(value: str) -> bool:
    return value.isascii() and value.isdigit() and 0 < int(value) < 10_000


def _due(today: date, at: str = "") -> Mapping[str, Q]:
    """When the period ends, from the first that holds; `at` leads from the row that is asked for to the record."""
    soon = today + SOON
    return {
        "past": _says(at, retention_kind="until", retention_until__lt=today),
        "soon": _says(at, retention_kind="until", retention_until__gte=today, retention_until__lt=soon),
        "later": _says(at, retention_kind="until", retention_until__gte=soon),
        "permanent": _says(at, retention_kind="permanent"),
        "undetermined": _says(at, retention_kind="undetermined"),
        NONE: _says(at, retention_kind=""),
    }


def _text(at: str = "") -> Mapping[str, Q]:
    return {
        "embedded": _says(at, text_source="embedded"),
        "ocr": _says(at, text_source="ocr"),
        "awaiting": _says(at, text_source=NONE, awaits_ocr=True),
        NONE: _says(at, text_source=NONE, awaits_ocr=False),
    }


def _says(at: str, **values: Any) -> Q:
    return Q(**{at + name: value for name, value in values.items()})


def open_question(record: str = "pk") -> Exists:
    """Whether a record has an open question, asked so that SQLite looks up the record's questions and no others."""
    of_record = Question.objects.filter(case_id=OuterRef("case_id"), record=OuterRef(record))
    return Exists(of_record.exclude(state="answered"))


def _sources(case: str, values: Sequence[str]) -> Q:
    places = Occurrence.objects.filter(case_id=case, record=OuterRef("pk"), source_id__in=values)
    return Q(Exists(places))


def _desks(case: str, values: Sequence[str]) -> Q:
    marks = [bytes.fromhex(one) for one in values]
    return Q(id__in=Occurrence.objects.filter(case_id=case, desk_fingerprint__in=marks).values("record_id"))


def _customers(case: str, values: Sequence[str]) -> Q:
    theirs = Forwarding.of(case).with_members(values)
    return Q(Exists(Link.objects.filter(case_id=case, record=OuterRef("pk"), customer_id__in=theirs)))


def _categories(_case: str, values: Sequence[str]) -> Q:
    return _any(Q(finding_counts__has_key=one) for one in values)


def _until(_case: str, values: Sequence[str]) -> Q:
    years = [int(one) for one in values if _is_year(one)]
    return _any(Q(retention_kind="until", retention_until__year=year) for year in years)


_MULTIPLE = {
    "category": _categories,
    "until": _until,
    "source": _sources,
    "desk": _desks,
    "customer": _customers,
}


class YearOf(Func):
    """The year of a day as four digits, by the database's own means: SQLite keeps a day as ISO 8601."""

    output_field = CharField()
    template = "substr(%(expressions)s, 1, 4)"

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """As text, because the cell holds texts."""
        return self.as_sql(compiler, connection, template="to_char(%(expressions)s, 'YYYY')", **extra)


def cell_columns(*, today: date, at: str = "") -> dict[str, Any]:
    """The columns of a cell, to be annotated on records: CELL with "cell_" before each.

    `at` leads there from rows of another table that has the case: "record__".
    """
    asked = open_question("record_id" if at else "pk")
    return {
        "cell_class": F(f"{at}record_class"),
        "cell_year": YearOf(f"{at}record_date"),
        "cell_sensitivity": F(f"{at}sensitivity"),
        "cell_state": F(f"{at}state"),
        "cell_due": _first_of(_due(today, at)),
        "cell_text": _first_of(_text(at)),
        "cell_questions": Case(
            When(asked, then=Value("open")), default=Value(NONE), output_field=CharField()
        ),
    }


def _first_of(conditions: Mapping[str, Q]) -> Case:
    *some, (last, _) = conditions.items()
    whens = [When(condition, then=Value(value)) for value, condition in some]
    return Case(*whens, default=Value(last), output_field=CharField())


CELL_COLUMNS = tuple(f"cell_{facet}" for facet in CELL)


def cell_of(values: Sequence[str | None]) -> tuple[str, ...]:
    """A cell as it is counted: NONE where the record has no value."""
    return tuple(value or NONE for value in values)
