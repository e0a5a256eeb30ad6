"""Rows about sealed objects: packs, key pages, index parts."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Pack(models.Model):
    """One pack object. The row (state "writing", with a lease) commits before the object is written."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    state = models.CharField(max_length=8)
    """writing → kept; a writing row whose lease is over and that nothing refers to is reclaimed."""
    lease_until = models.DateTimeField()
    size_bytes = models.BigIntegerField(default=0)
    blobs = models.PositiveIntegerField(default=0)


class KeyPage(models.Model):
    """One key page of the ring and the epoch whose key opens it."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    epoch = models.PositiveIntegerField()
    entries = models.PositiveSmallIntegerField()
    created = models.DateTimeField()


class IndexPart(models.Model):
    """One encrypted index file of at most 16,384 records; derived, can be made again."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    records = models.PositiveIntegerField(default=0)
    key_page = IdField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "ordinal"], name="index_part_ordinal_once")]
