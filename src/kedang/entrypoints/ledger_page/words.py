"""The page's words: sentences, and names for kinds, facts and values of the ledger."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from kedang.entrypoints.report.texts import Words

_DIGEST = re.compile(r"[0-9a-f]{32,64}")
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

    def value(self, value: Any) -> str:
        """A fact's value for people; empty for what tells a person nothing: digests, ids, what is not so."""
        if isinstance(value, bool):
            return self._named("values", "yes") if value else ""
        if isinstance(value, int):
            return self.number(value)
        if isinstance(value, list):
            rest = "…" if len(value) > VALUES_SHOWN else ""
            return "、".join(filter(None, map(self.value, value[:VALUES_SHOWN]))) + rest
        return "" if _DIGEST.fullmatch(value) else self._named("values", value)

    def _named(self, table: str, word: str) -> str:
        entry = _texts()[table].get(word)
        return str(entry["zh" if self.chinese else "en"]) if entry else word
