"""Who opens the case, and where its key sheet lies. No path stands here in clear."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class KeySlot(models.Model):
    """A slot of the key sheet as the ledger knows it; the sheet itself says what opens it."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=16)
    epoch = models.PositiveIntegerField()
    """The epoch in which it was added."""
    added = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    mac = models.BinaryField()


class KeyPlace(models.Model):
    """A registered place of the key sheet 登记地点, as it was last seen; a mark lies there with its id."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    """computer, online, stick or copy, as its registrar says."""
    volume = IdField()
    """A digest that is the same for places on one disk; two of those count once."""
    leaves_remains = models.BooleanField()
    """Writing over the old sheet is not enough there (flash, copy-on-write)."""
    serial = models.BigIntegerField()
    """Of the sheet that was put there last."""
    digest = models.BinaryField()
    first_serial = models.BigIntegerField()
    """Of the first sheet that was put there."""
    confirmed_serial = models.BigIntegerField(default=0)
    """A person confirmed that nothing older than this sheet is left there."""
    added = models.DateTimeField()
    reached = models.DateTimeField()
    removed = models.DateTimeField(null=True)
    sealed = models.BinaryField()
    """The path on the computer that it was last reached from, sealed under the case key."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "ordinal"], name="key_place_ordinal_once")]
