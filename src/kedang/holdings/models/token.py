"""Tokens with which programs act for a person at the API."""

from __future__ import annotations

from django.db import models

from kedang.holdings.models.case import Case
from kedang.holdings.models.fields import IdField


class Token(models.Model):
    """One token; the secret itself is kept nowhere, only its digest."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    account = IdField()
    """Whose it is; the token may never more than this account may."""
    digest = models.BinaryField()
    """SHA-256 of the secret, which has 32 random bytes."""
    acts = models.JSONField()
    scope = models.JSONField(default=dict)
    last_day = models.DateField()
    made = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    """When it was taken back."""
    sealed = models.BinaryField()
    """What it is for, in the words of whoever made it."""
    mac = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["case", "account"], name="token_of_account")]
