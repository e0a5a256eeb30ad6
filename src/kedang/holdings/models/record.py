"""Records 件: one distinct content each, and the sealed segments it is made of."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Record(models.Model):
    """One distinct content in a case. What stands here in clear names nobody; `mac` guards it."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    state = models.CharField(max_length=16)
    fingerprint = models.BinaryField()
    """Keyed fingerprint of the content; equal bytes are one record."""
    first_order = models.BinaryField()
    """Smallest `order_key` of its occurrences; numbering follows it."""
    key_page = IdField()

    commitment = models.BinaryField()
    """SHA-256 over a sealed salt and the content's SHA-256; the ledger holds the same."""
    content_pack = IdField(default="")
    content_offset = models.BigIntegerField(default=0)
    content_length = models.BigIntegerField(default=0)
    segments = models.PositiveIntegerField(default=0)
    """0: the content is one sealed blob at content_pack. Otherwise the rows of Segment hold it."""
    derived_pack = IdField(default="")
    derived_offset = models.BigIntegerField(default=0)
    derived_length = models.BigIntegerField(default=0)
    mentions_offset = models.BigIntegerField(default=0)
    """Who is named in it, in the pack of the derived payload; length 0 for nobody."""
    mentions_length = models.BigIntegerField(default=0)

    media_type = models.CharField(max_length=128)
    puid = models.CharField(max_length=32)
    format_name = models.CharField(max_length=32)
    family = models.CharField(max_length=16)
    pages = models.PositiveIntegerField(null=True)
    text_source = models.CharField(max_length=8)
    awaits_ocr = models.BooleanField(default=False)
    is_container = models.BooleanField()
    padded_bytes = models.BigIntegerField()

    record_class = models.CharField(max_length=16)
    class_permille = models.PositiveSmallIntegerField()
    accounting = models.BooleanField()
    accounting_kind = models.CharField(max_length=24)
    sensitivity = models.CharField(max_length=24)
    record_date = models.DateField(null=True)
    trigger_dates = models.JSONField(default=dict)
    """Dates by kind of fact (signed_on, issued_on …) from which retention periods run."""
    finding_counts = models.JSONField()

    founded = models.BooleanField(default=False)
    """Whether the customers that it names have been recognised."""
    reference_code = models.CharField(max_length=64, null=True)
    archived = models.DateTimeField(null=True)
    retention_rule = models.CharField(max_length=32)
    retention_until = models.DateField(null=True)
    retention_kind = models.CharField(max_length=16)
    """"until", "permanent" or "undetermined"; empty before the reckoning."""
    reckoning = models.JSONField(default=dict)
    indexed_part = IdField(null=True)
    indexed_row = models.PositiveIntegerField(null=True)

    sealed = models.BinaryField()
    """Title and commitment salt, under the record's key."""
    mentions_mac = models.BinaryField()
    """MAC over all its mentions; empty when it has none."""
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "fingerprint"], name="record_content_once"),
            models.UniqueConstraint(fields=["case", "reference_code"], name="record_code_once"),
        ]
        indexes = [
            models.Index(fields=["case", "first_order"], name="record_in_order"),
            models.Index(fields=["case", "state", "first_order"], name="record_by_state"),
            models.Index(fields=["case", "awaits_ocr", "first_order"], name="record_awaiting_ocr"),
            models.Index(
                fields=[
                    "case",
                    "indexed_part",
                    "indexed_row",
                    "record_class",
                    "sensitivity",
                    "state",
                    "record_date",
                    "retention_kind",
                    "retention_until",
                    "text_source",
                    "awaits_ocr",
                    "id",
                ],
                name="record_by_index",
            ),  # with all that is counted: figures and hits of a search never read the rows themselves
            models.Index(fields=["case", "record_date", "id"], name="record_by_date"),
            models.Index(fields=["case", "retention_until", "id"], name="record_by_period"),
        ]


class Segment(models.Model):
    """One contiguous range of a container's bytes, under a key of its own.

    Concatenated by ordinal the opened segments are the container. Once the member it holds is a
    record, `owner` names it, and destroying that record destroys this range's key with it.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    member_path = models.CharField(max_length=128)
    """Ordinals from the container down to the member, joined by "/"; empty for the container's own."""
    owner = models.ForeignKey(Record, on_delete=models.PROTECT, null=True, related_name="ranges")
    key_id = IdField()
    """Entry of the ring: the container's own id, or one made for this range."""
    key_page = IdField()
    pack = IdField()
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "record", "ordinal"], name="segment_once")]
        indexes = [
            models.Index(fields=["case", "record", "member_path"], name="segment_by_member"),
        ]


class Series(models.Model):
    """How far the numbers of one series have been given out; numbers are never given twice."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    series = models.CharField(max_length=48)
    last_number = models.PositiveIntegerField()
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "series"], name="series_once")]
