"""The ledger's rows: leaves, nodes, the head that is locked last, signed checkpoints, their witnesses."""

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


class LedgerNode(models.Model):
    """The root of a complete subtree of 256**level leaves: what a proof reads instead of the leaves below."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    level = models.PositiveSmallIntegerField()
    place = models.BigIntegerField()
    node_hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "level", "place"], name="node_once")]


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
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "size"], name="checkpoint_once")]


class Witness(models.Model):
    """What somebody outside has said of a signed head. The leaf `witnessed` holds the digest of its token."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    size = models.BigIntegerField()
    note = models.TextField()
    """The signed head, word for word: what was stamped."""
    kind = models.CharField(max_length=16)
    """rfc3161."""
    token = models.BinaryField()
    """The answer of the time-stamping authority, DER."""
    token_digest = models.CharField(max_length=64)
    certificates = models.TextField()
    """The authority's certificates as they were trusted then, PEM."""
    time = models.DateTimeField()
    """When the authority says that it saw the head."""
    clock = models.DateTimeField()
    """What this computer's clock said when the answer came."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "token_digest"], name="witness_once")]
