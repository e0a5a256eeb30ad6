"""Views of the list of records that a person has saved for himself."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Agent, Case
from kedang.holdings.models.fields import IdField


class SavedView(models.Model):
    """One choice of conditions, order and columns under a name: its owner alone sees it."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, db_index=False)
    saved = models.DateTimeField()
    sealed = models.BinaryField()
    """Name, words, chosen values, order and columns, under the key of the case's columns."""
    mac = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["case", "agent", "saved"], name="saved_view_by_agent")]
