"""Reference codes 档号 by DA/T 13-2022, written and read.

By item:    全宗号-类别号-件号                Q001-KH·HT·2025·D10-00042
By volume:  全宗号-类别号-案卷号-件号          Q001-KU·PZ·2025·D30-0007-00023
类别号:     门类代码[·二级类目…][·年度][·保管期限][·机构或问题]

`-` joins levels, `·` (U+00B7) joins codes of one level. DA/T 22-2015 wrote year, period and office as
levels of their own (Z109-WS·2011-Y-BGS-0001): that is read, and the 2022 form is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kedang.catalogue.errors import ReferenceCodeMalformed

LEVEL_JOINER = "-"
CODE_JOINER = "·"  # U+00B7
_OTHER_DOTS = str.maketrans("•・‧∙", CODE_JOINER * 4)  # look alike, written by other software
_OTHER_HYPHENS = str.maketrans("－–—", LEVEL_JOINER * 3)
_FONDS = re.compile(r"[A-Z0-9]{1,8}")
_CODE = re.compile(r"[A-Z0-9]{1,8}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_RETENTION = re.compile(r"Y|D[1-9][0-9]?")
_OFFICE = re.compile(r"[A-Z0-9]{1,8}|[\u4e00-\u9fff]{1,12}")
_SERIAL = re.compile(r"[0-9]{1,9}")
_CHARACTERS_MAX = 100
_FORM_2015_LEVELS = (4, 5)  # 全宗号-门类·年度-期限[-机构]-件号


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers 类: everything of a reference code before the running numbers."""

    fonds: str
    codes: tuple[str, ...]
    """门类代码 first, then the second and further levels."""
    year: int | None
    retention: str | None
    """"Y" or "D" and a number of years."""
    office: str | None = None
    """机构或问题, where a scheme uses it."""

    def __str__(self) -> str:
        year = None if self.year is None else f"{self.year:04d}"
        elements = (*self.codes, year, self.retention, self.office)
        category = CODE_JOINER.join(element for element in elements if element is not None)
        return f"{self.fonds}{LEVEL_JOINER}{category}"


@dataclass(frozen=True, slots=True)
class ReferenceCode:
    """A 档号 by its elements. Given once, never changed, never used again."""

    series: Series
    volume: str | None
    """案卷号 with its leading zeros; None when filed by item."""
    item: str
    """件号 with its leading zeros."""

    def __post_init__(self) -> None:
        series = self.series
        well_formed = (
            _FONDS.fullmatch(series.fonds)
            and series.codes
            and all(map(_CODE.fullmatch, series.codes))
            and (series.year is None or _YEAR.fullmatch(str(series.year)))
            and (series.retention is None or _RETENTION.fullmatch(series.retention))
            and (series.office is None or _office_well_formed(series))
            and not any(map(_looks_like_year_or_period, series.codes))
            and (self.volume is None or _SERIAL.fullmatch(self.volume))
            and _SERIAL.fullmatch(self.item)
        )
        if not well_formed:
            raise ReferenceCodeMalformed(codes=len(series.codes))

    def __str__(self) -> str:
        levels = (str(self.series), self.volume, self.item)
        return LEVEL_JOINER.join(level for level in levels if level is not None)

    @property
    def item_number(self) -> int:
        """件号 as a number."""
        return int(self.item)

    @classmethod
    def parse(cls, text: str) -> ReferenceCode:
        """The 档号 in a text, in the 2022 form or the 2015 form, with look-alike joiners forgiven.

        Raises:
            ReferenceCodeMalformed: neither form.
        """
        if len(text) > _CHARACTERS_MAX:
            raise ReferenceCodeMalformed(characters=len(text))
        plain = text.strip().translate(_OTHER_DOTS).translate(_OTHER_HYPHENS)
        levels = plain.split(LEVEL_JOINER)
        if len(levels) in _FORM_2015_LEVELS and _RETENTION.fullmatch(levels[2]):
            fonds, category, *later, item = levels
            return cls(_series(fonds, [*category.split(CODE_JOINER), *later]), None, item)
        match levels:
            case [fonds, category, item]:
                return cls(_series(fonds, category.split(CODE_JOINER)), None, item)
            case [fonds, category, volume, item]:
                return cls(_series(fonds, category.split(CODE_JOINER)), volume, item)
            case _:
                raise ReferenceCodeMalformed(levels=len(levels))


def _series(fonds: str, elements: list[str]) -> Series:
    """The series of a split 类别号: codes up to the year or period, then year, period and office."""
    rest = list(elements)
    codes: list[str] = []
    while rest and not _looks_like_year_or_period(rest[0]):
        codes.append(rest.pop(0))
    year = int(rest.pop(0)) if rest and _YEAR.fullmatch(rest[0]) else None
    retention = rest.pop(0) if rest and _RETENTION.fullmatch(rest[0]) else None
    office = rest.pop(0) if rest else None
    if rest:
        raise ReferenceCodeMalformed(codes=len(elements))
    return Series(fonds, tuple(codes), year, retention, office)


def _looks_like_year_or_period(code: str) -> bool:
    return bool(_YEAR.fullmatch(code) or _RETENTION.fullmatch(code))


def _office_well_formed(series: Series) -> bool:
    """An office stands behind a year or period, or it could not be told from a code."""
    follows = series.year is not None or series.retention is not None
    office = series.office or ""
    if _YEAR.fullmatch(office) and series.retention is None:
        return False
    return follows and bool(_OFFICE.fullmatch(office)) and not _RETENTION.fullmatch(office)
