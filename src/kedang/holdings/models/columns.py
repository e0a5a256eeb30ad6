"""What persons have said of the columns of tables."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Agent, Case
from kedang.holdings.models.fields import IdField


class ColumnMeaning(models.Model):
    """What the columns under one header hold, in all tables of one source. A later word on the same takes its place."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    source = models.ForeignKey("Source", on_delete=models.PROTECT, db_index=False)
    record = models.ForeignKey("Record", on_delete=models.PROTECT, db_index=False)
    """On whose page it was said; it goes with that record."""
    alone = models.BooleanField(default=False)
    """It holds for that record only: a column without a header is known by its place."""
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, db_index=False)
    decided = models.DateTimeField()
    sealed = models.BinaryField()
    """The header as it is compared, or the place, and the meaning; under the key of the case."""
    mac = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["case", "source"], name="column_meaning_by_source"),
            models.Index(fields=["case", "record"], name="column_meaning_by_record"),
        ]
