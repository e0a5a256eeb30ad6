"""Signs in a customer's papers that somebody must look at: open contracts, unpaid sums, complaints, guarantees, disputes.

A sign is a reason to look, with the paper it stands in; it never says that something is owed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

from kedang.records.content import Fact, RecordClass
from kedang.resolution.dealings import STEPS, Dealing, PaperKind

_DATA: Mapping[str, Any] = tomllib.loads(
    files("kedang.resolution").joinpath("risks.toml").read_text(encoding="utf-8")
)
_HEAD = 60  # code points of a text in which the name of a form stands
_FORMS = [(one["code"], tuple(one["words"])) for one in _DATA["paper"]]
_ANCHORS = (PaperKind.CONTRACT, PaperKind.ORDER)


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason to look: its code in risks.toml, the values its words want, and the records it stands in."""

    code: str
    records: tuple[str, ...]
    values: Mapping[str, str]

    def words(self, language: str) -> str:
        """What was found, in `zh` or `en`."""
        return str(_DATA["lines"][self.code][language]).format(**self.values)

    def why(self, language: str) -> str:
        """Why it matters, in `zh` or `en`."""
        return str(_DATA["lines"][self.code][f"why_{language}"])


def signs_of_record(
    record: str, record_class: RecordClass, title: str, text: str, facts: Sequence[Fact], *, today: date
) -> Iterator[Sign]:
    """What one record that is this customer's says by itself."""
    code = _code_of(title, text)
    if code == "complaint" and (closed := _latest(facts, _DATA["facts"]["closed"])):
        yield Sign("complaint-closed", (record,), {"day": closed.isoformat()})
    elif code is not None:
        yield Sign(code, (record,), {})
    if record_class is RecordClass.CONTRACT:
        end = _latest(facts, _DATA["facts"]["end"])
        if end is None:
            yield Sign("end-unknown", (record,), {})
        elif end >= today:
            yield Sign("open-contract", (record,), {"day": end.isoformat()})


def signs_of_list(record: str, title: str, text: str) -> Iterator[Sign]:
    """What a list of many customers says by its title of those who are in it."""
    if _code_of(title, text) is not None:
        yield Sign("in-list", (record,), {})


def _code_of(title: str, text: str) -> str | None:
    head = (title + "\n" + text[:_HEAD]).casefold()
    return next((code for code, words in _FORMS if any(word in head for word in words)), None)


def _latest(facts: Sequence[Fact], kinds: Iterable[str]) -> date | None:
    wanted = frozenset(kinds)
    days = [date.fromisoformat(fact.value) for fact in facts if fact.kind in wanted]
    return max(days, default=None)


def signs_of_dealing(dealing: Dealing) -> Iterator[Sign]:
    """What the sums of a dealing say: less paid than agreed, paid and nothing delivered."""
    records = tuple(paper.record for paper in dealing.papers if paper.kind in STEPS)
    agreed = next((dealing.sums[step] for step in _ANCHORS if step in dealing.sums), None)
    paid = dealing.sums.get(PaperKind.PAYMENT, Decimal(0))
    if agreed is not None and paid < agreed:
        values = {"agreed": agreed, "paid": paid, "difference": agreed - paid}
        yield Sign("unpaid", records, {name: f"{value:,.2f}" for name, value in values.items()})
    kinds = {paper.kind for paper in dealing.papers}
    if paid and PaperKind.DELIVERY not in kinds:
        yield Sign("not-delivered", records, {"paid": f"{paid:,.2f}"})
