"""A new case with its keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from kedang.catalogue.scheme import shipped_scheme
from kedang.disposition.schedule import shipped_schedule
from kedang.holdings.actions.keyplacing import first_places
from kedang.holdings.actions.slots import note_slots
from kedang.holdings.actions.unlocking import RandomBytes, archive_of
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import case_mac, guarded
from kedang.holdings.adapters.inspecting import inspect_nearest
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.errors import CaseExists, CaseMalformed
from kedang.holdings.home import Home
from kedang.holdings.models import Agent, Case
from kedang.ledger.leaves import Event
from kedang.records.ids import ID_BYTES, AgentId, CaseId, id_from
from kedang.vault import keysheet
from kedang.vault.errors import PlaceVolatile
from kedang.vault.places import judge
from kedang.vault.shares import ShareCard, cards_of, split_secret
from kedang.vault.suites import KEY_BYTES
from kedang.vault.unlocking import (
    NewPassphrase,
    NewQuorum,
    NewSlot,
    NewUnattended,
    create_sheet,
)

SCHEDULE = "kedang-cn-2026-11"
SCHEME = "da-t-13-2022"
REVIEWS = ("off", "second-person")


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
