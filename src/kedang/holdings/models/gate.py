"""The gates of a case 收集→分类→核对→归档→电子化→备份: when each was closed, by whom, and whether it was skipped."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Gate(models.Model):
    """One gate that was closed. Opening it again takes the row away and is an event of the ledger."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    name = models.CharField(max_length=16)
    closed = models.DateTimeField()
    agent = IdField()
    skipped = models.BooleanField()
    """Closed while its checks failed, for the reason that is sealed."""
    sealed = models.BinaryField()
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "name"], name="gate_once")]
