"""How the keys of a case are kept: who opens it, where its sheet lies, and what is to be done.

Told from what stands in clear, so that a locked case says it too; paths are told to whoever opened it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from kedang.holdings.actions.keyplacing import clean_since, given_up_behind
from kedang.holdings.actions.known_places import living_places, path_of
from kedang.holdings.actions.unlocking import said_kind, which_case
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.guarding import place_mac, require_as_written
from kedang.holdings.adapters.keyplaces import FoundPlace, KeyPlaces
from kedang.holdings.models import EpochChange, KeyPlace, KeySlot, SealingAnew
from kedang.records.errors import KedangError
from kedang.records.ids import CaseId
from kedang.vault import keysheet
from kedang.vault.errors import KeySheetForeign
from kedang.vault.keysheet import KeySheet, QuorumLock, Slot, TokenLock
from kedang.vault.places import Current, Level, Place, PlaceKind, Standing, Status, status
from kedang.vault.unlocking import unlock_with_shares


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """A slot of the newest sheet."""

    slot: str
    kind: str
    added: str | None
    """UTC; None when a crash came between the sheet and its row, which the next change of keys mends."""
    epoch: int | None
    opened: bool
    """The case was opened by it now."""
    set: int | None = None
    """Number on the cards of a quorum."""
    threshold: int | None = None
    shares: int | None = None
    token_key: str = ""

    @property
    def added_at(self) -> datetime | None:
        """When it was added; None when that is not known."""
        return datetime.fromisoformat(self.added) if self.added else None

    @property
    def set_said(self) -> str:
        """The number of a quorum's set as it stands on its cards."""
        return f"{self.set:05d}" if self.set is not None else ""


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A place of the sheet."""

    place: str
    number: int | None
    """None for a place that nobody registered."""
    kind: str
    standing: str
    reachable: bool
    leaves_remains: bool
    path: str | None


@dataclass(frozen=True, slots=True)
class KeysStatus:
    """Slots, places, and how they stand together."""

    level: str
    epoch: int
    serial: int
    locked: bool
    opened_by: str | None
    slots: tuple[ShownSlot, ...]
    places: tuple[ShownPlace, ...]
    holding: int
    reachable: int
    outstanding: tuple[str, ...]
    lacking: tuple[str, ...]
    unfinished: str | None
    """Purpose of a change of keys that was interrupted."""
    next_steps: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The same for a program."""
        return asdict(self)


def keys_status(archive: Archive) -> KeysStatus:
    """How the keys are kept, to somebody who opened the case.

    Raises:
        RowAltered: the row of a place was edited outside kedang.
    """
    rows = list(KeyPlace.objects.filter(case_id=archive.case_id))
    for row in rows:
        require_as_written(place_mac, archive, row)
    paths = {row.id: str(path_of(archive, row)) for row in rows}
    return _told(archive.case_id, archive.places, opened_by=archive.keyring.unlocked.slot, paths=paths)


def locked_keys_status(fonds_code: str | None, places: KeyPlaces) -> KeysStatus:
    """How the keys are kept, as far as it can be told without them."""
    return _told(CaseId(which_case(fonds_code).id), places, opened_by=None, paths={})


@dataclass(frozen=True, slots=True)
class CardSets:
    """The sets of recovery shares of a case."""

    sheet: KeySheet
    identifiers: frozenset[int]

    def opened_by(self, cards: Sequence[str]) -> bool:
        """Whether these cards open the case."""
        try:
            unlock_with_shares(self.sheet, cards).forget()
        except KedangError:
            return False
        return True


def card_sets(fonds_code: str | None, places: KeyPlaces) -> CardSets:
    """The sets that the newest sheet knows; needs no key."""
    sheet = _newest(places, CaseId(which_case(fonds_code).id))
    locks = [slot.lock for slot in sheet.slots]
    return CardSets(sheet, frozenset(lock.identifier for lock in locks if isinstance(lock, QuorumLock)))


def _told(
    case_id: CaseId, key_places: KeyPlaces, *, opened_by: str | None, paths: Mapping[str, str]
) -> KeysStatus:
    found = _first_of_each(key_places.found(case_id))
    rows = list(living_places(case_id))
    sheet = _newest(key_places, case_id)
    current = _current(sheet, rows, clean_since(case_id))
    stand = status([_place(row, found.get(row.id)) for row in rows], current)
    strangers = [
        one for one in key_places.found(case_id) if one.sheet is not None and one not in found.values()
    ]
    outstanding = (*stand.outstanding, *given_up_behind(case_id, current.clean_since))
    change = EpochChange.objects.filter(case_id=case_id, finished=None).first()
    anew = SealingAnew.objects.filter(case_id=case_id).exists()
    shown = [_shown(row, stand, found.get(row.id), paths) for row in rows]
    return KeysStatus(
        level=(Level.YELLOW if strangers and stand.level is Level.GREEN else stand.level).value,
        epoch=sheet.newest_epoch,
        serial=current.serial,
        locked=opened_by is None,
        opened_by=opened_by,
        slots=tuple(_slots(case_id, sheet, opened_by)),
        places=(*shown, *(_stranger(one) for one in strangers)),
        holding=stand.holding,
        reachable=stand.reachable,
        outstanding=outstanding,
        lacking=tuple(kind.value for kind in stand.lacking),
        unfinished=change.purpose if change else "reseal" if anew else None,
        next_steps=(
            *(("resume",) if anew and change is None else ()),
            *_next_steps(stand, change, outstanding, strangers),
        ),
    )


