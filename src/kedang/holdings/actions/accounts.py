"""Accounts of the installation kept in order: suspended, resumed, given a new first password or other factors.

Each is an event in every case that the account has joined, by whoever did it there (`by`, an account; empty on the
command line, which acts as the founder), or by the account's own agent where he has not joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from kedang.holdings.actions.granting import GUARDIANS, account_of, holders_of
from kedang.holdings.adapters import book
from kedang.holdings.adapters.second_factors import forget_second_factors
from kedang.holdings.models import Account, Agent, Membership, SignIn
from kedang.holdings.people_errors import LastOfDuty, NoSuchPerson, OwnGrants
from kedang.ledger.leaves import Event
from kedang.records.ids import AgentId, CaseId


def suspend(account_id: str, *, by: str, now: datetime) -> Account:
    """The account, which can no longer sign in; all its sessions have ended.

    Raises:
        OwnGrants: it is one's own.
        LastOfDuty: nobody else keeps the accounts, or gives permissions in one of its cases.
    """
    account = account_of(account_id)
    with transaction.atomic():
        if account_id == by:
            raise OwnGrants()
        keepers = Account.objects.filter(keeps_accounts=True, is_active=True)
        if account.keeps_accounts and not keepers.exclude(id=account_id).exists():
            raise LastOfDuty()
        for case in Membership.objects.filter(account=account_id).values_list("case_id", flat=True):
            for role in GUARDIANS:
                holders = holders_of(case, role, today=now.date())
                if holders == [account_id]:
                    raise LastOfDuty()
        account.is_active = False
        _ended(account, now)
        account.save(update_fields=["is_active", "sessions_from"])
        _note(account_id, "suspended", by=by, now=now)
    return account


def resume(account_id: str, *, by: str, now: datetime) -> Account:
    """The account, which can sign in again."""
    account = account_of(account_id)
    with transaction.atomic():
        account.is_active = True
        account.save(update_fields=["is_active"])
        _note(account_id, "resumed", by=by, now=now)
    return account


def set_first_password(account_id: str, password: str, *, by: str, now: datetime) -> Account:
    """The account with a password that is to be changed at the next sign-in; all its sessions have ended."""
    account = account_of(account_id)
    with transaction.atomic():
        account.password, account.must_change = make_password(password), True
        _ended(account, now)
        account.save(update_fields=["password", "must_change", "sessions_from"])
        _note(account_id, "password-reset", by=by, now=now)
    return account


def reset_second_factor(account_id: str, *, by: str, now: datetime) -> Account:
    """The account without one-time passwords, recovery codes and passkeys; all its sessions have ended."""
    account = account_of(account_id)
    with transaction.atomic():
        forget_second_factors(account_id)
        _ended(account, now)
        account.save(update_fields=["sessions_from"])
        _note(account_id, "second-factor-reset", by=by, now=now)
    return account


def sign_out_everywhere(account_id: str, *, by: str, now: datetime) -> None:
    """No session of the account goes on."""
    account = account_of(account_id)
    with transaction.atomic():
        _ended(account, now)
        account.save(update_fields=["sessions_from"])
        _note(account_id, "signed-out", by=by, now=now)


def change_own_password(account: Account, password: str, *, here: str, now: datetime) -> None:
    """A password that the person has chosen himself; every session but the one in which he did it has ended."""
    with transaction.atomic():
        account.password, account.must_change, account.sessions_from = make_password(password), False, now
        account.save(update_fields=["password", "must_change", "sessions_from"])
        SignIn.objects.filter(account=account.id).exclude(id=here).delete()
        SignIn.objects.filter(account=account.id, id=here).update(began=now)


def joined(account_ids: Sequence[str]) -> dict[str, list[Membership]]:
    """The memberships of accounts, by account."""
    found: dict[str, list[Membership]] = {one: [] for one in account_ids}
    for row in Membership.objects.filter(account__in=account_ids).select_related("case"):
        found[row.account].append(row)
    return found


def _ended(account: Account, now: datetime) -> None:
    account.sessions_from = now
    SignIn.objects.filter(account=account.id).delete()


def _note(account_id: str, change: str, *, by: str, now: datetime) -> None:
    mine = dict(
        Membership.objects.filter(account=by).values_list("case_id", "agent_id")
        if by
        else Agent.objects.filter(founder=True).values_list("case_id", "id")
    )
    for case, agent in Membership.objects.filter(account=account_id).values_list("case_id", "agent_id"):
        event = Event(
            AgentId(mine.get(case, agent)), "account-changed", (f"agent:{agent}",), {"change": change}
        )
        book.write(CaseId(case), [event], now=now)


def end_session(account_id: str, sign_in_id: str) -> None:
    """One of the account's sessions ends at its next request.

    Raises:
        NoSuchPerson: it has none of this id.
    """
    ended, _ = SignIn.objects.filter(account=account_id, id=sign_in_id).delete()
    if not ended:
        raise NoSuchPerson()
