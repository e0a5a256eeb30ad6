"""Row sets 行集: the rows of one customer in one table, sealed together under a key of their own."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.customer import Customer
from kedang.holdings.models.fields import IdField
from kedang.holdings.models.record import Record


class SplitTable(models.Model):
    """All row sets of one record, and what its tables are beside their rows; the latter under a key of its own.

    States: made → confirmed → retired (the original is no more); or replaced by newer ones, until its keys end.
    """

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, db_index=False)
    state = models.CharField(max_length=10)
    tables = models.PositiveIntegerField()
    rows = models.BigIntegerField()
    owned = models.BigIntegerField()
    """How many of the rows are a customer's."""
    turns = models.PositiveIntegerField()
    """In how many turns rows were gathered: chunks of one turn hold the rows between two numbers."""
    made = models.DateTimeField()
    checked = models.DateTimeField(null=True)
    """When the sets were last compared with the original, cell by cell, and found to give it back."""
    confirmed = models.DateTimeField(null=True)
    confirmed_by = IdField(default="")
    """The person who confirmed it; opaque."""
    key_page = IdField()
    pack = IdField()
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "record"],
                condition=~models.Q(state="replaced"),
                name="split_table_once",
            )
        ]


class RowSet(models.Model):
    """The rows of one customer, or of nobody, in one table of a record."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    split = models.ForeignKey(SplitTable, on_delete=models.PROTECT, db_index=False)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, db_index=False)
    table = models.PositiveIntegerField()
    """Place of the table among all of the record, from 0."""
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_index=False, null=True)
    rows = models.BigIntegerField()
    key_page = IdField()
    replaced = models.BooleanField(default=False)
    """Its rows lie in newer sets; it waits for its key to end."""
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "split", "table", "customer"],
                condition=models.Q(replaced=False),
                name="row_set_once",
            )
        ]
        indexes = [
            models.Index(fields=["case", "customer"], name="row_set_by_customer"),
            models.Index(fields=["case", "record"], name="row_set_by_record"),
        ]


class RowChunk(models.Model):
    """One sealed blob of a row set: what it got in one turn."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    row_set = models.ForeignKey(RowSet, on_delete=models.PROTECT, db_index=False)
    split = models.ForeignKey(SplitTable, on_delete=models.PROTECT, db_index=False)
    turn = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    pack = IdField()
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "row_set", "turn"], name="row_chunk_once"),
        ]
        indexes = [models.Index(fields=["case", "split", "turn"], name="row_chunk_by_turn")]
