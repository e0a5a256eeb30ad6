"""Registered copies of the archive, and the snapshots that lie in them."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Copy(models.Model):
    """One place that holds packs, key pages, leaves and snapshots besides the home."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    kind = models.CharField(max_length=8)
    """folder or s3."""
    registered = models.DateTimeField()
    beside_home = models.BooleanField(default=False)
    """On the same disk as the home when it was last looked at: one fault takes both."""
    sealed = models.BinaryField()
    """Name, path or address, bucket and credentials, sealed under the case key."""
    every_days = models.PositiveIntegerField()
    """An alarm is raised when no backup has been complete for so long."""
    bytes_per_second = models.BigIntegerField(default=0)
    """0: as fast as it goes."""
    ring_epoch = models.PositiveIntegerField(default=0)
    """The epoch of the key pages that it is known to hold, and of no older ones; 0 before the first backup."""
    holds_sheet = models.BooleanField(default=False)
    last_complete = models.DateTimeField(null=True)
    last_verified = models.DateTimeField(null=True)
    """When every object in it was last read back and found right."""
    last_drilled = models.DateTimeField(null=True)
    """When a drill was last passed."""
    alarmed = models.DateTimeField(null=True)
    """When somebody was last told that it is late."""
    last_code = models.CharField(max_length=16, default="")
    """Why the last attempt failed; empty when it did not."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "ordinal"], name="copy_ordinal_once")]


class Snapshot(models.Model):
    """The rows of one instant, as one sealed blob under a key of its own."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    taken = models.DateTimeField()
    epoch = models.PositiveIntegerField()
    ledger_size = models.BigIntegerField()
    size_bytes = models.BigIntegerField()
    key_page = IdField()
    dropped = models.DateTimeField(null=True)
    """When its key was left behind by an epoch; it opens nowhere since."""
    mac = models.BinaryField()
