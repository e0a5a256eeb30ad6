"""Accounts of the installation, and what is granted to whom in a case. Grants are events of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from kedang.access.deciding import Grant, Person, Scope, require_apart
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.door_key import DoorKey
from kedang.holdings.adapters.guarding import MARKS, guarded, require_as_written
from kedang.holdings.models import Account, Agent, Membership
from kedang.holdings.people_errors import LoginTaken
from kedang.ledger.leaves import Event

SCOPE_PARTS = ("classes", "sensitivities", "sources", "customers", "records")


def add_account(
    door: DoorKey,
    account_id: str,
    *,
    name: str,
    login: str,
    password: str,
    must_change: bool,
    keeps_accounts: bool = False,
    now: datetime,
) -> Account:
    """A new account, which may do nothing in any case yet.

    Raises:
        LoginTaken: the sign-in name is in use, perhaps in other letters (ＡＢＣ, abc).
    """
    account = Account(
        id=account_id,
        login=door.fingerprint(login),
        password=make_password(password),
        sealed=door.seal(account_id, "account.sealed", {"name": name, "login": login.strip()}),
        must_change=must_change,
        keeps_accounts=keeps_accounts,
        sessions_from=now,
        created=now,
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise LoginTaken() from error
    return account


def join_case(
    archive: Archive, door: DoorKey, account: Account, grants: Sequence[Grant], *, now: datetime
) -> Membership:
    """The account as an agent of the case, with these grants. An account that has joined gets them as its only ones.

    Raises:
        RolesClash: the roles are duties of different people.
    """
    require_apart([grant.role for grant in grants])
    known = Membership.objects.filter(case_id=archive.case_id, account=account.id).first()
    with transaction.atomic():
        if known is None:
            known = _new_membership(archive, door, account)
        before = {one["id"]: one for one in known.grants}
        after = {grant.id: before.get(grant.id) or _said(archive, grant, now) for grant in grants}
        known.grants = list(after.values())
        guarded(archive, known).save()
        events = [_event(archive, known, "granted", after[one]) for one in after.keys() - before.keys()]
        events += [_event(archive, known, "grant-ended", before[one]) for one in before.keys() - after.keys()]
        if events:
            book.write(archive.case_id, events, now=now)
    return known


def _new_membership(archive: Archive, door: DoorKey, account: Account) -> Membership:
    agent = Agent(id=archive.new_id(), case_id=archive.case_id, kind="person")
    name = door.open(account.id, "account.sealed", account.sealed)["name"]
    agent.sealed = archive.seal(archive.case_key(), agent.id, "agent.sealed", {"name": name})
    guarded(archive, agent).save(force_insert=True)
    return Membership(
        id=archive.new_id(), case_id=archive.case_id, account=account.id, agent_id=agent.id, grants=[]
    )


def _said(archive: Archive, grant: Grant, now: datetime) -> dict[str, Any]:
    scope = {name: sorted(values) for name, values in asdict(grant.scope).items() if values is not None}
    return {
        "id": grant.id,
        "role": grant.role,
        "scope": scope,
        "last_day": grant.last_day.isoformat() if grant.last_day else None,
        "given_by": archive.agent,
        "given": now.isoformat(),
    }


def _event(archive: Archive, member: Membership, act: str, said: Mapping[str, Any]) -> Event:
    facts: dict[str, Any] = {"role": said["role"]}
    if act == "granted":
        facts |= {"scoped": bool(said["scope"])} | ({"until": said["last_day"]} if said["last_day"] else {})
    return Event(archive.agent, act, (f"agent:{member.agent_id}", f"grant:{said['id']}"), facts)


def person_of(archive: Archive, account_id: str) -> Person | None:
    """What an account may do in the case; None when it has not joined.

    Raises:
        RowAltered: the row of its grants is not as it was written.
    """
    row = Membership.objects.filter(case_id=archive.case_id, account=account_id).first()
    if row is None:
        return None
    require_as_written(MARKS[Membership], archive, row)
    return Person(row.agent_id, tuple(map(grant_of, row.grants)))


def grant_of(said: Mapping[str, Any]) -> Grant:
    """A grant as its row has it."""
    scope = Scope(
        **{part: frozenset(said["scope"][part]) if part in said["scope"] else None for part in SCOPE_PARTS}
    )
    last = said["last_day"]
    return Grant(said["id"], said["role"], scope, date.fromisoformat(last) if last else None)
