"""Fixity rounds: how far the checking of everything that is stored has come."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case


class FixityRound(models.Model):
    """One round over everything; it is over when nothing is left that was checked before it began."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    number = models.PositiveIntegerField()
    began = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    objects_checked = models.BigIntegerField(default=0)
    bytes_checked = models.BigIntegerField(default=0)
    damages = models.BigIntegerField(default=0)
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="fixity_round_once")]


class FixityCheck(models.Model):
    """When a thing was last checked: an object by its name, or a slice of rows as `rows/<table>/<slice>`."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    name = models.CharField(max_length=64)
    checked = models.DateTimeField()
    code = models.CharField(max_length=16)
    """What was found wrong; empty when it was whole."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "name"], name="fixity_check_once")]
