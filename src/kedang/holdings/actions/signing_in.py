"""Who is signed in where, and how often signing in failed of late. Neither keeps an address or a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from kedang.holdings.adapters import book
from kedang.holdings.models import Account, FailedSignIn, Membership, SignIn
from kedang.ledger.leaves import Event
from kedang.records.ids import AgentId, CaseId

FIRST_PASSWORD_LASTS = timedelta(days=7)
"""Until it must have been changed."""
SEEN_EVERY = timedelta(minutes=1)
KEPT = timedelta(days=1)


def note_signed_in(account: Account, *, sign_in_id: str, browser: str, method: str, now: datetime) -> None:
    """The new session, and an event in the ledger of every case that the account has joined."""
    with transaction.atomic():
        SignIn.objects.filter(last_seen__lt=now - KEPT).delete()
        SignIn.objects.create(
            id=sign_in_id,
            account=account.id,
            began=now,
            last_seen=now,
            browser=browser,
            method=method,
        )
        for case, agent in Membership.objects.filter(account=account.id).values_list("case_id", "agent_id"):
            book.write(CaseId(case), [Event(AgentId(agent), "signed-in", (f"agent:{agent}",), {})], now=now)


def is_signed_in(account: Account, sign_in_id: str, *, idle: timedelta, now: datetime) -> bool:
    """Whether the session goes on; that it was seen is noted once a minute."""
    row = SignIn.objects.filter(id=sign_in_id, account=account.id).first()
    if row is None or not account.is_active or row.began < account.sessions_from:
        return False
    if now - row.last_seen > idle:
        row.delete()
        return False
    if now - row.last_seen > SEEN_EVERY:
        SignIn.objects.filter(id=row.id).update(last_seen=now)
    return True


def first_password_is_over(account: Account, *, now: datetime) -> bool:
    """Whether the password that somebody else has set was never used in time."""
    return account.must_change and now - account.sessions_from > FIRST_PASSWORD_LASTS


def signed_out(sign_in_id: str) -> None:
    """The session has ended."""
    SignIn.objects.filter(id=sign_in_id).delete()


def sessions_of(account_id: str) -> Sequence[SignIn]:
    """Where the account is signed in, the latest first."""
    return list(SignIn.objects.filter(account=account_id).order_by("-last_seen"))


def failures(keys: Sequence[str], *, within: timedelta, now: datetime) -> dict[str, int]:
    """How often signing in failed of late, by what is counted."""
    rows = FailedSignIn.objects.filter(key__in=keys, began__gt=now - within)
    return dict(rows.values_list("key", "count"))


def note_failure(keys: Sequence[str], *, within: timedelta, now: datetime) -> None:
    """One more for each; those that began long ago begin anew."""
    with transaction.atomic():
        FailedSignIn.objects.filter(began__lte=now - within).delete()
        for key in keys:
            row, fresh = FailedSignIn.objects.select_for_update().get_or_create(
                key=key, defaults={"count": 1, "began": now}
            )
            if not fresh:
                row.count += 1
                row.save(update_fields=["count"])


def forget_failures(keys: Sequence[str]) -> None:
    """Signing in has succeeded."""
    FailedSignIn.objects.filter(key__in=keys).delete()
