"""Customers 客户, and the links from records to them."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Customer(models.Model):
    """One person or organisation. The number never changes; the profile is sealed under its own key."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    """person or organisation."""
    key_page = IdField()
    forward = models.ForeignKey("self", on_delete=models.PROTECT, null=True, db_index=False)
    """The customer that this one has been merged into; its links and keys stay where they are."""
    forward_ground = models.CharField(max_length=8, default="")
    """model or person: who has merged it."""
    sealed = models.BinaryField()
    keys_mac = models.BinaryField()
    """MAC over all its keys; empty when it has none."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="customer_number_once")]
        indexes = [
            models.Index(
                fields=["case", "forward"], condition=models.Q(forward__isnull=False), name="customer_merged"
            )
        ]


class CustomerKey(models.Model):
    """A fingerprint (of an identifier or a full name) that belongs to exactly one customer."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=24)
    fingerprint = models.BinaryField()
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "fingerprint", "customer"], name="customer_key_once"
            )
        ]
        indexes = [  # with the keys themselves: SQLite prefers any index that holds all it is asked for
            models.Index(fields=["case", "customer", "kind", "fingerprint"], name="customer_key_by_customer")
        ]


class MentionKey(models.Model):
    """A fingerprint that one mention in one record carries; a mention has one row for each key."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    record = models.ForeignKey("Record", on_delete=models.PROTECT, db_index=False)
    mention = models.PositiveIntegerField()
    party_kind = models.CharField(max_length=16)
    founding = models.PositiveSmallIntegerField()
    """When its keys become a customer's, as pipeline.messages.MentionKeys says; 9 never."""
    by_name = models.BooleanField()
    kind = models.CharField(max_length=24)
    fingerprint = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["case", "kind", "fingerprint"], name="mention_by_key"),
            models.Index(fields=["case", "record"], name="mention_by_record"),
            models.Index(fields=["case", "founding", "record"], name="mention_by_founding"),
        ]


class Link(models.Model):
    """A tie between a record and a customer, with the ground it rests on.

    Grounds of certain ties are those of `resolution.links.Ground`; "model" and "person" are the others.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    record = models.ForeignKey("Record", on_delete=models.PROTECT, db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, db_index=False)
    ground = models.CharField(max_length=40)
    sealed = models.BinaryField(default=b"")
    """Which mentions of the record, with the evidence, under the record's key."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "record", "customer"], name="link_once")]
        indexes = [  # with the record itself: SQLite prefers any index that holds all it is asked for
            models.Index(fields=["case", "customer", "record"], name="link_by_customer")
        ]


class NameList(models.Model):
    """The names of some customers together, so that a list of all takes one opening for thousands.

    Derived: left out of snapshots, made again when one of its customers has changed.
    """

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    chunk = models.PositiveIntegerField()
    """Numbers from chunk * NAMES_AT_ONCE on."""
    fresh = models.BooleanField(default=True)
    """Nothing has changed about its customers since it was made."""
    key_page = IdField()
    sealed = models.BinaryField()
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "chunk"], name="name_list_once")]


class KeptComparison(models.Model):
    """A part of what the last comparison of everybody has left for the next: the weights, or whom some mentions may meet.

    Derived: left out of snapshots. Fingerprints of names are personal data: their keys end with every destruction.
    """

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    is_head = models.BooleanField()
    """The one that says which the others are, segments of some thousand mentions each."""
    key_page = IdField()
    records = models.PositiveIntegerField(default=0)
    """Of a segment: how many records begin in it that had been compared."""
    sealed = models.BinaryField()
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(is_head=True), name="kept_comparison_once"
            )
        ]
        indexes = [models.Index(fields=["case", "is_head"], name="kept_comparison_of_case")]
