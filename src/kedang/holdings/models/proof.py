"""The ledger's rows: leaves, the head that is locked last, signed checkpoints."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case


class LedgerLeaf(models.Model):
    """One event, as the canonical bytes that were hashed. Never updated, never deleted."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    n = models.BigIntegerField()
    leaf = models.BinaryField()
    leaf_hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "n"], name="leaf_once")]


class LedgerHead(models.Model):
    """How far the ledger has grown: its size, the compact frontier of the tree, the last time."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True)
    generation = models.PositiveIntegerField()
    size = models.BigIntegerField()
    frontier = models.BinaryField()
    last_time = models.DateTimeField()


class Checkpoint(models.Model):
    """A signed head in the form of C2SP tlog-checkpoint."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    size = models.BigIntegerField()
    note = models.TextField()
    signed = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "size"], name="checkpoint_once")]
