"""Permissions given and taken back, under the rules that keep duties apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from kedang.access.deciding import OF_RECORDS, Act, Grant, Person, require_apart, roles
from kedang.holdings.actions.people import grant_of, join_case
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.door_key import DoorKey
from kedang.holdings.models import Account, Membership
from kedang.holdings.people_errors import DutyFilled, LastOfDuty, NoSuchPerson, OwnGrants
from kedang.holdings.queries.permitted import permitted

GUARDIANS = ("security",)
"""Roles that somebody in every case must always have, once somebody has had them."""
KEEPER = "administrator"
OFFICERS = (KEEPER, "security", "auditor")
"""The three officers 三员, each of another duty."""
COUNTED = (Act.LIST, Act.READ, Act.REVEAL, Act.OPEN_ORIGINAL, Act.ANSWER, Act.ACCEPT)


def account_of(account_id: str) -> Account:
    """The account.

    Raises:
        NoSuchPerson: there is none.
    """
    found = Account.objects.filter(id=account_id).first()
    if found is None:
        raise NoSuchPerson()
    return found


def grants_of(archive: Archive, account_id: str) -> tuple[Grant, ...]:
    """What an account has in the case, in force or not."""
    row = Membership.objects.filter(case_id=archive.case_id, account=account_id).first()
    return tuple(map(grant_of, row.grants)) if row is not None else ()


def give(archive: Archive, door: DoorKey, account_id: str, grant: Grant, *, now: datetime) -> Membership:
    """The grant, beside what the account has already.

    Raises:
        OwnGrants: it is one's own account.
        RolesClash: the role is another duty than those the account has.
    """
    account = account_of(account_id)
    with transaction.atomic():
        grants = (*grants_of(archive, account_id), grant)
        _require_of_another(archive, account_id)
        require_fit(account, grants)
        return join_case(archive, door, account, grants, now=now)


def take_back(
    archive: Archive, door: DoorKey, account_id: str, grant_id: str, *, now: datetime
) -> Membership:
    """The account without this grant.

    Raises:
        OwnGrants: it is one's own account.
        LastOfDuty: nobody would give permissions any more.
        NoSuchPerson: there is no such grant.
    """
    account = account_of(account_id)
    today = now.date()
    with transaction.atomic():
        before = grants_of(archive, account_id)
        after = tuple(one for one in before if one.id != grant_id)
        if len(after) == len(before):
            raise NoSuchPerson()
        _require_of_another(archive, account_id)
        for role in GUARDIANS:
            lost = _has(before, role, today) and not _has(after, role, today)
            if lost and not holders_of(archive.case_id, role, but=account_id, today=today):
                raise LastOfDuty()
        return join_case(archive, door, account, after, now=now)


def appoint(archive: Archive, door: DoorKey, account_id: str, grant: Grant, *, now: datetime) -> Membership:
    """The first holder of one of the three officers' roles, named by whoever holds the keys of the case.

    Raises:
        DutyFilled: somebody has it; it is for the officers to decide from then on.
        RolesClash: the account has another duty.
    """
    account = account_of(account_id)
    with transaction.atomic():
        if grant.role not in OFFICERS or holders_of(archive.case_id, grant.role, today=now.date()):
            raise DutyFilled()
        _require_of_another(archive, account_id)
        grants = (*grants_of(archive, account_id), grant)
        require_fit(account, grants)
        return join_case(archive, door, account, grants, now=now)


def vacant(archive: Archive, *, today: date) -> tuple[str, ...]:
    """Those of the three officers' roles that nobody has."""
    return tuple(role for role in OFFICERS if not holders_of(archive.case_id, role, today=today))


def require_fit(account: Account, grants: Sequence[Grant]) -> None:
    """Nothing when the account may have all of these; whoever keeps the accounts sees no record in any case.

    Raises:
        RolesClash: it may not.
    """
    names = [grant.role for grant in grants]
    require_apart([*names, KEEPER] if account.keeps_accounts else names)


def holders_of(case_id: str, role: str, *, today: date, but: str = "") -> list[str]:
    """The active accounts, except one, that have a role in a case now."""
    active = set(Account.objects.filter(is_active=True).exclude(id=but).values_list("id", flat=True))
    rows = Membership.objects.filter(case_id=case_id).only("account", "grants")
    return [
        row.account
        for row in rows
        if row.account in active and _has(tuple(map(grant_of, row.grants)), role, today)
    ]


@dataclass(frozen=True, slots=True)
class Effect:
    """What other grants change."""

    counts: tuple[tuple[Act, int, int], ...]
    """With how many records an act is allowed before and after."""
    gained: tuple[Act, ...]
    """Acts on the case that are allowed afterwards only."""
    lost: tuple[Act, ...]


def effect(archive: Archive, before: Sequence[Grant], after: Sequence[Grant], *, today: date) -> Effect:
    """What changes when somebody has other grants."""
    case, old, new = archive.case_id, Person("", tuple(before)), Person("", tuple(after))
    counts = tuple(
        (act, permitted(case, old, act, today=today).count(), permitted(case, new, act, today=today).count())
        for act in COUNTED
    )
    had, has = _acts(before, today), _acts(after, today)
    return Effect(counts, tuple(sorted(has - had)), tuple(sorted(had - has)))


def _acts(grants: Sequence[Grant], today: date) -> set[Act]:
    found = {act for grant in grants if grant.holds(today) for act in roles()[grant.role].acts}
    return found - OF_RECORDS


def _has(grants: Sequence[Grant], role: str, today: date) -> bool:
    return any(grant.role == role and grant.holds(today) for grant in grants)


def _require_of_another(archive: Archive, account_id: str) -> None:
    row = Membership.objects.filter(case_id=archive.case_id, account=account_id).first()
    if row is not None and row.agent_id == archive.agent:
        raise OwnGrants()
