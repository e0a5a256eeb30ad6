"""A covered value of a customer's profile shown, one at a time and for a reason; noted before it is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.customer_errors import ReasonMissing, ValueUnknown
from kedang.holdings.models import Reveal
from kedang.holdings.queries.customer_file import customer_file
from kedang.holdings.queries.customer_scope import CustomerScope
from kedang.ledger.commitments import SALT_BYTES, commit
from kedang.ledger.leaves import Event

VALUE = "value"
SHORTEST_REASON = 2  # characters; "查" says nothing, "对账" does


def reveal_value(
    archive: Archive,
    customer: str,
    place: tuple[str, int],
    reason: str,
    *,
    scope: CustomerScope,
    clock: Callable[[], datetime],
) -> str:
    """The value at `place`, a field of the profile and its number among the rivals, as the records in `scope` say it.

    Raises:
        ReasonMissing: nobody says why. ValueUnknown: no record in `scope` says such a value.
    """
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing()
    field, number = place
    profile = {
        one["field"]: one["values"] for one in customer_file(archive, customer, scope=scope)["profile"]
    }
    values = profile.get(field, [])
    if number >= len(values):
        raise ValueUnknown()
    said = values[number]
    note_revealed(archive, said["sources"][0]["record_id"], field, reason, now=clock())
    return str(said["value"])


def note_revealed(archive: Archive, record: str, category: str, reason: str, *, now: datetime) -> None:
    """That a value which the record says was shown, and why."""
    salt = archive.random_bytes(SALT_BYTES)
    commitment = commit(reason.encode(), salt=salt)
    row = Reveal(
        id=archive.new_id(),
        case_id=archive.case_id,
        record_id=record,
        agent_id=archive.agent,
        when=now,
        part=VALUE,
        category=category[:24],
        commitment=commitment,
    )
    said = {"reason": reason, "salt": salt.hex()}
    row.sealed = archive.seal(archive.case_key(), row.id, "reveal.sealed", said)
    facts: dict[str, str | int] = {"part": VALUE, "reason": commitment}
    with transaction.atomic():
        guarded(archive, row).save(force_insert=True)
        book.write(archive.case_id, [Event(archive.agent, "revealed", (f"record:{record}",), facts)], now=now)
