"""Orders of destruction and what each names."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Order(models.Model):
    """One order of destruction, from the decision to its outcome.

    States: ordered → carried-out. What it promises and what it cannot stands in `outcome`.
    """

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    state = models.CharField(max_length=16)
    list_digest = models.BinaryField()
    """SHA-256 over the reviewed list."""
    ledger_size = models.BigIntegerField()
    """Of the ledger when the list was reviewed."""
    decided = models.DateTimeField()
    carried_out = models.DateTimeField(null=True)
    agent = models.ForeignKey("Agent", on_delete=models.PROTECT, db_index=False)
    change = models.ForeignKey("EpochChange", on_delete=models.PROTECT, db_index=False)
    sealed = models.BinaryField()
    """Reason in words and its salt, under the case key."""
    outcome = models.JSONField(default=dict)
    mac = models.BinaryField()


class Ordered(models.Model):
    """One thing that an order names. `subject` is the id of a record, customer or row set."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=8)
    """record, rows (a part of a record), customer; cells (rows of a workbook, which keep standing in it), table (its
    original goes, its row sets stay) or rowset."""
    subject = IdField()
    ranges = models.PositiveIntegerField(default=0)
    """How many ranges of kept containers went with it."""
    outcome = models.CharField(max_length=16)
    """destroyed; dissolved: a container whose parts are all kept; retired: a table whose rows are all in row sets;
    or restricted: a containing record lives."""
    rows = models.JSONField(default=list)
    """Which rows of its table, from 1 for the first below the headers, when the kind is rows; of cells pairs of
    table and row as extraction counts them; of a row set how many."""
    containing = models.JSONField(default=list)
    """Ids of the records that still hold its content; of a row set its record and customer."""
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "order", "kind", "subject"], name="ordered_once")
        ]


class Resealed(models.Model):
    """A record sealed again without some of its rows, under a key that takes the place of its own at the switch."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, db_index=False)
    record = models.ForeignKey("Record", on_delete=models.PROTECT, db_index=False)
    heir = IdField()
    """Holder of the new key until the switch."""
    heir_page = IdField()
    pack = IdField()
    sealed = models.BinaryField()
    """Where the parts stand in the pack, what was read of them, title and salt; under the new key."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "order", "record"], name="resealed_once")]


class NewPart(models.Model):
    """An index part being made again without the records of an order, under a key of its own."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    change = models.ForeignKey("EpochChange", on_delete=models.PROTECT, db_index=False)
    part = models.ForeignKey("IndexPart", on_delete=models.PROTECT, db_index=False)
    old_file = IdField()
    """The file that it takes the place of."""
    file = IdField()
    """Its file and the holder of its key."""
    key_page = IdField()
    records = models.PositiveIntegerField()
    """How many rows of the part it covers so far."""
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "change", "part"], name="part_made_again_once")
        ]
