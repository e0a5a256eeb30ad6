"""What people send through the web door before it is taken in: uploads and the files of each."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField
from kedang.holdings.models.intake import Source


class Upload(models.Model):
    """Files on their way into one source. States: receiving → given (to a job) → taken; receiving → dropped.

    Its pieces lie sealed in the home. The key that opens them is gone once it is taken or dropped.
    """

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    agent = IdField()
    """Who sends it."""
    began = models.DateTimeField()
    state = models.CharField(max_length=12)
    accession = IdField(default="")
    """Of its taking-in, once that has begun."""
    sealed = models.BinaryField()
    """The key of its pieces, sealed under the key of the case's columns."""
    mac = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["case", "state"], name="upload_by_state")]


class UploadedFile(models.Model):
    """One file of an upload; the rows go when it is taken or dropped."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, db_index=False)
    ordinal = models.PositiveIntegerField()
    """Names its pieces."""
    mark = models.BinaryField()
    """Keyed fingerprint of path, size and date, so that the same file is the same again."""
    missing = models.BooleanField(default=False)
    """The browser could not read it: it is taken in as refused, with a code."""
    sealed = models.BinaryField()
    """Path, size and date, sealed under the upload's key."""
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "ordinal"], name="uploaded_file_ordinal_once"),
            models.UniqueConstraint(fields=["upload", "mark"], name="uploaded_file_once"),
        ]
