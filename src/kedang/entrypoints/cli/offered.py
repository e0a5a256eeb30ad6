"""What the surroundings offer to unlock a case. A secret leaves the environment as it is read: no child sees it."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from kedang.holdings.actions.unlocking import Secrets


def offered(ask_pin: Callable[[], str] | None) -> Secrets:
    """Passphrase, shares and token, as far as they are given; `ask_pin` asks a person, None where nobody is."""
    passphrase, shares = passphrase_from_environment(), shares_from_environment()
    if passphrase or shares:
        return Secrets(passphrase=passphrase, shares=shares)
    module = os.environ.get("KEDANG_TOKEN_MODULE")
    pin = token_pin(ask_pin) if module else None
    if not module or not pin:
        return Secrets()
    tokens = load_tokens()
    token = tokens.Token(module, os.environ.get("KEDANG_TOKEN") or None, pin)
    return Secrets(token=tokens.unwrapping(token))


def load_tokens() -> Any:
    """`kedang.vault.tokens`, which loads native code: only where a token is asked for."""
    return import_module("kedang.vault.tokens")


def token_pin(ask_pin: Callable[[], str] | None) -> str | None:
    """The PIN in the file that KEDANG_TOKEN_PIN_FILE names, else as a person types it."""
    if path := os.environ.get("KEDANG_TOKEN_PIN_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return ask_pin() if ask_pin is not None else None


def passphrase_from_environment() -> str | None:
    """The passphrase of KEDANG_PASSPHRASE, which is gone afterwards, or of the file KEDANG_PASSPHRASE_FILE names."""
    if given := os.environ.pop("KEDANG_PASSPHRASE", None):
        return given
    if path := os.environ.get("KEDANG_PASSPHRASE_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return None


def shares_from_environment() -> tuple[str, ...]:
    """The recovery shares in the file that KEDANG_SHARES_FILE names, one a line."""
    path = os.environ.get("KEDANG_SHARES_FILE")
    if not path:
        return ()
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip())
