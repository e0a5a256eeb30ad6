"""What the person at the desk may see of customers."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from kedang.access.deciding import Act
from kedang.entrypoints.web.desk import Desk
from kedang.holdings.errors import CustomerUnknown
from kedang.holdings.queries.customer_scope import CustomerScope
from kedang.holdings.queries.locating import find_customer


def scope_of(desk: Desk, act: Act = Act.LIST) -> CustomerScope:
    """Whose files, and which records in them."""
    return CustomerScope.of(desk.archive.case_id, desk.person, today=desk.today(), act=act)


def customer_of(desk: Desk, number: int) -> str:
    """The id of the customer of this number, when the person may see his file.

    Raises:
        Http404: there is none, or he may not know that there is.
    """
    try:
        found = find_customer(desk.archive, number)
    except CustomerUnknown as error:
        raise Http404 from error
    if not scope_of(desk).holds(found):
        raise Http404
    return found


_TABS = (
    ("customers", "customers.title", Act.SEE_CUSTOMERS),
    ("judging", "customers.judging", Act.JUDGE),
    ("audit", "customers.audit", Act.JUDGE),
    ("reconciliation", "customers.reconciliation", Act.SEE_CUSTOMERS),
    ("tables", "customers.tables", Act.LIST),
)


def tabs(desk: Desk, here: str) -> list[dict[str, Any]]:
    """The pages about customers that the person may open."""
    return [
        {"route": route, "text": text, "here": route == here} for route, text, act in _TABS if desk.may(act)
    ]
