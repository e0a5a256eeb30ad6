"""The words of the customer file and of the reconciliation, in one language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from kedang.entrypoints.counts import spoken
from kedang.entrypoints.report.texts import Words
from kedang.records.days import said_day


@cache
def page_texts() -> dict[str, dict[str, str]]:
    """All texts by key and language."""
    table = files("kedang.entrypoints.customer_page").joinpath("texts.toml").read_text(encoding="utf-8")
    return tomllib.loads(table)


@dataclass(frozen=True, slots=True)
class PageWords(Words):
    """Speaks one language: "zh", or "en" for every other one."""

    @property
    def short(self) -> str:
        """`zh` or `en`, as data has its words."""
        return "zh" if self.chinese else "en"

    def say(self, key: str, **values: str | int) -> str:
        """The text of `key`, as the report says its own."""
        return page_texts()[key][self.short].format(**spoken(values))

    def of(self, family: str, key: str) -> str:
        """The word for one of a closed list; the key itself when the list has grown and the words have not."""
        known = page_texts().get(f"{family}-{key}")
        return known[self.short] if known else key

    def day(self, said: str) -> str:
        """A day, or the day of a moment, written ISO 8601; or one of the words that stand for none."""
        try:
            return said_day(date.fromisoformat(said[:10]), self.language)
        except ValueError:
            return self.of("until", said) if said else "–"
