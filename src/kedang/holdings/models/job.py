"""Long work that was asked for at the web door, and how far it is."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Job(models.Model):
    """One piece of long work. States: waiting → running → done | failed | stopped; running → waiting when its process died.

    Every kind can be begun again: it resumes what is there.
    """

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=24)
    state = models.CharField(max_length=8)
    agent = IdField()
    """Who asked for it."""
    asked = models.DateTimeField()
    began = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    process = models.CharField(max_length=128, default="")
    """Which process is at it; see `adapters.processes`."""
    attempts = models.PositiveSmallIntegerField(default=0)
    stop = models.BooleanField(default=False)
    """Somebody asked it to stop; it stops after the transaction it is in, and can be begun again."""
    stage = models.CharField(max_length=32, default="")
    total = models.BigIntegerField(null=True)
    done = models.BigIntegerField(default=0)
    bytes_done = models.BigIntegerField(default=0)
    stage_began = models.DateTimeField(null=True)
    code = models.CharField(max_length=16, default="")
    """Why it failed."""
    sealed = models.BinaryField()
    """What was asked for, sealed under the case's key."""
    outcome = models.BinaryField(default=b"")
    """What it found, sealed likewise; empty until it is done."""

    class Meta:
        indexes = [models.Index(fields=["case", "state", "asked"], name="job_by_state")]
