"""The page's words: sentences, and names for kinds, facts and values of the ledger."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from kedang.entrypoints.report.texts import Words
from kedang.records.days import said_day

_DIGEST = re.compile(r"[0-9a-f]{32,64}")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})[.\d]*Z)?")
"""A day, or a moment in UTC."""
VALUES_SHOWN = 4  # of a list


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(
        files("kedang.entrypoints.ledger_page").joinpath("texts.toml").read_text(encoding="utf-8")
    )


@dataclass(frozen=True, slots=True)
class Said(Words):
    """Speaks one language, with the words of the ledger page."""

    def say(self, key: str, **values: str | int) -> str:
        """The sentence of `key`, numbers with separators."""
        shown = {name: self.number(value) for name, value in values.items()}
        return str(_texts()[key]["zh" if self.chinese else "en"]).format(**shown)

    def kind(self, kind: str) -> str:
        """What a kind of object is called."""
        return self._named("kinds", kind)

    def fact(self, name: str) -> str:
        """What a fact is called."""
        return self._named("facts", name)

    def value(self, value: Any, fact: str = "") -> str:
        """A fact's value for people; empty for what tells a person nothing: digests, ids, what is not so."""
        if isinstance(value, bool):
            return self._named("values", "yes") if value else ""
        if isinstance(value, int):
            return self.number(value)
        if isinstance(value, list):
            rest = "…" if len(value) > VALUES_SHOWN else ""
            shown = [self.value(one, fact) for one in value[:VALUES_SHOWN]]
            return ("、" if self.chinese else ", ").join(filter(None, shown)) + rest
        if _DIGEST.fullmatch(value):
            return ""
        if (moment := _MOMENT.fullmatch(value)) is not None:
            day = said_day(date.fromisoformat(moment[1]), self.language)
            return f"{day} {moment[2]} UTC" if moment[2] else day
        return self._named("values", f"{fact}.{value}" if f"{fact}.{value}" in _texts()["values"] else value)

    def _named(self, table: str, word: str) -> str:
        entry = _texts()[table].get(word)
        return str(entry["zh" if self.chinese else "en"]) if entry else word
