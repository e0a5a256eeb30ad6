"""The kinds of long work, and one of them carried out to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import DatabaseError

from kedang.entrypoints.errors import fault_of
from kedang.entrypoints.kinds import KINDS
from kedang.entrypoints.told import archive_told
from kedang.holdings.actions.jobs import JobProgress, end, take_up, wanted_of
from kedang.pipeline.confinement import keep_secrets
from kedang.records.errors import KedangError
from kedang.records.ids import AgentId

NOT_MINE = 3


def work_on(
    job_id: str, told: Mapping[str, Any], *, clock: Callable[[], datetime], ticks: Callable[[], float]
) -> int:
    """Take up the job and carry it out; what goes wrong stands in its row as a code."""
    keep_secrets()
    job = take_up(job_id, now=clock())
    if job is None:
        return NOT_MINE
    archive = archive_told(told, AgentId(job.agent))
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
