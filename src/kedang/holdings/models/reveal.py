"""What was shown uncovered, to whom and why."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Agent, Case
from kedang.holdings.models.fields import IdField


class Reveal(models.Model):
    """One showing of covered values of a record; the ledger's event of the same time has the commitment."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    record = models.ForeignKey("Record", on_delete=models.PROTECT, db_index=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, db_index=False)
    when = models.DateTimeField()
    part = models.CharField(max_length=8)
    """value, text or page."""
    page = models.PositiveIntegerField(null=True)
    """From 1, of a page or of a value on one."""
    category = models.CharField(max_length=24, default="")
    """What kind of value it was."""
    commitment = models.CharField(max_length=64)
    """To the reason, as the ledger has it."""
    sealed = models.BinaryField()
    """The reason and the salt of its commitment, under the key of the case."""
    mac = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["case", "record", "when"], name="reveal_by_record"),
            models.Index(fields=["case", "agent", "when"], name="reveal_by_agent"),
        ]
