"""The numbering scheme: which series a record belongs to and which period code it carries."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from kedang.catalogue.errors import PeriodUnknown, SchemeMalformed
from kedang.catalogue.reference_codes import Series
from kedang.records.content import RecordClass

PERMANENT = "PERM"
_DURATION = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?")
_DAYS_A_YEAR = 366  # never counts a period as shorter than it is when rounding up
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class RetentionStep:
    """One step of the ladder of period codes; years None is permanent."""

    code: str
    years: int | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SeriesTitle:
    """A series' codes and what people call it."""

    codes: tuple[str, ...]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """A numbering scheme with a name; a changed scheme gets a new one."""

    name: str
    standard: str
    source: str
    item_digits: int
    volume_digits: int
    fonds_pattern: str
    retention: tuple[RetentionStep, ...]
    """Shortest first, permanent last."""
    by_class: Mapping[RecordClass, SeriesTitle]
    by_accounting: Mapping[str, SeriesTitle]

    def series_title(self, record_class: RecordClass, accounting_kind: str | None) -> SeriesTitle:
        """The series of a record: that of its accounting kind if it has one, else of its class."""
        if accounting_kind is None:
            return self.by_class[record_class]
        return self.by_accounting.get(accounting_kind, self.by_accounting["other"])

    def retention_code(self, period: str) -> str:
        """The code for a period such as "P30Y", "P3Y6M", "P0D" or "PERM", rounded up the ladder.

        Raises:
            PeriodUnknown: not such a period.
        """
        if period == PERMANENT:
            return self.retention[-1].code
        match = _DURATION.fullmatch(period)
        if match is None:
            raise PeriodUnknown(length=len(period))
        years, months, days = (int(part or 0) for part in match.groups())
        for step in self.retention:
            if step.years is None or _at_most(years, months, days, step.years):
                return step.code
        raise PeriodUnknown(length=len(period))

    def series(
        self,
        *,
        fonds: str,
        record_class: RecordClass,
        accounting_kind: str | None,
        year: int,
        period: str,
    ) -> Series:
        """The series that a record is numbered in.

        Raises:
            PeriodUnknown: see `retention_code`.
            SchemeMalformed: the fonds number is not of the scheme's form.
        """
        if not re.fullmatch(self.fonds_pattern, fonds):
            raise SchemeMalformed(scheme=self.name, fonds_length=len(fonds))
        title = self.series_title(record_class, accounting_kind)
        return Series(fonds, title.codes, year, self.retention_code(period))


def shipped_scheme() -> Scheme:
    """The scheme that comes with kedang."""
    return read_scheme(files("kedang.catalogue").joinpath("scheme.toml").read_text(encoding="utf-8"))


def read_scheme(text: str) -> Scheme:
    """The scheme in a text in the form of scheme.toml.

    Raises:
        SchemeMalformed: a key is missing or unknown, a class has no series, or the ladder does not
            rise to a permanent step.
    """
    table = tomllib.loads(text)
    try:
        ladder = tuple(RetentionStep(**{"years": None, **step}) for step in table.pop("retention"))
        by_class, by_accounting = _series_titles(table.pop("series"))
        scheme = Scheme(retention=ladder, by_class=by_class, by_accounting=by_accounting, **table)
    except (KeyError, TypeError, ValueError) as error:
        raise SchemeMalformed(keys=len(table)) from error
    years = [step.years for step in ladder]
    rising = years[:-1] == sorted(year for year in years[:-1] if year is not None)
    if not rising or years[-1:] != [None]:
        raise SchemeMalformed(scheme=scheme.name, steps=len(ladder))
    if set(by_class) != set(RecordClass) or "other" not in by_accounting:
        raise SchemeMalformed(scheme=scheme.name, classes=len(by_class))
    return scheme


def _series_titles(
    entries: list[dict[str, Any]],
) -> tuple[dict[RecordClass, SeriesTitle], dict[str, SeriesTitle]]:
    by_class: dict[RecordClass, SeriesTitle] = {}
    by_accounting: dict[str, SeriesTitle] = {}
    for entry in entries:
        title = SeriesTitle(tuple(entry["codes"]), entry["zh"], entry["en"])
        if "accounting" in entry:
            known = by_accounting.setdefault(entry["accounting"], title)
        else:
            known = by_class.setdefault(RecordClass(entry["class"]), title)
        if known is not title:
            raise SchemeMalformed(series=len(by_class) + len(by_accounting))
    return by_class, by_accounting


def _at_most(years: int, months: int, days: int, step_years: int) -> bool:
    """Whether the period is surely no longer than so many years."""
    spare_months = (step_years - years) * _MONTHS_A_YEAR - months
    if spare_months < 0:
        return False
    return days == 0 or days * _MONTHS_A_YEAR <= spare_months * _DAYS_A_YEAR
