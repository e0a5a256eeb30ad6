"""A reconciliation for a program, and as tables for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from kedang.entrypoints.customer_page.texts import PageWords
from kedang.holdings.queries.reconciling import Gap, Reconciliation
from kedang.records.sheets import Cells
from kedang.resolution.dealings import Control

_TOTALS = (
    "count", "sum", "without-amount", "told-count", "told-sum", "count-difference", "sum-difference",
)  # fmt: skip


def reconciliation_json(found: Reconciliation, controls: Sequence[Control]) -> dict[str, Any]:
    """Totals, what was told of them, and every gap."""
    told = {control.kind: control for control in controls}
    return {
        "agrees": found.agrees,
        "dealings": found.dealings,
        "closed": found.closed,
        "lists": found.lists,
        "totals": [
            {
                "kind": one.kind.value,
                "count": one.count,
                "total": str(one.total),
                "without_total": one.without_total,
                "told_count": told[one.kind].count if one.kind in told else None,
                "told_total": _amount(told[one.kind].total if one.kind in told else None),
                "count_difference": one.count_difference,
                "total_difference": _amount(one.total_difference),
            }
            for one in found.totals
        ],
        "gaps": [_gap(gap) for gap in found.gaps],
    }


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "customer": gap.number,
        "name": gap.name,
        "code": gap.line.code,
        "differs": gap.differs,
        "values": dict(gap.line.values),
        "records": list(gap.records),
        "reference_codes": list(gap.reference_codes),
        "zh": gap.line.words("zh"),
        "en": gap.line.words("en"),
    }


def tables_of(
    given: Mapping[str, Any], words: PageWords
) -> Iterator[tuple[str, tuple[str, ...], list[Cells]]]:
    """The totals and the gap list, each with its name, heads and rows."""
    heads = (words.say("paper"), *map(words.say, _TOTALS))
    yield words.say("totals"), heads, [_total(one, words) for one in given["totals"]]
    heads = tuple(map(words.say, ("customer", "name", "code", "gap", "where")))
    rows: list[Cells] = [
        (
            one["customer"],
            one["name"] or words.say("nobody"),
            one["code"],
            one[words.short],
            " ".join(one["reference_codes"]),
        )
        for one in given["gaps"]
    ]
    yield words.say("gaps"), heads, rows


def _total(one: Mapping[str, Any], words: PageWords) -> Cells:
    amounts = {name: one[name] for name in ("total", "told_total", "total_difference")}
    shown = {name: float(said) if said is not None else None for name, said in amounts.items()}
    return (
        words.of("paper", one["kind"]),
        one["count"],
        shown["total"],
        one["without_total"],
        one["told_count"],
        shown["told_total"],
        one["count_difference"],
        shown["total_difference"],
    )
