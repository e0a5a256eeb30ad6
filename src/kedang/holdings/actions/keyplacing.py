"""Registered places of the key sheet: every sheet reaches them through `spread`, and only through it.

A place is written first and noted in its row afterwards: a row never says more than the place holds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from kedang.holdings.actions.known_places import living_places, use_places
from kedang.holdings.adapters import book
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import place_mac, require_as_written
from kedang.holdings.adapters.inspecting import inspect_folder, inspect_nearest, likely_kind, volume_of
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.errors import KeyPlaceBehind, KeyPlaceUnknown, LastKeyPlace
from kedang.holdings.models import EpochChange, KeyPlace
from kedang.ledger.leaves import Event
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId
from kedang.vault import keysheet
from kedang.vault.keysheet import KeySheet
from kedang.vault.places import PlaceKind, Verdict, judge, require_fit

Clock = Callable[[], datetime]


def spread(archive: Archive, sheet: KeySheet, *, now: datetime) -> tuple[str, ...]:
    """The sheet in every place that is there, durable and read back; ids of those that it did not reach.

    A place that nobody registered stands in the answer as "".

    Raises:
        KeySheetMissing: it reached none.
    """
    octets = keysheet.encode(sheet)
    missed = set(archive.places.renew_sheet(archive.case_id, octets))
    there = archive.places.found(archive.case_id)
    holders = {one.place for one in there if one.sheet == octets and one.path not in missed}
    strangers = [one for one in there if not one.place and one.path in missed]
    rows = list(living_places(archive.case_id))
    with transaction.atomic():
        for row in rows:
            if row.id in holders:
                row.serial, row.digest, row.reached = sheet.serial, keysheet.digest(sheet), now
                save_place(archive, row)
    return (*(row.id for row in rows if row.id not in holders), *("" for _ in strangers))


def save_place(archive: Archive, row: KeyPlace) -> None:
    """The row with its MAC, in the caller's transaction."""
    row.mac = place_mac(archive, row)
    row.save()


def new_place(
    archive: Archive, path: Path, sheet: KeySheet, *, kind: PlaceKind, verdict: Verdict, now: datetime
) -> KeyPlace:
    """The row of a place that holds the sheet, in the caller's transaction."""
    last = KeyPlace.objects.filter(case_id=archive.case_id).aggregate(last=Max("ordinal"))["last"]
    place = archive.new_id()
    row = KeyPlace(
        id=place,
        case_id=archive.case_id,
        ordinal=(last or 0) + 1,
        kind=kind.value,
        volume=volume_of(path, archive.case_id),
        leaves_remains=verdict.leaves_remains or kind is PlaceKind.STICK,
        serial=sheet.serial,
        digest=keysheet.digest(sheet),
        first_serial=sheet.serial,
        added=now,
        reached=now,
        sealed=archive.seal(archive.case_key(), place, "key_place.sealed", {"path": str(path.resolve())}),
    )
    save_place(archive, row)
    return row


def first_places(archive: Archive, sheet: KeySheet, *, now: datetime) -> list[Event]:
    """Rows, marks and events of the places of a new case, in the transaction that opens it."""
    events = []
    for path in archive.places.sheets:
        kind, verdict = likely_kind(path), judge(inspect_folder(path))
        row = new_place(archive, path, sheet, kind=kind, verdict=verdict, now=now)
        archive.places.mark_place(path, archive.case_id, row.id)
        events.append(_event(archive, "key-place-added", row))
    return events


def add_place(
    archive: Archive, path: Path, sheet: KeySheet, *, kind: PlaceKind | None, clock: Clock
) -> KeyPlace:
    """A new place that holds the current sheet, its mark and the last signed head.

    Raises:
        KeysInsideHome, SecretBesideSheet: it lies where no sheet may.
        PlaceSynced, PlaceKeepsVersions, PlaceVolatile: an old sheet could never be destroyed there.
    """
    places = archive.places.with_also([path])
    places.require_outside(archive.home.root)
    if archive.places.read_secrets(archive.case_id):
        places.require_apart()
    verdict = require_fit(inspect_nearest(path))
    earlier = {one.path.resolve(): one.place for one in archive.places.found(archive.case_id)}
    known = living_places(archive.case_id).filter(id=earlier.get(path.resolve()) or "").first()
    if known is not None:
        return known  # type: ignore[no-any-return]  # rows of Django are untyped here
    KeyPlaces((path,), path).write_sheet(archive.case_id, keysheet.encode(sheet))
    with transaction.atomic():
        row = new_place(archive, path, sheet, kind=kind or likely_kind(path), verdict=verdict, now=clock())
        archive.places.mark_place(path, archive.case_id, row.id)
        book.write(archive.case_id, [_event(archive, "key-place-added", row)], now=clock())
    use_places(archive, places)
    for head in archive.places.read_heads(archive.case_id)[:1]:
        KeyPlaces((path,), path).write_head(archive.case_id, head)
    return row


