"""Who holds keys now, and epochs on their way from n to n+1."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class KeyHolder(models.Model):
    """A process that holds keys of a case. When its lease is over it must refresh before it goes on."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    epoch = models.PositiveIntegerField()
    """The newest epoch that it holds."""
    process = models.CharField(max_length=96)
    """Which process of which start of which computer, as `holdings.adapters.processes` tells it."""
    lease_until = models.DateTimeField()


class EpochChange(models.Model):
    """One change of the epoch, from its intent to its outcome; `step` is the last one that took effect.

    Steps: sealing → sheet-both → switched → sheet-new → copied → erased → done.
    """

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    to_epoch = models.PositiveIntegerField()
    purpose = models.CharField(max_length=16)
    """destroy, rotate, slots or reseal."""
    removes = models.JSONField(default=list)
    """Ids of the slots that go with the old epoch."""
    brings = models.BooleanField(default=False)
    """New secrets come with it. They are in memory only: broken before the sheet has them, it is given up."""
    clean_since = models.BigIntegerField(default=0)
    """Serial of the first sheet without what ended here; 0 while it is not made."""
    step = models.CharField(max_length=16)
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "to_epoch"], name="epoch_change_once"),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(finished=None), name="epoch_changes_one_at_a_time"
            ),
        ]


class ChangedPage(models.Model):
    """Where the survivors of a key page lie under the new epoch; `stored` is empty when there are none."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    change = models.ForeignKey(EpochChange, on_delete=models.PROTECT, db_index=False)
    page = IdField()
    old = IdField()
    """The object that held it before: once the old epoch has ended it goes, and no other."""
    stored = IdField()
    entries = models.PositiveSmallIntegerField()
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "change", "page"], name="page_changed_once")]


class DoomedKey(models.Model):
    """A holder whose key does not go into the new epoch, and the page that has it.

    A page that is named as its own holder ends whole: none of its keys goes on.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    change = models.ForeignKey(EpochChange, on_delete=models.PROTECT, db_index=False)
    holder = IdField()
    page = IdField()
    heir = IdField(default="")
    """Holder whose key takes its place under the same name; the record was sealed again in part."""
    heir_page = IdField(default="")
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "change", "holder"], name="doomed_once")]


class SealingAnew(models.Model):
    """Everything being sealed again under fresh keys; gone when it is done. What is left is told by the old pages.

    Steps: first epoch (the keys that an old sheet opens end as epoch keys) → old pages listed → contents, names →
    a backup → last epoch, which leaves the old pages behind → old packs.
    """

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    ordered = models.DateTimeField()
    from_epoch = models.PositiveIntegerField()
    """The epoch of the order; fresh keys are never made in it."""
    records = models.PositiveIntegerField()
    ranges = models.PositiveIntegerField()
    listed = models.BooleanField(default=False)
    change = models.ForeignKey(EpochChange, on_delete=models.PROTECT, db_index=False, null=True)
    """The last change of the epoch, once it has begun."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case"], name="sealing_anew_one_at_a_time")]


class OldPage(models.Model):
    """A key page of before: every key in it ends when all that it opened is sealed anew."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    anew = models.ForeignKey(SealingAnew, on_delete=models.PROTECT, db_index=False)
    page = IdField()
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "page"], name="old_page_once")]
