"""What persons decide about records: corrections with what they changed, reviews, batches, and what is learnt of it."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Agent, Case
from kedang.holdings.models.fields import IdField


class Correction(models.Model):
    """One decision about one record that changed something or answered a question. It is never altered but undone."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    record = models.ForeignKey("Record", on_delete=models.PROTECT, db_index=False)
    question = IdField(default="")
    """Empty when nobody had asked."""
    kind = models.CharField(max_length=16)
    """"accepted", "dismissed" or "corrected"."""
    said_class = models.CharField(max_length=16, default="")
    """The class that the person has confirmed or chosen; empty when it was not about that."""
    decided_fields = models.JSONField(default=list)
    """Columns of the record whose value is a person's from now on."""
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, db_index=False)
    decided = models.DateTimeField()
    undone = models.DateTimeField(null=True)
    undone_by = IdField(default="")
    sealed = models.BinaryField()
    """Old and new values, reason and the salt of its commitment, under the record's key."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "ordinal"], name="correction_ordinal_once")]
        indexes = [
            models.Index(fields=["case", "record", "ordinal"], name="correction_by_record"),
            models.Index(fields=["case", "agent", "ordinal"], name="correction_by_agent"),
        ]


class Review(models.Model):
    """One record accepted into the archive, or sent back, by somebody who has not sorted it."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    record = models.ForeignKey("Record", on_delete=models.PROTECT, db_index=False)
    batch = IdField(default="")
    """Of the batch with which it was decided."""
    verdict = models.CharField(max_length=16)
    """"accepted" or "sent-back"."""
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, db_index=False)
    decided = models.DateTimeField()
    excepted = models.JSONField(default=list)
    """Clauses of the archiving standard that it does not meet and was excepted from."""
    sealed = models.BinaryField()
    """Reason and the salt of its commitment, under the record's key."""
    mac = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["case", "record", "decided"], name="review_by_record")]


class ReviewBatch(models.Model):
    """Records that are accepted or sent back together, after a random sample of them has been looked at."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, db_index=False)
    drawn = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=16, default="")
    """"accepted", "sent-back" or "given-up"; empty while it is open."""
    records = models.JSONField(default=list)
    """Id and state seen of every record, in the order of their numbers."""
    sample = models.JSONField(default=list)
    """The ids that were drawn."""
    looked = models.JSONField(default=dict)
    """What the reviewer has said of each of them: "good" or "bad"."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "ordinal"], name="review_batch_once")]


class LearntModel(models.Model):
    """What was learnt of the answers of the case; derived, at most one, in no snapshot."""

    id = IdField(primary_key=True)
    case = models.OneToOneField(Case, on_delete=models.PROTECT)
    scheme = models.CharField(max_length=32)
    records = models.JSONField(default=list)
    """The answered records: their keys together open it, so it ends with any of them."""
    right_before = models.PositiveIntegerField()
    """Of these answers, how many the machine's own reading had right."""
    right_after = models.PositiveIntegerField()
    """How many are right when each is told by what the others teach."""
    learnt = models.DateTimeField()
    sealed = models.BinaryField()
    mac = models.BinaryField()
