"""Giving reference codes: gap-free running numbers for each series, and the check of what was given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kedang.catalogue.errors import ReferenceCodeMalformed, SeriesFull
from kedang.catalogue.reference_codes import ReferenceCode, Series
from kedang.catalogue.scheme import Scheme

_NUMBER_MAX = 999_999_999  # nine digits, the longest running number that is read


@dataclass(frozen=True, slots=True)
class Numbering:
    """The last number given in each series, and the next ones.

    The caller keeps `last` in a row per series that is locked while numbers are given, and writes it
    back in the transaction that gives them: that is what makes them gap-free and never used again.
    """

    item_digits: int
    last: Mapping[Series, int] = field(default_factory=dict)

    def assigned(self, wanted: Iterable[Series]) -> tuple[tuple[ReferenceCode, ...], Numbering]:
        """One new reference code by item for each wanted series, in that order, and the state after it.

        Raises:
            SeriesFull: a series has no number left; nothing is given.
        """
        last = dict(self.last)
        codes = []
        for series in wanted:
            number = last.get(series, 0) + 1
            if number > _NUMBER_MAX:
                raise SeriesFull(number=number)
            last[series] = number
            codes.append(ReferenceCode(series, None, f"{number:0{self.item_digits}d}"))
        return tuple(codes), Numbering(self.item_digits, last)


@dataclass(frozen=True, slots=True)
class NumberingFault:
    """What is wrong with a row of numbers: a kind, the place in what was checked, and a number.

    Kinds: "malformed", "old-form" (2015 form; read, but not how it should be written), "foreign"
    (not of the scheme or fonds), "double", "gap" (`number` is missing in the series).
    """

    kind: str
    position: int
    number: int | None = None


def check_codes(codes: Sequence[str], *, scheme: Scheme, fonds: str) -> tuple[NumberingFault, ...]:
    """Everything wrong with the reference codes of a fonds: form, doubles and gaps (四性检测 档号).

    A gap is reported at the position of the number after it. Explained gaps (destroyed, transferred)
    are the caller's to tell apart.
    """
    faults: list[NumberingFault] = []
    numbers: dict[tuple[Series, str | None], dict[int, int]] = {}
    known = {title.codes for title in (*scheme.by_class.values(), *scheme.by_accounting.values())}
    ladder = {step.code for step in scheme.retention}
    for position, text in enumerate(codes):
        try:
            code = ReferenceCode.parse(text)
        except ReferenceCodeMalformed:
            faults.append(NumberingFault("malformed", position))
            continue
        if str(code) != text:
            faults.append(NumberingFault("old-form", position))
        series = code.series
        ours = re.fullmatch(scheme.fonds_pattern, series.fonds) and series.fonds == fonds
        if not ours or series.codes not in known or series.retention not in ladder:
            faults.append(NumberingFault("foreign", position))
        given = numbers.setdefault((series, code.volume), {})
        if code.item_number in given:
            faults.append(NumberingFault("double", position, code.item_number))
        given[code.item_number] = position
    faults += (gap for given in numbers.values() for gap in _gaps(given))
    return tuple(sorted(faults, key=lambda fault: (fault.position, fault.kind, fault.number or 0)))


def _gaps(given: Mapping[int, int]) -> Iterable[NumberingFault]:
    """The numbers from 1 that are missing before the highest."""
    expected = 1
    for number in sorted(given):
        for missing in range(expected, number):
            yield NumberingFault("gap", given[number], missing)
        expected = number + 1
