"""Long work that keeps the archive: copies, drills, checks, keys, destruction. Each kind resumes what is there."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from typing import Any

from kedang.entrypoints.rehearsal import rehearse
from kedang.holdings.actions import destroying, rotating, sealing_anew
from kedang.holdings.actions.backing_up import back_up
from kedang.holdings.actions.drilling import Drilled, drill
from kedang.holdings.actions.epochs import newest_sheet
from kedang.holdings.actions.fixity import Pace, run_round
from kedang.holdings.actions.healing import heal, with_copies
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.rotating import Carrying
from kedang.holdings.actions.slots import find_slot, require_other
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CopyStore, copies_to_mend_from, open_copies
from kedang.holdings.errors import EpochChangeUnderway, NoCopies
from kedang.holdings.queries.copy_standings import standings_of
from kedang.holdings.queries.destruction import Targets
from kedang.holdings.queries.faults import Fault
from kedang.holdings.queries.ledger_verifying import verify_case_ledger
from kedang.holdings.queries.orders import order_with_digest
from kedang.holdings.queries.verifying import verify_case
from kedang.preservation.drills import shortcomings
from kedang.records.errors import KedangError
from kedang.vault.slots import NO_CHANGES, SlotChanges

Clock = Callable[[], datetime]
Wanted = Mapping[str, Any]
MEGABYTE = 1_000_000
FAULTS_TOLD = 500  # of a verification; the count says how many there are


def _chosen(archive: Archive, ids: Iterable[str]) -> list[CopyStore]:
    known = list(open_copies(archive))
    if not known:
        raise NoCopies()
    wanted = set(ids)
    return [one for one in known if one.id in wanted] if wanted else known


def bring_up_to_date(archive: Archive, wanted: Wanted, progress: Progress, clock: Clock) -> dict[str, Any]:
    """Backup of `copies` (none named: all), everything read back with `verify`, or where that is `due`."""
    with archive.home.holding("copies"):
        copies = _chosen(archive, wanted.get("copies", ()))
        late = {
            one.id for one in standings_of(archive.case_id, now=clock()) if one.verification != "good"
        } if wanted.get("due") else set()  # fmt: skip
        done = back_up(
            archive,
            copies,
            clock=clock,
            progress=progress,
            verify=lambda copy: bool(wanted.get("verify")) or copy.id in late,
        )
    return {"copies": [asdict(one) for one in done]}


def drill_copies(archive: Archive, wanted: Wanted, progress: Progress, clock: Clock) -> dict[str, Any]:
    """Restore drills of `copies`, with `full` each restored and verified wholly as well; the signed results stand in the outcome."""
    done, failed = [], {}
    with archive.home.holding("copies"):
        for copy in _chosen(archive, wanted.get("copies", ())):
            try:
                drilled = drill(archive, copy, clock=clock, progress=progress, chance=random.SystemRandom())
            except KedangError as error:
                failed[copy.id] = error.code
                continue
            told = _drill_told(copy, drilled)
            if wanted.get("full"):
                played = rehearse(archive, copy, clock=clock, progress=progress, environment=os.environ)
                told["full"] = played.to_json()
            done.append(told)
    return {"drills": done, "failed": failed}


def _drill_told(copy: CopyStore, drilled: Drilled) -> dict[str, Any]:
    result = drilled.result
    return {
        "copy": copy.id,
        "number": copy.row.ordinal,
        "passed": result.passed,
        "shortcomings": list(shortcomings(result)),
        "drawn": sum(one.drawn for one in result.samples),
        "matched": sum(one.matched for one in result.samples),
        "key_pages": result.key_pages,
        "key_pages_opened": result.key_pages_opened,
        "leaves": result.ledger.restored_size,
        "withheld": result.withheld,
        "ended": result.ended.isoformat(),
        "findings": [asdict(one) for one in result.findings[:FAULTS_TOLD]],
        "note": drilled.note,
    }


def verify_archive(archive: Archive, wanted: Wanted, progress: Progress, clock: Clock) -> dict[str, Any]:
    """Everything checked, every byte with `deep`; with `heal` what is found is mended and checked once more."""
    with archive.home.held():
        found = verify_case(archive, deep=bool(wanted.get("deep")), progress=progress)
        known = copies_to_mend_from(archive) if found.faults else []
        healed: dict[str, Any] = {}
        if wanted.get("heal") and found.faults:
            healing = heal(archive, found, known, clock=clock, progress=progress)
            found = verify_case(archive, deep=bool(wanted.get("deep")), progress=progress)
            healing.settle(found)
            healed = healing.to_json()
        faults = _told(archive, found.faults)
    return found.to_json() | faults | healed | {"deep": bool(wanted.get("deep"))}


def _told(archive: Archive, faults: list[Fault]) -> dict[str, Any]:
    """The faults with the copies that could mend them, by number."""
    known = copies_to_mend_from(archive) if faults else []
    numbers = {one.id: one.row.ordinal for one in known}
    told = [
        one.to_json() | {"copies": [numbers[copy] for copy in one.copies if copy in numbers]}
        for one in with_copies(faults[:FAULTS_TOLD], known)
    ]
    return {"faults": told, "fault_count": len(faults)}


def go_on_with_round(archive: Archive, wanted: Wanted, progress: Progress, clock: Clock) -> dict[str, Any]:
    """A run of the fixity round at `megabytes_per_second` for `minutes`; 0 for no limit."""
    rate, minutes = float(wanted.get("megabytes_per_second", 0)), float(wanted.get("minutes", 0))
    with archive.home.holding("fixity"):
        run = run_round(
            archive, pace=Pace(int(rate * MEGABYTE), minutes * 60), clock=clock, progress=progress
        )
        said = asdict(run) | _told(archive, run.faults)
    return said | {"began": run.began.isoformat()}


def verify_ledger_wholly(
    archive: Archive, wanted: Wanted, progress: Progress, clock: Clock
) -> dict[str, Any]:
    """The whole ledger, entry by entry, against every head that is held here, and those that are `given`."""
    progress.stage("verify-ledger", None)
    return verify_case_ledger(archive, given=wanted.get("given", ()), now=clock()).to_json()


def change_keys(archive: Archive, wanted: Wanted, progress: Progress, clock: Clock) -> dict[str, Any]:
    """A new epoch, without the slot that `removes` names; a change that was interrupted is carried through first."""
    with archive.home.holding("keys"):
        rotating.mend(archive, now=clock())
        carrying = Carrying(clock, progress)
        row = rotating.unfinished(archive)
        if row is not None:
            return rotating.resume(archive, row, carrying).to_json()
        if wanted.get("resume") or archive.epoch > int(wanted.get("from_epoch", archive.epoch)):
            return {"epoch": archive.epoch, "already": True}  # an attempt before this one has come to its end
        changes = NO_CHANGES
        if removes := str(wanted.get("removes", "")):
            sheet = newest_sheet(archive)
            if all(slot.slot != removes for slot in sheet.slots):
                return {"epoch": archive.epoch, "already": True}
            slot = find_slot(sheet, removes)
            require_other(archive, slot)
            changes = SlotChanges(removed=frozenset((slot.slot,)))
        return rotating.rotate(archive, carrying, changes=changes).to_json()


def seal_everything_anew(
    archive: Archive, wanted: Wanted, progress: Progress, clock: Clock
) -> dict[str, Any]:
    """All content under fresh keys; nobody takes in, changes keys or writes copies meanwhile."""
    with ExitStack() as locks:
        locks.enter_context(archive.home.held())
        for what in ("keys", "copies"):
            locks.enter_context(archive.home.holding(what))
        row = sealing_anew.unfinished(archive)
        if row is None and archive.epoch > int(wanted.get("from_epoch", archive.epoch)):
            return {"epoch": archive.epoch, "already": True}
        row = row or sealing_anew.order(archive, now=clock())
        return sealing_anew.carry_out(archive, row, Carrying(clock, progress)).to_json()


def destroy_listed(archive: Archive, wanted: Wanted, progress: Progress, clock: Clock) -> dict[str, Any]:
    """The order over the reviewed list, given and carried out; or the one that was interrupted, to its end."""
    with archive.home.holding("keys"):
        rotating.mend(archive, now=clock())
        digest = str(wanted.get("digest", ""))
        order = destroying.unfinished(archive) or (order_with_digest(archive, digest) if digest else None)
        if order is not None and digest and bytes(order.list_digest).hex() != digest:
            raise EpochChangeUnderway(purpose="destroy")
        if order is None:
            if not digest:
                return {"order": None}
            reviewed = destroying.Reviewed(digest, str(wanted["reason"]))
            order = destroying.order_destruction(archive, targets_of(wanted), reviewed, clock=clock)
        outcome = destroying.carry_out(archive, order, clock=clock, progress=progress)
    return {"order": order.id, "destroyed": outcome["destroyed"], "restricted": outcome["restricted"]}


def targets_of(wanted: Wanted) -> Targets:
    """What an order names, as its job was told."""
    return Targets(
        records=list(wanted.get("records", ())),
        customers=list(wanted.get("customers", ())),
        rows={one: tuple(rows) for one, rows in wanted.get("rows", {}).items()},
        retired=list(wanted.get("retired", ())),
        dissolve=bool(wanted.get("dissolve")),
        with_versions=bool(wanted.get("with_versions")),
    )


KEEPING_KINDS: Mapping[str, Callable[[Archive, Wanted, Progress, Clock], dict[str, Any]]] = {
    "backup": bring_up_to_date,
    "drill": drill_copies,
    "verify": verify_archive,
    "fixity": go_on_with_round,
    "verify-ledger": verify_ledger_wholly,
    "rotate": change_keys,
    "reseal": seal_everything_anew,
    "destroy": destroy_listed,
}
