"""Guessing is slowed: failures are counted by name on unknown browsers, by known browser, and by address.

Somebody who guesses at another's name locks that name only for browsers in which nobody has ever signed in under
it; its owner's own browsers are counted for themselves, so that he is never locked out by others.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest

from kedang.entrypoints.web.account import known_browsers
from kedang.entrypoints.web.opened import now
from kedang.holdings.actions.signing_in import failures, forget_failures, note_failure
from kedang.holdings.adapters.door_key import door_key

WINDOW = timedelta(minutes=15)
MOST = 10
"""Failures of one name on unknown browsers, or of one known browser, in WINDOW."""
MOST_OF_ADDRESS = 100
"""Failures from one address in WINDOW: a whole office may stand behind it."""
LOGGED_SIGNS = 12
"""Of a fingerprint: enough to tell one from another."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Under which keys this attempt counts."""

    who: str
    address: str = ""


def counted(request: HttpRequest, login: str) -> Counted:
    """The keys of an attempt to sign in."""
    door = door_key(settings.HOME)
    name = door.fingerprint(login)
    nonce = known_browsers.nonce_of(request, name)
    who = f"known {nonce}" if nonce else f"unknown {name}"
    return Counted(door.fingerprint(who), door.fingerprint(f"address {request.META.get('REMOTE_ADDR', '')}"))


def counted_again(account_id: str) -> Counted:
    """The keys of an attempt by whoever is signed in to show that it is still he."""
    return Counted(door_key(settings.HOME).fingerprint(f"again {account_id}"))


def too_many(keys: Counted) -> bool:
    """Whether no further attempt is looked at for now."""
    found = failures([keys.who, keys.address], within=WINDOW, now=now())
    return found.get(keys.who, 0) >= MOST or found.get(keys.address, 0) >= MOST_OF_ADDRESS


def failed(keys: Counted) -> None:
    """One more; the log of the serving process tells it by keyed fingerprints."""
    said = " ".join(key[:LOGGED_SIGNS] for key in (keys.who, keys.address) if key)
    sys.stderr.write(f"{now():%Y-%m-%dT%H:%M:%SZ} sign-in failed {said}\n")
    note_failure([key for key in (keys.who, keys.address) if key], within=WINDOW, now=now())


def succeeded(keys: Counted) -> None:
    """Those of the name are forgotten; those of the address are not, or an account of one's own would hide guessing."""
    forget_failures([keys.who])
