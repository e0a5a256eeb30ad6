"""Closing a gate of the case, or skipping it for a reason; opening it again."""

from __future__ import annotations

import os
from datetime import datetime

from django.db import transaction

from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import guarded
from kedang.holdings.models import Gate
from kedang.holdings.people_errors import GateFailing, GateUnknown
from kedang.holdings.queries.gates import GATES, gates_of
from kedang.ledger.commitments import commit
from kedang.ledger.leaves import Event
from kedang.vault.suites import SALT_BYTES


def close_gate(archive: Archive, name: str, *, reason: str = "", now: datetime) -> None:
    """Close a gate. Without a reason only when nothing fails; with one it is skipped, and the reason is sealed.

    Raises:
        GateUnknown: there is no such gate.
        GateFailing: its checks fail and no reason is given, or an earlier gate is open.
    """
    if name not in GATES:
        raise GateUnknown()
    standings = {one.name: one for one in gates_of(archive.case_id, now=now)}
    for earlier in list(GATES)[: list(GATES).index(name)]:
        if standings[earlier].closed is None:
            raise GateFailing(gate=earlier, failing=standings[earlier].failing)
    failing = standings[name].failing
    if failing and not reason.strip():
        raise GateFailing(gate=name, failing=failing)
    salt = os.urandom(SALT_BYTES)
    row = Gate(id=archive.new_id(), case_id=archive.case_id, name=name, closed=now, agent=archive.agent)
    row.skipped = bool(failing)
    said = {"reason": reason.strip(), "salt": salt.hex()} if failing else {}
    row.sealed = archive.seal(archive.case_key(), row.id, "gate.sealed", said)
    facts: dict[str, str | int] = {"gate": name, "skipped": row.skipped}
    if failing:
        facts |= {"reason": commit(reason.strip().encode(), salt=salt), "failing": failing}
    with transaction.atomic():
        Gate.objects.filter(case_id=archive.case_id, name=name).delete()
        guarded(archive, row).save(force_insert=True)
        book.write(archive.case_id, [Event(archive.agent, "gate-closed", (), facts)], now=now)


def open_gate(archive: Archive, name: str, *, now: datetime) -> None:
    """Open a gate again, and every later one: what was signed for is not so any more.

    Raises:
        GateUnknown: there is no such gate.
    """
    if name not in GATES:
        raise GateUnknown()
    later = list(GATES)[list(GATES).index(name) :]
    with transaction.atomic():
        rows = Gate.objects.filter(case_id=archive.case_id, name__in=later)
        names = [row.name for row in rows]
        rows.delete()
        if names:
            events = [Event(archive.agent, "gate-opened", (), {"gate": one}) for one in sorted(names)]
            book.write(archive.case_id, events, now=now)
