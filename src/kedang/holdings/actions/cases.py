"""Opening a case and unlocking it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from kedang.catalogue.scheme import shipped_scheme
from kedang.disposition.schedule import shipped_schedule
from kedang.holdings.actions.keyplacing import first_places, use_places, with_known_places
from kedang.holdings.actions.slots import note_slots
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import case_mac, guarded
from kedang.holdings.adapters.inspecting import inspect_nearest
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.adapters.keyring import Keyring
from kedang.holdings.adapters.signing import require_latest
from kedang.holdings.errors import CaseExists, CaseLocked, CaseMalformed, NoCase, WhichCase
from kedang.holdings.home import Home
from kedang.holdings.models import Agent, Case
from kedang.ledger.leaves import Event
from kedang.records.errors import KedangError, Kind
from kedang.records.ids import ID_BYTES, AgentId, CaseId, id_from
from kedang.vault import keysheet
from kedang.vault.errors import PlaceVolatile, WrongSecret
from kedang.vault.folder_store import FolderStore
from kedang.vault.places import judge
from kedang.vault.shares import ShareCard, cards_of, split_secret
from kedang.vault.suites import KEY_BYTES, Suite
from kedang.vault.unlocking import (
    NewPassphrase,
    NewQuorum,
    NewSlot,
    NewUnattended,
    Unlocked,
    create_sheet,
    unlock_with_passphrase,
    unlock_with_secret,
    unlock_with_shares,
    unlock_with_token,
)

SCHEDULE = "kedang-cn-2026-11"
SCHEME = "da-t-13-2022"
REVIEWS = ("off", "second-person")
RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class NewCase:
    """What a case begins with."""

    name: str
    fonds_code: str
    passphrase: str = field(repr=False)
    own_names: tuple[str, ...] = ()
    """Other names the company has used; none of them is ever a customer."""
    credit_code: str = ""
    time_zone: str = "Asia/Shanghai"
    archiving_review: str = "off"
    industry_packs: tuple[str, ...] = ()
    milestones: Mapping[str, date] = field(default_factory=dict)
    unattended: bool = True
    agent_name: str = ""
    demo: bool = False
    """A demonstration, which can be thrown away whole."""


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """The new case and the recovery shares, which are shown once and kept nowhere."""

    case_id: CaseId
    fonds_code: str
    shares: tuple[str, ...] = field(repr=False)
    cards: tuple[ShareCard, ...] = field(repr=False)
    """The same, as they are printed."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a person or a service offers to unlock a case; the first that is given is tried."""

    passphrase: str | None = field(default=None, repr=False)
    shares: tuple[str, ...] = field(default=(), repr=False)
    token: Callable[[keysheet.TokenLock], bytes | None] | None = field(default=None, repr=False)
    """Gives the secret of a slot that a hardware token guards; None for the slots of other tokens."""


def open_case(
    new: NewCase, home: Home, places: KeyPlaces, *, now: datetime, random_bytes: RandomBytes
) -> OpenedCase:
    """A new case with its keys.

    The key sheet is durable in every place before the case exists, so that no case is ever without.
    """
    _require_well_formed(new)
    if Case.objects.filter(fonds_code=new.fonds_code).exists():
        raise CaseExists()
    _require_fit_places(new, home, places)
    case_id = CaseId(id_from(random_bytes(ID_BYTES)))
    split = split_secret(random_bytes(KEY_BYTES), random_bytes=random_bytes)
    secret = random_bytes(KEY_BYTES)
    slots: list[NewSlot] = [NewPassphrase(new.passphrase), NewQuorum(split)]
    if new.unattended:
        slots.append(NewUnattended(secret))
        places.write_secrets(case_id, (secret,))
    sheet, unlocked = create_sheet(case_id, slots=slots, random_bytes=random_bytes)
    places.write_sheet(case_id, keysheet.encode(sheet))
    case = Case(
        id=case_id,
        fonds_code=new.fonds_code,
        time_zone=new.time_zone,
        archiving_review=new.archiving_review,
        industry_packs=list(new.industry_packs),
        milestones={name: day.isoformat() for name, day in new.milestones.items()},
        created=now,
        epoch=unlocked.newest_epoch,
    )
    agent_id = AgentId(id_from(random_bytes(ID_BYTES)))
    archive = archive_of(case, home, places, unlocked, agent_id, random_bytes)
    _write_case(archive, new, sheet, now)
    shares = tuple(share for group in split.shares for share in group)
    return OpenedCase(case_id, new.fonds_code, shares, cards_of(split))


def _require_fit_places(new: NewCase, home: Home, places: KeyPlaces) -> None:
    """Nothing when the sheet may lie there. Memory is let through here, and `kedang keys` says what it is."""
    places.require_outside(home.root)
    if new.unattended:
        places.require_apart()
    for place in places.sheets:
        refusal = judge(inspect_nearest(place)).refusal
        if refusal is not None and not isinstance(refusal, PlaceVolatile):
            raise refusal


def _require_well_formed(new: NewCase) -> None:
    """Nothing when everything the case names is known; a mistake here would stop the archiving later."""
    if re.fullmatch(shipped_scheme().fonds_pattern, new.fonds_code) is None:
        raise CaseMalformed(field="code")
    if new.archiving_review not in REVIEWS:
        raise CaseMalformed(field="review")
    if not set(new.industry_packs) <= shipped_schedule().packs.keys():
        raise CaseMalformed(field="industry")


def _write_case(archive: Archive, new: NewCase, sheet: keysheet.KeySheet, now: datetime) -> None:
    case, key = archive.case, archive.new_key()
    pages = archive.write_pages({archive.case_id: key})
    case.key_page = pages[archive.case_id].id
    case.sealed = archive.seal(
        key,
        case.id,
        "case.sealed",
        {"name": new.name, "own_names": list(new.own_names), "credit_code": new.credit_code}
        | ({"demo": True} if new.demo else {}),
    )
    case.mac = case_mac(archive, case)
    with transaction.atomic():
        case.save(force_insert=True)
        archive.keep_pages(pages)
        agent = Agent(
            id=archive.agent,
            case=case,
            kind="person",
            founder=True,
            sealed=archive.seal(key, archive.agent, "agent.sealed", {"name": new.agent_name}),
        )
        guarded(archive, agent).save(force_insert=True)
        book.open_book(archive.case_id, now=now)
        opened = Event(archive.agent, "case-opened", (), {"schedule": SCHEDULE, "scheme": SCHEME})
        book.write(archive.case_id, [opened], now=now)
        note_slots(archive, sheet, now=now)
        book.write(archive.case_id, first_places(archive, sheet, now=now), now=now)


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


def opened_by(fonds_code: str | None, places: KeyPlaces, secrets: Secrets) -> str | None:
    """Which kind of slot what is offered would open the case with; None when it stays locked."""
    case = which_case(fonds_code)
    case_id = CaseId(case.id)
    try:
        unlocked = _opened(case, places.read_sheets(case_id), secrets, places.read_secrets(case_id))
    except KedangError:
        return None
    unlocked.forget()
    return _said_kind(unlocked.kind)


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


def _said_kind(kind: keysheet.SlotKind) -> str:
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
        slot=_said_kind(unlocked.kind),
        random_bytes=random_bytes,
        store=store,
        places=places,
        suite=Suite.AES_256_GCM,
    )
