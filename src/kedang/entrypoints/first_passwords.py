"""First passwords that whoever keeps the accounts hands over: words, so that they can be told and typed."""

from __future__ import annotations

import secrets

from shamir_mnemonic.wordlist import WORDLIST

WORDS = 5  # of 10 bits each; changed at the first sign-in


def first_password() -> str:
    """A new one; it is shown once and kept nowhere."""
    return "-".join(secrets.choice(WORDLIST) for _ in range(WORDS))
