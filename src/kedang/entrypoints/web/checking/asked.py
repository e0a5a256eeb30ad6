"""What the address and the form of a question say: filters, and the values of a decision."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from kedang.entrypoints.web.checking.describing import facts_said
from kedang.holdings.actions.correcting import ABOUT_CLASS, ACCEPTED, DISMISSED, Decided, NewValues
from kedang.holdings.checking_errors import ValueImpossible
from kedang.holdings.queries.checking import QueueFilter
from kedang.records.content import RecordClass

_CODE = re.compile(r"KD-[A-Z]\d{3}")
_ID = re.compile(r"[0-9a-f]{32}")
_CLASSES = frozenset(one.value for one in RecordClass)
NO_ACCOUNTING = "none"


def filter_of(said: QueryDict) -> QueueFilter:
    """The filter that an address or a form names; what is no filter is left out."""
    code, chosen, source = said.get("code", ""), said.get("class", ""), said.get("source", "")
    return QueueFilter(
        code=code if _CODE.fullmatch(code) else "",
        record_class=chosen if chosen in _CLASSES else "",
        source=source if _ID.fullmatch(source) else "",
        mine=said.get("mine") == "1",
        blocking=said.get("blocking") == "1",
    )


def words_of(wanted: QueueFilter, **more: str) -> str:
    """The filter as an address has it, with the question mark; empty for none."""
    said = {"code": wanted.code, "class": wanted.record_class, "source": wanted.source}
    said |= {"mine": "1" if wanted.mine else "", "blocking": "1" if wanted.blocking else ""} | more
    kept = {name: value for name, value in said.items() if value}
    return "?" + urlencode(kept) if kept else ""


def is_id(said: str) -> bool:
    """Whether it can be an id."""
    return _ID.fullmatch(said) is not None


def decided_of(request: HttpRequest, record: object, code: str = "") -> Decided:
    """The decision that a form says; a class that is only left as it is counts where the question asks for it.

    Raises:
        ValueImpossible: a date is none.
    """
    said = request.POST
    kind = DISMISSED if said.get("answer") == DISMISSED else ACCEPTED
    chosen: str | None = said.get("record_class") or None
    if kind == DISMISSED or (chosen == getattr(record, "record_class", "") and code not in ABOUT_CLASS):
        chosen = None
    values = NewValues() if kind == DISMISSED else _values(said, chosen)
    return Decided(kind, values, said.get("reason", "").strip(), said.get("seen", ""))


def _values(said: Mapping[str, str], chosen: str | None) -> NewValues:
    accounting = said.get("accounting", "")
    day = said.get("date", "").strip()
    try:
        dated = date.fromisoformat(day) if day else None
    except ValueError as error:
        raise ValueImpossible(field="record_date") from error
    return NewValues(
        record_class=chosen,
        sensitivity=said.get("sensitivity") or None,
        accounting=None if not accounting else accounting != NO_ACCOUNTING,
        accounting_kind=None if accounting in ("", NO_ACCOUNTING) else accounting.removeprefix("kind-"),
        record_date=None if said.get("no_date") == "1" else dated,
        no_date=said.get("no_date") == "1",
        title=" ".join(said.get("title", "").split()) or None,
        facts=facts_said(said),
    )
