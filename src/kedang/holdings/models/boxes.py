"""Boxes 盒 and the folders 卷 in them: where numbered records lie on paper."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Box(models.Model):
    """One box on a shelf. Its number is given once."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    """Of catalogue/boxes.toml: how thick it is."""
    sealed = models.BinaryField()
    """Where it stands, in a person's words, under the key of the case."""
    mac = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="box_number_once")]


class Folder(models.Model):
    """A run of numbers of one series that lies together in a box: its records are those with these numbers."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    box = models.ForeignKey(Box, on_delete=models.PROTECT, db_index=False)
    series = models.CharField(max_length=64)
    """Everything of a reference code before the running number."""
    number = models.PositiveIntegerField()
    """Within the series, from 1."""
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    """Numbers of its first and last record."""
    pages = models.PositiveIntegerField()
    """Of all its records, when it was made."""
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "series", "number"], name="folder_number_once"),
            models.CheckConstraint(condition=models.Q(first__lte=models.F("last")), name="folder_in_order"),
        ]
        indexes = [models.Index(fields=["case", "box"], name="folder_by_box")]
