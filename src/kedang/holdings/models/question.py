"""Questions 核对问题: what a person must decide."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Question(models.Model):
    """One thing a person must decide about one record; `facts` name nobody."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    record = models.ForeignKey("Record", on_delete=models.PROTECT, db_index=False)
    code = models.CharField(max_length=16)
    facts = models.JSONField(default=dict)
    blocking = models.BooleanField()
    state = models.CharField(max_length=8)
    """open or answered."""
    answer = models.CharField(max_length=32)
    assigned = IdField(default="")
    """The agent who is to answer it; empty: anybody who may."""
    raised = models.DateTimeField()
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "record", "code"], name="question_once")]
        indexes = [models.Index(fields=["case", "state", "code"], name="question_by_state")]
