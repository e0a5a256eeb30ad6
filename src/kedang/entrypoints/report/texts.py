"""The report's words, numbers, sizes and dates in one language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from kedang.entrypoints.counts import spoken
from kedang.records.days import said_day


@cache
def report_texts() -> dict[str, dict[str, str]]:
    """All texts by key and language."""
    table = files("kedang.entrypoints.report").joinpath("texts.toml").read_text(encoding="utf-8")
    return tomllib.loads(table)


@dataclass(frozen=True, slots=True)
class Words:
    """Speaks one language: "zh", or "en" for every other one."""

    language: str

    @property
    def chinese(self) -> bool:
        """Whether the report is in Chinese."""
        return self.language.startswith("zh")

    def say(self, key: str, **values: str | int) -> str:
        """The text of `key` with numbers written with separators and the noun that goes with them."""
        return report_texts()[key]["zh" if self.chinese else "en"].format(**spoken(values))

    def number(self, value: str | int) -> str:
        """A whole number with separators; text as it is."""
        return value if isinstance(value, str) else f"{value:,}"

    def size(self, size_bytes: int) -> str:
        """A size in decimal units, three figures."""
        amount, unit = float(size_bytes), "B"
        for larger in ("kB", "MB", "GB", "TB", "PB"):
            if amount < 1000:
                break
            amount, unit = amount / 1000, larger
        return (
            f"{size_bytes} B"
            if unit == "B"
            else f"{amount:.3g} {unit}"
            if amount < 1000
            else f"{amount:.0f} {unit}"
        )

    def share(self, part: int, whole: int) -> str:
        """A percentage with one decimal."""
        return f"{100 * part / whole:.1f} %" if whole else "–"

    def moment(self, when: datetime) -> str:
        """Date, time and offset."""
        offset = when.strftime("%z")
        zone = f" (UTC{offset[:3]}:{offset[3:5]})" if offset else ""
        return f"{said_day(when, self.language)} {when:%H:%M}{zone}"

    def year(self, year: int) -> str:
        """A year as a label: never with separators."""
        return f"{year:d}"
