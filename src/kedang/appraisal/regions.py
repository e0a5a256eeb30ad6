"""Names of provinces and prefectures, to find where addresses and organisation names begin."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from kedang.appraisal.word_patterns import any_of


@cache
def _table() -> dict[str, dict[str, str]]:
    text = (files("kedang.appraisal") / "regions.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {"provinces": table["provinces"], "prefectures": table["prefectures"]}


@cache
def province_names() -> tuple[str, ...]:
    """Short names of the provinces: 浙江, 内蒙古."""
    return tuple(_table()["provinces"].values())


@cache
def prefecture_names() -> tuple[str, ...]:
    """Short names of prefectures and large county-level cities: 杭州, 义乌."""
    return tuple(name for names in _table()["prefectures"].values() for name in names.split())


@cache
def region_pattern() -> re.Pattern[str]:
    """Matches any province or prefecture name, longest first."""
    return re.compile(any_of({*province_names(), *prefecture_names()}))
