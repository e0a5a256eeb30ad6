"""`kedang status`."""

from __future__ import annotations

from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.offered import offered
from kedang.entrypoints.cli.options import Case, Json
from kedang.holdings.queries.status import CaseStatus, status_of

SHOWN_YEARS = 8


def status(
    case: Case = None,
    as_json: Json = False,
) -> None:
    """The balance, questions and deadlines; needs no key."""
    context = new_context(as_json=as_json, fonds_code=case)
    context.prepare()
    found = status_of(context.fonds_code, context.places, offered=offered(None), today=context.now().date())
    if as_json:
        context.print_json(found.to_json())
    else:
        _print_status(context, found)


def _print_status(context: Context, found: CaseStatus) -> None:
    balance = found.balance
    context.print("status-case", code=found.fonds_code, size=found.ledger_size)
    refused = sum(balance.refused.values())
    context.print("balance", received=balance.received, kept=balance.kept, refused=refused, open=balance.open)
    context.print("balance-holds" if balance.holds else "balance-broken")
    context.print("status-records", records=balance.records, archived=found.archived)
    if found.destroyed:
        context.print("status-destroyed", count=found.destroyed)
    context.print("status-questions", count=sum(balance.questions.values()))
    context.print("status-due", due=found.due, permanent=found.permanent)
    _print_years(context, found)
    context.print("status-head", head=found.ledger_head)
    for copy in found.copies:
        last = copy.last_complete.date().isoformat() if copy.last_complete else "—"
        said = "status-copy" if copy.ring_current else "status-copy-behind"
        context.print(said, number=copy.number, last=last)
        if copy.level in ("missed", "never"):
            context.print("status-copy-late", number=copy.number)
    if not found.copies:
        context.print("status-copies-none")
    if found.last_round is None:
        context.print("status-round-none")
    else:
        ended = found.last_round
        day = ended.finished.date().isoformat()
        context.print("status-round", number=ended.number, day=day, damages=ended.damages)
    context.print(f"status-keys-{found.keys_level}", places=found.sheet_places)
    if found.unattended:
        context.print("status-unattended")
    if found.locked:
        context.print("status-locked")


def _print_years(context: Context, found: CaseStatus) -> None:
    years = sorted(found.due_by_year.items())
    if years:
        shown = "  ".join(f"{year}: {count}" for year, count in years[:SHOWN_YEARS])
        context.print("status-years", years=shown, more="" if len(years) <= SHOWN_YEARS else " …")
