"""The case 全宗: one company being closed."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.fields import IdField


class Case(models.Model):
    """One company's whole customer archive; no row of one case refers to another case."""

    id = IdField(primary_key=True)
    fonds_code = models.CharField(max_length=16)
    time_zone = models.CharField(max_length=64)
    archiving_review = models.CharField(max_length=16)
    """"off": archived at the end of intake; "second-person": another person accepts first."""
    archiving_standard = models.JSONField(default=dict)
    """What a record must have before it is accepted: `name` of a shipped standard, and `left_out`, the ids of its
    clauses that are not asked here. Empty: the usual one, with every clause."""
    industry_packs = models.JSONField(default=list)
    created = models.DateTimeField()
    milestones = models.JSONField(default=dict)
    """Days by name (service_stopped_on, deregistered_on), triggers of the retention schedule."""
    epoch = models.PositiveIntegerField()
    key_page = IdField()
    columns_key = IdField(default="")
    """Holder, in the same page, of the key of what is sealed for the case; empty: it is the case key itself."""
    sealed = models.BinaryField()
    """Name, credit code and former names, sealed under the key of the case's columns."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fonds_code"], name="case_fonds_code_once")]


class Agent(models.Model):
    """A person or a service that acts 责任者; the ledger knows it by its id only."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=16)
    """person or service."""
    founder = models.BooleanField(default=False)
    """Opened the case; the command line acts as this agent."""
    sealed = models.BinaryField()
    """Name, sealed under the case key."""
    mac = models.BinaryField()
