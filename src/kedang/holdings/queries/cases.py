"""The cases of a home, told without any key."""

from __future__ import annotations

from kedang.holdings.errors import NoCase
from kedang.holdings.models import Case, Membership, Record


def case_of(fonds_code: str) -> Case:
    """The case of this fonds number.

    Raises:
        NoCase: there is none.
    """
    case = Case.objects.filter(fonds_code=fonds_code).first()
    if case is None:
        raise NoCase()
    return case


def fonds_codes() -> list[str]:
    """All cases of the home, in the order in which they were opened."""
    return list(Case.objects.order_by("created", "id").values_list("fonds_code", flat=True))


def codes_of_account(account_id: str) -> list[str]:
    """The cases that an account has joined."""
    joined = Membership.objects.filter(account=account_id).values("case_id")
    rows = Case.objects.filter(id__in=joined).order_by("created", "id")
    return list(rows.values_list("fonds_code", flat=True))


def has_records(case_id: str, count: int) -> bool:
    """Whether a case has at least so many."""
    ids = Record.objects.filter(case_id=case_id).order_by().values_list("id", flat=True)
    return len(ids[count - 1 : count]) == 1
