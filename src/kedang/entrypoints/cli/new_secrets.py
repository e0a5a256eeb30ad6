"""New secrets for slots of the key sheet: asked for, made, split into cards, or wrapped by a token."""

from __future__ import annotations

import getpass
import os
import re
import sys
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

import typer

from kedang.entrypoints.cards.printing import print_cards
from kedang.entrypoints.cli.context import Context
from kedang.entrypoints.cli.offered import load_tokens, token_pin
from kedang.entrypoints.cli.outputs import written
from kedang.records.errors import KedangError
from kedang.vault.quorums import DEFAULT_QUORUM, Group, Quorum, SplitSecret, any_of
from kedang.vault.shares import cards_of, split_secret
from kedang.vault.slots import NewPassphrase, NewQuorum, NewSlot, NewToken, NewUnattended
from kedang.vault.suites import KEY_BYTES

KEY_LABEL = "kedang"
_QUORUM = re.compile(r"([1-9][0-9]?)/([1-9][0-9]?)")


class SlotChoice(StrEnum):
    """What a new slot may be opened by."""

    PASSPHRASE = "passphrase"  # noqa: S105  # the kind, not one
    SHARES = "shares"
    TOKEN = "token"  # noqa: S105  # as above
    UNATTENDED = "unattended"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says of a new slot."""

    kind: SlotChoice
    passphrase_file: Path | None = None
    module: str | None = None
    token: str | None = None
    quorum: str | None = None
    groups: tuple[str, ...] = field(default=())
    groups_needed: int = 1
    cards: Path | None = None
    """Where the cards go as a PDF."""
    words: Path | None = None
    """Where the words go, one card a paragraph."""


def new_slot(context: Context, wanted: Wanted, *, fonds_code: str) -> NewSlot:
    """The slot, not yet in any sheet. Cards are on the disk before a sheet knows them."""
    if wanted.kind is SlotChoice.PASSPHRASE:
        return NewPassphrase(_passphrase(context, wanted.passphrase_file))
    if wanted.kind is SlotChoice.UNATTENDED:
        return NewUnattended(os.urandom(KEY_BYTES))
    if wanted.kind is SlotChoice.TOKEN:
        return _token(context, wanted)
    return NewQuorum(_split(context, wanted, fonds_code))


def _passphrase(context: Context, file: Path | None) -> str:
    if file is not None:
        given = file.read_text(encoding="utf-8").strip()
        if given:
            return given
    elif sys.stdin.isatty():
        while True:
            first = getpass.getpass(context.say("new-passphrase"))
            if first and first == getpass.getpass(context.say("repeat-passphrase")):
                return first
            context.print("passphrases-differ")
    raise typer.BadParameter(context.say("keys-needs-passphrase"))


def _token(context: Context, wanted: Wanted) -> NewToken:
    module = wanted.module or os.environ.get("KEDANG_TOKEN_MODULE")
    pin = token_pin(context.ask_pin if sys.stdin.isatty() else None)
    if not module or not pin:
        raise typer.BadParameter(context.say("keys-needs-token"))
    tokens = load_tokens()
    token = tokens.Token(module, wanted.token or os.environ.get("KEDANG_TOKEN") or None, pin)
    secret, lock = tokens.wrap_secret(token, key_label=KEY_LABEL, random_bytes=os.urandom)
    return NewToken(secret, lock)


def _split(context: Context, wanted: Wanted, fonds_code: str) -> SplitSecret:
    if wanted.cards is None and wanted.words is None:
        raise typer.BadParameter(context.say("shares-need-out"))
    quorum = _quorum(context, wanted)
    try:
        split = split_secret(os.urandom(KEY_BYTES), random_bytes=os.urandom, quorum=quorum)
    except (ValueError, KedangError) as error:
        raise typer.BadParameter(context.say("shares-quorum-unfit")) from error
    _write_cards(split, wanted, fonds_code, context.now().date())
    return split


def _quorum(context: Context, wanted: Wanted) -> Quorum:
    groups = tuple(_group(context, one) for one in wanted.groups)
    if groups and wanted.quorum:
        raise typer.BadParameter(context.say("shares-quorum-unfit"))
    if groups:
        return Quorum(wanted.groups_needed, groups)
    if wanted.quorum is None:
        return DEFAULT_QUORUM
    one = _group(context, wanted.quorum)
    return any_of(one.threshold, one.count)


def _group(context: Context, said: str) -> Group:
    found = _QUORUM.fullmatch(said)
    if found is None:
        raise typer.BadParameter(context.say("shares-quorum-unfit"))
    return Group(int(found[1]), int(found[2]))


def _write_cards(split: SplitSecret, wanted: Wanted, fonds_code: str, day: date) -> None:
    if wanted.cards is not None:
        document = print_cards(cards_of(split), fonds_code=fonds_code, printed_on=day)
        with written(wanted.cards) as sink:
            sink.write(document)
    if wanted.words is not None:
        lines = [card for group in split.shares for card in group]
        with written(wanted.words) as sink:
            sink.write(("\n\n".join(lines) + "\n").encode())
