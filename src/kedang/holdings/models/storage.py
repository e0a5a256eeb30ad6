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
    mac = models.BinaryField()


class KeyPage(models.Model):
    """One key page of the ring: rows name it by its id, which never changes; where it lies changes with epochs."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    stored = IdField()
    """The object of the ring that holds it now."""
    epoch = models.PositiveIntegerField()
    entries = models.PositiveSmallIntegerField()


class IndexPart(models.Model):
    """One encrypted index file of at most 16,384 records; derived, can be made again."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    file = IdField()
    """The file that holds it now, and the holder of its key; a destruction makes it again under another."""
    records = models.PositiveIntegerField(default=0)
    """How many rows have been given out, those of destroyed records among them."""
    removed = models.PositiveIntegerField(default=0)
    """How many of them are there no more."""
    key_page = IdField()
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "ordinal"], name="index_part_ordinal_once")]
