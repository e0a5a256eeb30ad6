"""Unlocking a case with what a person or the surroundings offer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from kedang.holdings.actions.known_places import use_places, with_known_places
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.adapters.keyring import Keyring
from kedang.holdings.adapters.signing import require_latest
from kedang.holdings.errors import CaseLocked, NoCase, WhichCase
from kedang.holdings.home import Home
from kedang.holdings.models import Agent, Case
from kedang.ledger.leaves import Event
from kedang.records.errors import KedangError, Kind
from kedang.records.ids import AgentId, CaseId
from kedang.vault import keysheet
from kedang.vault.errors import WrongSecret
from kedang.vault.folder_store import FolderStore
from kedang.vault.suites import Suite
from kedang.vault.unlocking import (
    Unlocked,
    unlock_with_passphrase,
    unlock_with_secret,
    unlock_with_shares,
    unlock_with_token,
)

RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a person or a service offers to unlock a case; the first that is given is tried."""

    passphrase: str | None = field(default=None, repr=False)
    shares: tuple[str, ...] = field(default=(), repr=False)
    token: Callable[[keysheet.TokenLock], bytes | None] | None = field(default=None, repr=False)
    """Gives the secret of a slot that a hardware token guards; None for the slots of other tokens."""


def unlock(
    fonds_code: str | None,
    home: Home,
    places: KeyPlaces,
    secrets: Secrets,
    *,
    random_bytes: RandomBytes,
    even_older: bool = False,
) -> Archive:
    """The case, unlocked by the first of: passphrase, shares, hardware token, the unattended secret.

    With `even_older` also one whose ledger is older than the head kept with the key sheets: to verify it.

    Raises:
        NoCase, WhichCase: which case is meant cannot be told.
        KeySheetMissing, KeySheetStale, KeySheetAltered: the sheet is not to be used.
        CaseLocked: nothing that was offered opens it.
        HomeOlder: the home was restored from an older copy.
    """
    case = which_case(fonds_code)
    case_id = CaseId(case.id)
    unlocked = _opened(case, places.read_sheets(case_id), secrets, places.read_secrets(case_id))
    agent = Agent.objects.filter(case_id=case_id, founder=True).first()
    if agent is None:
        raise NoCase()
    archive = archive_of(case, home, places, unlocked, AgentId(agent.id), random_bytes)
    use_places(archive, with_known_places(archive))
    if not even_older:
        require_latest(archive)
    archive.keyring.register()
    return archive


def note_recovery(archive: Archive, *, now: datetime) -> None:
    """Note that recovery shares opened the case: keepers came together, and that is no everyday thing.

    Other ways of opening are not noted by themselves: what is done with the case is, each time.
    """
    facts: dict[str, str | int] = {"kind": archive.slot, "epoch": archive.epoch}
    event = Event(archive.agent, "unlocked", (f"slot:{archive.keyring.unlocked.slot}",), facts)
    with transaction.atomic():
        book.write(archive.case_id, [event], now=now)


def opened_by(fonds_code: str | None, places: KeyPlaces, secrets: Secrets) -> str | None:
    """Which kind of slot what is offered would open the case with; None when it stays locked."""
    case = which_case(fonds_code)
    case_id = CaseId(case.id)
    try:
        unlocked = _opened(case, places.read_sheets(case_id), secrets, places.read_secrets(case_id))
    except KedangError:
        return None
    unlocked.forget()
    return said_kind(unlocked.kind)


def which_case(fonds_code: str | None) -> Case:
    """The case of this fonds number, or the only one there is."""
    cases = list(Case.objects.filter(**({"fonds_code": fonds_code} if fonds_code else {}))[:2])
    if not cases:
        raise NoCase()
    if len(cases) > 1:
        raise WhichCase()
    return cases[0]


def _opened(case: Case, stored: Sequence[bytes], secrets: Secrets, kept: Sequence[bytes]) -> Unlocked:
    """The keys, by the newest sheet that may be used: a damaged one in one place does not lock the case."""
    unread: list[KedangError] = []
    unopened: list[KedangError] = []
    sheets: list[keysheet.KeySheet] = []
    for octets in set(stored):
        try:
            sheets.append(keysheet.decode(octets))
        except KedangError as error:
            unread.append(error)
    for sheet in sorted(sheets, key=lambda one: (one.newest_epoch, one.serial), reverse=True):
        try:
            keysheet.require_current(sheet, case=CaseId(case.id), ledger_epoch=case.epoch)
            return unlocked_by(sheet, secrets, kept)
        except KedangError as error:
            unopened.append(error)
    raise (unopened + unread)[0]


def unlocked_by(sheet: keysheet.KeySheet, secrets: Secrets, kept: Sequence[bytes]) -> Unlocked:
    """The keys of one sheet, by what is offered, else by a secret that is kept on this computer.

    Raises:
        CaseLocked: nothing of it opens the sheet.
        KeySheetAltered: the sheet is not as it was made; and what a token says of itself.
    """
    try:
        if secrets.passphrase:
            return unlock_with_passphrase(sheet, secrets.passphrase)
        if secrets.shares:
            return unlock_with_shares(sheet, secrets.shares)
        if secrets.token is not None:
            return unlock_with_token(sheet, secrets.token)
        if kept:
            return _unlocked_by_itself(sheet, kept)
    except KedangError as error:
        if error.kind is Kind.CORRUPT or error.code.startswith("KD-V7"):  # a token says itself what is wrong
            raise
        raise CaseLocked(because=error.code) from error
    raise CaseLocked(because="")


def _unlocked_by_itself(sheet: keysheet.KeySheet, kept: Sequence[bytes]) -> Unlocked:
    """The keys, by the first kept secret that opens; while one is replaced there are two."""
    for secret in kept[:-1]:
        with suppress(WrongSecret):
            return unlock_with_secret(sheet, secret)
    return unlock_with_secret(sheet, kept[-1])


def said_kind(kind: keysheet.SlotKind) -> str:
    """The kind of a slot as the ledger and people say it."""
    return "token" if kind is keysheet.SlotKind.TOKEN else kind.value


def archive_of(
    case: Case,
    home: Home,
    places: KeyPlaces,
    unlocked: Unlocked,
    agent: AgentId,
    random_bytes: RandomBytes,
) -> Archive:
    """The case with these keys."""
    store = FolderStore(home.vault)
    return Archive(
        case=case,
        home=home,
        keyring=Keyring(CaseId(case.id), store, places, unlocked, case.epoch, random_bytes),
        agent=agent,
        slot=said_kind(unlocked.kind),
        random_bytes=random_bytes,
        store=store,
        places=places,
        suite=Suite.AES_256_GCM,
    )