def _next_steps(
    stand: Status, change: EpochChange | None, outstanding: Sequence[str], strangers: Sequence[FoundPlace]
) -> list[str]:
    """What to do, the most pressing first; the doors have a sentence for each."""
    steps = []
    if change is not None:
        steps.append("resume-destruction" if change.purpose == "destroy" else "resume")
    standings = set(stand.standings.values())
    if Standing.STRANGE in standings:
        steps.append("strange")
    if Standing.BEHIND in standings or Standing.EMPTY in standings:
        steps.append("refresh")
    if stand.holding < len(PlaceKind) - 1 and stand.lacking:
        steps.append("add-place")
    if strangers:
        steps.append("register")
    if outstanding:
        steps.append("confirm")
    return steps


def _first_of_each(found: Sequence[FoundPlace]) -> dict[str, FoundPlace]:
    """The place of each mark; a copied mark counts once."""
    first: dict[str, FoundPlace] = {}
    for one in found:
        if one.place:
            first.setdefault(one.place, one)
    return first


def _newest(places: KeyPlaces, case_id: CaseId) -> KeySheet:
    sheets = []
    faults: list[KedangError] = []
    for octets in set(places.read_sheets(case_id)):
        try:
            sheets.append(keysheet.decode(octets))
        except KedangError as error:
            faults.append(error)
    mine = [sheet for sheet in sheets if sheet.case == case_id]
    if not mine:
        raise faults[0] if faults else KeySheetForeign(case=case_id)
    return max(mine, key=lambda one: (one.newest_epoch, one.serial))


def _current(sheet: KeySheet, rows: Sequence[KeyPlace], since: int) -> Current:
    """The newest sheet there is to be known of, reached or not."""
    last = max(rows, key=lambda row: row.serial, default=None)
    if last is not None and last.serial > sheet.serial:
        return Current(last.serial, bytes(last.digest), since)
    return Current(sheet.serial, keysheet.digest(sheet), since)


def _place(row: KeyPlace, found: FoundPlace | None) -> Place:
    serial: int | None = row.serial
    digest: bytes | None = bytes(row.digest)
    if found is not None:
        serial, digest = _lying(found)
    return Place(
        place=row.id,
        kind=PlaceKind(row.kind),
        volume=row.volume,
        leaves_remains=row.leaves_remains,
        reachable=found is not None,
        serial=serial,
        digest=digest,
        first_serial=row.first_serial,
        confirmed_serial=row.confirmed_serial,
    )


def _lying(found: FoundPlace) -> tuple[int | None, bytes | None]:
    try:
        sheet = keysheet.decode(found.sheet or b"")
    except KedangError:
        return None, None
    return sheet.serial, keysheet.digest(sheet)


def _shown(row: KeyPlace, stand: Status, found: FoundPlace | None, paths: Mapping[str, str]) -> ShownPlace:
    return ShownPlace(
        place=row.id,
        number=row.ordinal,
        kind=row.kind,
        standing=stand.standings[row.id].value,
        reachable=found is not None,
        leaves_remains=row.leaves_remains,
        path=str(found.path) if found else paths.get(row.id),
    )


def _stranger(found: FoundPlace) -> ShownPlace:
    return ShownPlace(
        place="",
        number=None,
        kind="",
        standing="unregistered",
        reachable=True,
        leaves_remains=True,
        path=str(found.path),
    )


def _slots(case_id: CaseId, sheet: KeySheet, opened_by: str | None) -> list[ShownSlot]:
    rows = {row.id: row for row in KeySlot.objects.filter(case_id=case_id)}
    return [_slot(slot, rows.get(slot.slot), opened=slot.slot == opened_by) for slot in sheet.slots]


def _slot(slot: Slot, row: KeySlot | None, *, opened: bool) -> ShownSlot:
    lock = slot.lock
    groups = lock.quorum.groups if isinstance(lock, QuorumLock) else ()
    return ShownSlot(
        slot=slot.slot,
        kind=said_kind(slot.kind),
        added=row.added.isoformat() if row else None,
        epoch=row.epoch if row else None,
        opened=opened,
        set=lock.identifier if isinstance(lock, QuorumLock) else None,
        threshold=groups[0].threshold if len(groups) == 1 else _group_threshold(lock),
        shares=sum(group.count for group in groups) or None,
        token_key=lock.token_key if isinstance(lock, TokenLock) else "",
    )


def _group_threshold(lock: object) -> int | None:
    return lock.quorum.group_threshold if isinstance(lock, QuorumLock) else None
