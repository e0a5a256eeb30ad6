"""Tokens of the API: made once and shown once, ended by whoever made them or gives permissions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from django.db import transaction

from kedang.access.deciding import Act, Person, Scope, narrowed
from kedang.holdings.actions.people import grant_of, person_of
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import MARKS, guarded, require_as_written, rewrite
from kedang.holdings.models import Token
from kedang.holdings.people_errors import TokenRefused, TokenTooLong
from kedang.ledger.leaves import Event

SECRET_BYTES = 32
LONGEST = timedelta(days=366)
PREFIX = "kedang_"


def make_token(
    archive: Archive,
    account_id: str,
    *,
    purpose: str,
    acts: Collection[Act],
    scope: Scope,
    last_day: date,
    now: datetime,
) -> tuple[Token, str]:
    """The new token and its secret text, which is shown this once.

    Raises:
        TokenTooLong: it would hold for more than a year, or for no day at all.
    """
    if not now.date() <= last_day <= (now + LONGEST).date():
        raise TokenTooLong()
    secret = archive.random_bytes(SECRET_BYTES)
    row = Token(
        id=archive.new_id(),
        case_id=archive.case_id,
        account=account_id,
        digest=sha256(secret).digest(),
        acts=sorted(act.value for act in acts),
        scope={name: sorted(values) for name, values in asdict(scope).items() if values is not None},
        last_day=last_day,
        made=now,
    )
    row.sealed = archive.seal(archive.case_key(), row.id, "token.sealed", {"purpose": purpose})
    with transaction.atomic():
        guarded(archive, row).save(force_insert=True)
        facts: dict[str, str | int] = {"until": last_day.isoformat(), "acts": len(row.acts)}
        book.write(
            archive.case_id, [Event(archive.agent, "token-made", (f"token:{row.id}",), facts)], now=now
        )
    return row, f"{PREFIX}{row.id}{secret.hex()}"


def end_token(archive: Archive, token_id: str, *, now: datetime) -> None:
    """The token opens nothing from now on. Again is nothing."""
    with transaction.atomic():
        rows = list(Token.objects.filter(case_id=archive.case_id, id=token_id, ended=None))
        if rows:
            rewrite(archive, rows, ended=now)
            events = [Event(archive.agent, "token-ended", (f"token:{row.id}",), {}) for row in rows]
            book.write(archive.case_id, events, now=now)


def tokens_of(archive: Archive, account_id: str | None = None) -> list[dict[str, Any]]:
    """The tokens of an account, or of all, newest first, with what each is for."""
    rows = Token.objects.filter(case_id=archive.case_id).order_by("-made", "id")
    rows = rows.filter(account=account_id) if account_id is not None else rows
    return [
        {
            "id": row.id,
            "account": row.account,
            "purpose": archive.open(archive.case_key(), row.id, "token.sealed", row.sealed)["purpose"],
            "acts": row.acts,
            "scope": row.scope,
            "last_day": row.last_day,
            "made": row.made,
            "ended": row.ended,
        }
        for row in rows
    ]


def bearer(archive: Archive, text: str, *, today: date) -> tuple[str, Person]:
    """The account and the person for whom the bearer of a token acts.

    Raises:
        TokenRefused: it is not a token of this case, has ended, or whoever made it has left the case.
    """
    token_id, secret = text.removeprefix(PREFIX)[:32], text.removeprefix(PREFIX)[32:]
    row = Token.objects.filter(case_id=archive.case_id, id=token_id, ended=None).first()
    try:
        octets = bytes.fromhex(secret)
    except ValueError:
        octets = b""
    if row is None or not compare_digest(bytes(row.digest), sha256(octets).digest()):
        raise TokenRefused()
    require_as_written(MARKS[Token], archive, row)
    person = person_of(archive, row.account)
    if row.last_day < today or person is None:
        raise TokenRefused()
    scope = grant_of({"id": "", "role": "", "scope": row.scope, "last_day": None}).scope
    return row.account, narrowed(person, [Act(one) for one in row.acts], scope)
