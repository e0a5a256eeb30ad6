"""Where things came from: sources, accessions and occurrences."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Source(models.Model):
    """One place that is collected 来源: a folder, a file; or what a person registered: a desk, a mailbox, a phone."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    state = models.CharField(max_length=16)
    """outstanding, collected, empty or refused."""
    kind = models.CharField(max_length=16, default="folder")
    """folder or file; desk, person, mailbox, phone, system or cabinet when somebody registered it by hand."""
    signed = models.DateTimeField(null=True)
    """When a person signed for its state; null when the end of an intake set it."""
    place_fingerprint = models.BinaryField()
    """Keyed fingerprint of the absolute path, so that the same place is the same source again; of its id before it has one."""
    key_page = IdField()
    sealed = models.BinaryField()
    """Name, desk, path, keeper, and who signed for its state with what note, sealed under the source's key."""
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "ordinal"], name="source_ordinal_once"),
            models.UniqueConstraint(fields=["case", "place_fingerprint"], name="source_place_once"),
        ]


class Accession(models.Model):
    """One taking-in of one source 接收批次; open until its last step is committed."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    opened = models.DateTimeField()
    closed = models.DateTimeField(null=True)
    resumed = models.BooleanField(default=False)
    late = models.BooleanField(default=False)
    """Opened while the gate of collecting was closed."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "ordinal"], name="accession_ordinal_once")]


class Occurrence(models.Model):
    """One place where a thing was found. None is ever dropped; a newer version supersedes it.

    States: open (its members are still being received) → kept; or kept at once; or refused with a code.
    """

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    accession = models.ForeignKey(Accession, on_delete=models.PROTECT, db_index=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, db_index=False, null=True)
    record = models.ForeignKey("Record", on_delete=models.PROTECT, db_index=False, null=True)
    order_key = models.BinaryField()
    """Sorts as source, raw path, ordinal in the parent; see `order_key_of`."""
    depth = models.PositiveSmallIntegerField()
    ordinal = models.PositiveIntegerField()
    place_fingerprint = models.BinaryField()
    """Keyed fingerprint of (parent or source, ordinal in a parent, raw name)."""
    stat_fingerprint = models.BinaryField()
    """Keyed fingerprint of size and times; equal means "not changed since"."""
    desk_fingerprint = models.BinaryField()
    """Keyed fingerprint of whose desk it was found at; empty when the record has been destroyed."""
    version = models.PositiveIntegerField(default=1)
    current = models.BooleanField(default=True)
    """False once a later accession has found changed bytes at the same place."""
    state = models.CharField(max_length=8)
    code = models.CharField(max_length=16)
    cursor = models.IntegerField(default=-1)
    """Ordinal of the last committed member while open."""
    sealed = models.BinaryField()
    """Raw name, readable path, desk and times, under the record's key (the source's when refused)."""
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "place_fingerprint", "version"], name="occurrence_version_once"
            )
        ]
        indexes = [
            models.Index(fields=["case", "accession", "state"], name="occurrence_by_state"),
            models.Index(fields=["case", "record"], name="occurrence_by_record"),
            models.Index(fields=["case", "parent", "ordinal"], name="occurrence_by_parent"),
            models.Index(fields=["case", "desk_fingerprint", "record"], name="occurrence_by_desk"),
        ]
