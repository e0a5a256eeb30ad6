"""Pairs that a person is to judge, and what persons have decided about customers."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Proposal(models.Model):
    """Two mentions that may be one customer: neither alike enough to be joined nor unlike enough to be kept apart."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    place = models.PositiveIntegerField()
    """In the queue: what teaches most comes first."""
    first = models.ForeignKey("Record", on_delete=models.PROTECT, db_index=False, related_name="+")
    first_mention = models.PositiveIntegerField()
    second = models.ForeignKey("Record", on_delete=models.PROTECT, db_index=False, related_name="+")
    second_mention = models.PositiveIntegerField()
    customer = IdField(default="")
    """Of the first mention, when it has one; opaque."""
    other = IdField(default="")
    sealed = models.BinaryField()
    """Score and evidence, under a key that takes the keys of both records."""
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "first", "first_mention", "second", "second_mention"], name="proposal_once"
            )
        ]
        indexes = [
            models.Index(fields=["case", "place"], name="proposal_by_place"),
            models.Index(fields=["case", "second"], name="proposal_by_second"),
        ]


class Judgement(models.Model):
    """What a person has decided about who is who. It wins over every score until it is undone."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    """same, different or cannot-tell of two mentions; merged, split or moved of customers."""
    first = models.ForeignKey("Record", on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    first_mention = models.PositiveIntegerField(null=True)
    second = models.ForeignKey(
        "Record", on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    second_mention = models.PositiveIntegerField(null=True)
    customer = IdField(default="")
    """Of a decision about customers: the one that was merged, split or left; opaque. Empty: nobody was left."""
    other = IdField(default="")
    """The one that it was merged into, or that records were moved to."""
    audited = IdField(default="")
    """The audit in which it was asked; empty when it was not drawn."""
    agent = models.ForeignKey("Agent", on_delete=models.PROTECT, db_index=False)
    decided = models.DateTimeField()
    undone = models.DateTimeField(null=True)
    sealed = models.BinaryField()
    """Reason, salt of its commitment, and what it changed, so that it can be undone exactly."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "ordinal"], name="judgement_ordinal_once")]
        indexes = [
            models.Index(fields=["case", "first"], name="judgement_by_first"),
            models.Index(fields=["case", "second"], name="judgement_by_second"),
        ]


class Audit(models.Model):
    """A random sample of joined pairs that a person has looked at, and the bound that follows from it."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    drawn = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    population = models.PositiveIntegerField()
    """How many joins there were to draw from."""
    sample = models.JSONField(default=list)
    """The joins that were drawn: record, mention, record, mention."""
    facts = models.JSONField(default=dict)
    """The outcome: looked at, wrong, and the bound in parts of a million."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "ordinal"], name="audit_ordinal_once")]
