"""Who may sign in at the web door, and what was granted to whom in which case."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from kedang.holdings.models.case import Agent, Case
from kedang.holdings.models.fields import IdField


class Account(AbstractBaseUser):
    """One person who signs in to this installation. Accounts are of the home; what they may do is of each case."""

    id = IdField(primary_key=True)
    login = models.CharField(max_length=64, unique=True)
    """Keyed fingerprint of the sign-in name; the name itself is sealed."""
    sealed = models.BinaryField()
    """Name and sign-in name, sealed under the key of the web door."""
    is_active = models.BooleanField(default=True)
    must_change = models.BooleanField(default=False)
    """The password was set by somebody else and is to be changed at the next sign-in."""
    keeps_accounts = models.BooleanField(default=False)
    """Keeps the accounts of this installation, and sees no record in any case."""
    sessions_from = models.DateTimeField()
    """Sessions that began earlier have ended."""
    language = models.CharField(max_length=8, default="zh")
    created = models.DateTimeField()

    objects = BaseUserManager()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []


class Membership(models.Model):
    """A person in a case: the agent that the ledger names, and the grants."""

    id = IdField(primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, db_index=False)
    account = IdField()
    """Of an account of the installation; after a restore elsewhere there may be none of this id."""
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, db_index=False)
    grants = models.JSONField(default=list)
    """Each: id, role, scope (lists of codes and ids), last_day, given_by, given."""
    mac = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "account"], name="membership_once"),
            models.UniqueConstraint(fields=["case", "agent"], name="membership_of_agent_once"),
        ]


class SignIn(models.Model):
    """One browser in which somebody is signed in. Taking the row away signs it out at its next request.

    The session, which is sealed, holds the id of its row.
    """

    id = IdField(primary_key=True)
    account = IdField(db_index=True)
    began = models.DateTimeField()
    last_seen = models.DateTimeField()
    """Written once a minute at most."""
    browser = models.CharField(max_length=32)
    """Which kind of browser on which system, as a code of a closed list; no address and no version."""
    method = models.CharField(max_length=16)
    """password, passkey or sso."""


class FailedSignIn(models.Model):
    """How often signing in failed of late, for one name on unknown browsers, one known browser, or one address."""

    key = models.CharField(max_length=64, primary_key=True)
    """Keyed fingerprint of what is counted."""
    count = models.PositiveIntegerField()
    began = models.DateTimeField()
