"""The kinds of long work, and one of them carried out to its end."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError

from kedang.entrypoints.errors import fault_of
from kedang.entrypoints.kinds import KINDS
from kedang.holdings.actions.cases import archive_of
from kedang.holdings.actions.jobs import JobProgress, end, take_up, wanted_of
from kedang.holdings.actions.keyplacing import use_places, with_known_places
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.home import Home
from kedang.holdings.models import Case
from kedang.pipeline.confinement import keep_secrets
from kedang.records.errors import KedangError
from kedang.records.ids import AgentId, CaseId
from kedang.vault.keysheet import SlotKind
from kedang.vault.unlocking import Unlocked

NOT_MINE = 3


def work_on(
    job_id: str, told: Mapping[str, Any], *, clock: Callable[[], datetime], ticks: Callable[[], float]
) -> int:
    """Take up the job and carry it out; what goes wrong stands in its row as a code."""
    keep_secrets()
    job = take_up(job_id, now=clock())
    if job is None:
        return NOT_MINE
    archive = _archive(told, AgentId(job.agent))
    try:
        outcome = KINDS[job.kind](
            archive, wanted_of(archive, job), JobProgress(job, clock=clock, ticks=ticks), clock
        )
    except KedangError as error:
        end(archive, job, now=clock(), outcome={"facts": error.facts}, code=error.code)
    except (OSError, DatabaseError) as error:
        end(archive, job, now=clock(), outcome=None, code=fault_of(error).code)
    else:
        end(archive, job, now=clock(), outcome=outcome)
    finally:
        archive.forget()
    return 0


def _archive(told: Mapping[str, Any], agent: AgentId) -> Archive:
    unlocked = Unlocked(
        case=CaseId(told["case"]),
        slot=told["slot"],
        kind=SlotKind(told["kind"]),
        epoch_keys={int(epoch): base64.b64decode(key) for epoch, key in told["epoch_keys"].items()},
        slot_private_key=bytearray(base64.b64decode(told["slot_private_key"])),
        serial=told["serial"],
        sheet=base64.b64decode(told["sheet"]),
    )
    home, places = (
        Home(Path(told["home"])),
        KeyPlaces(tuple(map(Path, told["sheets"])), Path(told["secrets"])),
    )
    case = Case.objects.get(id=unlocked.case)
    archive = archive_of(case, home, places, unlocked, agent, os.urandom)
    use_places(archive, with_known_places(archive))
    archive.keyring.register()
    return archive
