"""What each kind of long work does: archive, what was asked for, progress, clock → what it found, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from kedang.entrypoints.kinds_of_customers import CUSTOMER_KINDS
from kedang.entrypoints.kinds_of_keeping import KEEPING_KINDS
from kedang.holdings.actions.intake import IntakeOptions, intake
from kedang.holdings.actions.learning import KIND as LEARN
from kedang.holdings.actions.learning import learn_classes
from kedang.holdings.actions.progress import Progress
from kedang.holdings.actions.uploads import JOB as UPLOAD
from kedang.holdings.actions.uploads import take_in_upload
from kedang.holdings.adapters.archive import Archive

Clock = Callable[[], datetime]
Work = Callable[[Archive, Mapping[str, Any], Progress, Clock], dict[str, Any]]


def take_in(archive: Archive, wanted: Mapping[str, Any], progress: Progress, clock: Clock) -> dict[str, Any]:
    """One intake: `path`, `source`, `desk`, `workers`, perhaps `into`, the id of a registered source."""
    options = IntakeOptions(
        source_name=wanted["source"],
        desk=wanted["desk"],
        workers=wanted["workers"],
        source=wanted.get("into", ""),
    )
    with archive.home.held():
        result = intake(archive, Path(wanted["path"]), options, progress=progress, clock=clock)
    return asdict(result.balance) | {"unchanged": result.unchanged, "bytes": result.bytes}


def take_in_sent(
    archive: Archive, wanted: Mapping[str, Any], progress: Progress, clock: Clock
) -> dict[str, Any]:
    """The taking-in of one upload: `upload`, `workers`."""
    options = IntakeOptions(workers=wanted["workers"])
    with archive.home.held():
        balance, result = take_in_upload(archive, wanted["upload"], options, progress=progress, clock=clock)
    more = {"unchanged": result.unchanged, "bytes": result.bytes} if result else {}
    return asdict(balance) | more


def learn(archive: Archive, _wanted: Mapping[str, Any], _progress: Progress, clock: Clock) -> dict[str, Any]:
    """What the answers of the case teach about classes, learnt and measured."""
    row = learn_classes(archive, clock=clock)
    if row is None:
        return {"answers": 0}
    return {"answers": len(row.records), "before": row.right_before, "after": row.right_after}


KINDS: Mapping[str, Work] = {
    LEARN: learn,
    "intake": take_in,
    UPLOAD: take_in_sent,
    **KEEPING_KINDS,
    **CUSTOMER_KINDS,
}
