"""Giving reference codes: gap-free running numbers for each series, and the check of what was given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kedang.catalogue.errors import ReferenceCodeMalformed, SeriesFull
from kedang.catalogue.reference_codes import LEVEL_JOINER, ReferenceCode, Series
from kedang.catalogue.scheme import Scheme

_NUMBER_MAX = 999_999_999  # nine digits, the longest running number that is read
_PLAIN_NUMBER = re.compile(r"[0-9]{1,9}")
_HEAD_MAX = 80  # characters; with a number behind it still shorter than the longest code that is read


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
    rows = _Rows(scheme, fonds)
    for position, text in enumerate(codes):
        try:
            row, number = rows.row_and_number(text)
        except ReferenceCodeMalformed:
            faults.append(NumberingFault("malformed", position))
            continue
        faults += (NumberingFault(kind, position) for kind in row.wrong)
        if number in row.given:
            faults.append(NumberingFault("double", position, number))
        row.given[number] = position
    faults += (gap for given in rows.given.values() for gap in _gaps(given))
    return tuple(sorted(faults, key=lambda fault: (fault.position, fault.kind, fault.number or 0)))


@dataclass(frozen=True, slots=True)
class _Row:
    """Codes that begin alike: what is wrong with all of them, and where each number of their series stands."""

    wrong: tuple[str, ...]
    given: dict[int, int]


class _Rows:
    """Codes judged by what stands before their numbers, once for each."""

    def __init__(self, scheme: Scheme, fonds: str) -> None:
        self.given: dict[tuple[Series, str | None], dict[int, int]] = {}
        self._known = {title.codes for title in (*scheme.by_class.values(), *scheme.by_accounting.values())}
        self._ladder = {step.code for step in scheme.retention}
        self._ours = fonds if re.fullmatch(scheme.fonds_pattern, fonds) else None
        self._rows: dict[str, _Row] = {}

    def row_and_number(self, text: str) -> tuple[_Row, int]:
        """The row that a code stands in, and its number there.

        Raises:
            ReferenceCodeMalformed: it is none.
        """
        head, _, item = text.rpartition(LEVEL_JOINER)
        plain = len(head) <= _HEAD_MAX and _PLAIN_NUMBER.fullmatch(item) is not None
        if plain and head in self._rows:
            return self._rows[head], int(item)
        code = ReferenceCode.parse(text)
        given = self.given.setdefault((code.series, code.volume), {})
        row = _Row(tuple(self._wrong(code, text)), given)
        if plain:
            self._rows[head] = row
        return row, code.item_number

    def _wrong(self, code: ReferenceCode, text: str) -> Iterable[str]:
        if str(code) != text:
            yield "old-form"
        series = code.series
        ours = series.fonds == self._ours
        if not ours or series.codes not in self._known or series.retention not in self._ladder:
            yield "foreign"


def _gaps(given: Mapping[int, int]) -> Iterable[NumberingFault]:
    """The numbers from 1 that are missing before the highest."""
    expected = 1
    for number in sorted(given):
        for missing in range(expected, number):
            yield NumberingFault("gap", given[number], missing)
        expected = number + 1