def remove_place(archive: Archive, named: str, *, clock: Clock) -> bool:
    """Give a place up; whether its sheet was taken away there. It is not where the place is not there.

    Raises:
        KeyPlaceUnknown: no such place.
        LastKeyPlace: no other place that is there holds the sheet.
    """
    row = find_place(archive, named)
    there = {one.place: one for one in archive.places.found(archive.case_id)}
    others = [one for one in there.values() if one.place != row.id and one.sheet is not None]
    if not others:
        raise LastKeyPlace()
    gone = there.get(row.id)
    if gone is not None:
        archive.places.clear_place(gone.path, archive.case_id)
    with transaction.atomic():
        row.removed = clock()
        if gone is not None and not row.leaves_remains:
            row.confirmed_serial = row.serial + 1
        save_place(archive, row)
        event = _event(archive, "key-place-removed", row, emptied=gone is not None)
        book.write(archive.case_id, [event], now=clock())
    return gone is not None


def confirm_place(archive: Archive, named: str, *, clock: Clock) -> KeyPlace:
    """Note that a person vouches for a place: nothing older than the clean sheet is left there.

    Raises:
        KeyPlaceUnknown: no such place.
        KeyPlaceBehind: it was never reached since; the old sheet is still the one it holds.
    """
    row = find_place(archive, named)
    since = clean_since(archive.case_id)
    if row.removed is None and row.serial < since:
        raise KeyPlaceBehind(place=row.id)
    with transaction.atomic():
        row.confirmed_serial = max(row.confirmed_serial, since)
        save_place(archive, row)
        event = _event(archive, "key-place-confirmed", row, serial=row.confirmed_serial)
        book.write(archive.case_id, [event], now=clock())
    return row


def find_place(archive: Archive, named: str) -> KeyPlace:
    """The place of this number or beginning of its id, given up or not."""
    rows = KeyPlace.objects.filter(case_id=archive.case_id)
    found = list(rows.filter(ordinal=int(named)) if named.isdecimal() and len(named) < 5 else ())
    found = found or list(rows.filter(id__startswith=named.casefold())[:2])
    if not named or len(found) != 1:
        raise KeyPlaceUnknown()
    require_as_written(place_mac, archive, found[0])
    return found[0]


def places_behind(archive: Archive, since: int) -> tuple[str, ...]:
    """Ids of the places that no sheet of this serial or a later one has reached, those given up not counted.

    A place that is there and that nobody registered stands in the answer as "".
    """
    rows = living_places(archive.case_id).filter(serial__lt=since)
    there = archive.places.found(archive.case_id)
    strangers = [one for one in there if not one.place and one.sheet and _serial(one.sheet) < since]
    return (*rows.values_list("id", flat=True), *("" for _ in strangers))


def _serial(octets: bytes) -> int:
    try:
        return keysheet.decode(octets).serial
    except KedangError:
        return 0  # what cannot be read may be of any time


def given_up_behind(case_id: CaseId, since: int) -> tuple[str, ...]:
    """Ids of places that were given up with an older sheet in them, which nobody has confirmed to be gone."""
    rows = KeyPlace.objects.filter(case_id=case_id, serial__lt=since, confirmed_serial__lt=since)
    return tuple(rows.exclude(removed=None).values_list("id", flat=True))


def clean_since(case_id: CaseId) -> int:
    """Serial of the first sheet without what was destroyed or removed last."""
    found = EpochChange.objects.filter(case_id=case_id).aggregate(last=Max("clean_since"))["last"]
    return found or 0


def _event(archive: Archive, act: str, row: KeyPlace, **facts: str | int) -> Event:
    said: dict[str, str | int] = {"kind": row.kind, **facts}
    return Event(archive.agent, act, (f"place:{row.id}",), said)
