"""The rules of registered places 登记地点 of the key sheet: where it may lie, and how its places stand.

Losing all sheets loses everything, keeping old ones keeps what was destroyed. So there are three places by
default and two at least, and none that keeps old versions by itself. What is found at a place is given;
nothing here looks at a disk.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

from kedang.records.errors import KedangError
from kedang.vault.errors import PlaceKeepsVersions, PlaceSynced, PlaceVolatile

DEFAULT_PLACES = 3  # design: this computer, another online place, a stick
LEAST_PLACES = 2


class PlaceKind(StrEnum):
    """What sort of place it is, as its registrar says."""

    COMPUTER = "computer"
    ONLINE = "online"
    STICK = "stick"
    COPY = "copy"


DEFAULT_KINDS = (PlaceKind.COMPUTER, PlaceKind.ONLINE, PlaceKind.STICK)


class Keeping(StrEnum):
    """What becomes of bytes that are written over."""

    OVERWRITING = "overwriting"
    COPY_ON_WRITE = "copy-on-write"
    FLASH = "flash"
    REMOTE = "remote"
    VOLATILE = "volatile"
    CLOUD = "cloud"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FoundFolder:
    """What was found at a folder."""

    file_system: str
    """As the system names it: "ext4", "fuse.rclone"; empty when it cannot be told."""
    folders: tuple[str, ...]
    """Names of the folder and of all folders above it."""
    files: frozenset[str]
    """Names of what lies in the folder and in each folder above it."""
    flash: bool | None
    """Whether the medium is flash (SSD, stick, card); None when it cannot be told."""


@dataclass(frozen=True, slots=True)
class FoundBucket:
    """What was found at a bucket of an object store; None where it would not tell."""

    versions: bool | None
    object_lock: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sheet may lie at a place, and whether an old one may leave remains there."""

    refusal: KedangError | None
    keeping: Keeping
    service: str = ""
    """The sync service that the folder belongs to."""

    @property
    def leaves_remains(self) -> bool:
        """Refreshing is not enough there: the place is outstanding until a person confirms it."""
        return self.keeping is not Keeping.OVERWRITING


class Standing(StrEnum):
    """How one place stands to the current sheet; texts are in places.toml."""

    CURRENT = "current"
    OUTSTANDING = "outstanding"
    BEHIND = "behind"
    AWAY = "away"
    UNREACHED = "unreached"
    EMPTY = "empty"
    STRANGE = "strange"


class Level(StrEnum):
    """How all places stand together."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Current:
    """The current sheet."""

    serial: int
    digest: bytes
    clean_since: int
    """Serial of the first sheet without what was destroyed or removed last: older ones are to be gone."""


@dataclass(frozen=True, slots=True)
class Place:
    """A registered place as it was last seen."""

    place: str
    kind: PlaceKind
    volume: str
    """The disk or bucket it lies on; two places on one count once."""
    leaves_remains: bool
    reachable: bool
    serial: int | None
    """Of the sheet that it held when last seen; None when it held none."""
    digest: bytes | None
    first_serial: int
    """Of the first sheet that was ever put there."""
    confirmed_serial: int = 0
    """A person confirmed that nothing older than this one is left there."""


@dataclass(frozen=True, slots=True)
class Status:
    """All places together."""

    level: Level
    standings: Mapping[str, Standing]
    """By place."""
    holding: int
    """Volumes that hold the current sheet, away ones included."""
    reachable: int
    """Those of them that can be reached now."""
    outstanding: tuple[str, ...]
    """Places where an old sheet or its remains may lie."""
    lacking: tuple[PlaceKind, ...]
    """Kinds of the default three that have no place."""


def judge(found: FoundFolder | FoundBucket) -> Verdict:
    """Whether a key sheet may lie there. What cannot be told is never taken for harmless."""
    if isinstance(found, FoundBucket):
        if found.versions is False and found.object_lock is False:
            return Verdict(None, Keeping.REMOTE)
        return Verdict(
            PlaceKeepsVersions(told=None not in (found.versions, found.object_lock)), Keeping.CLOUD
        )
    keeping = _keeping(found)
    service = _service(found)
    if service:
        return Verdict(PlaceSynced(service=service), keeping, service)
    if keeping is Keeping.CLOUD:
        return Verdict(PlaceKeepsVersions(file_system=found.file_system), keeping)
    if keeping is Keeping.VOLATILE:
        return Verdict(PlaceVolatile(file_system=found.file_system), keeping)
    return Verdict(None, keeping)


def require_fit(found: FoundFolder | FoundBucket) -> Verdict:
    """The verdict on a place that may be registered.

    Raises:
        PlaceKeepsVersions, PlaceSynced, PlaceVolatile.
    """
    verdict = judge(found)
    if verdict.refusal is not None:
        raise verdict.refusal
    return verdict


def standing(place: Place, current: Current) -> Standing:
    """How the place stands."""
    if place.serial is None:
        return Standing.EMPTY if place.reachable else Standing.UNREACHED
    if place.serial > current.serial or (place.serial == current.serial and place.digest != current.digest):
        return Standing.STRANGE
    if place.serial < current.serial:
        return Standing.BEHIND if place.reachable else Standing.UNREACHED
    if _may_have_remains(place, current):
        return Standing.OUTSTANDING
    return Standing.CURRENT if place.reachable else Standing.AWAY


def status(places: Sequence[Place], current: Current) -> Status:
    """How all places stand: red below two that hold the current sheet, green when nothing is left to do."""
    standings = {place.place: standing(place, current) for place in places}
    holders = [place for place in places if standings[place.place] in _HOLDING]
    holding = len({place.volume for place in holders})
    lacking = tuple(kind for kind in DEFAULT_KINDS if kind not in {place.kind for place in places})
    settled = all(found in (Standing.CURRENT, Standing.AWAY) for found in standings.values())
    return Status(
        level=_level(holding, settled=settled),
        standings=standings,
        holding=holding,
        reachable=len({place.volume for place in holders if place.reachable}),
        outstanding=tuple(
            place.place for place in places if _old_may_lie(place, standings[place.place], current)
        ),
        lacking=lacking,
    )


def place_text(named: Standing | PlaceKind, language: str) -> str:
    """What a person reads of a standing or a kind, in "zh" or else English."""
    group = "standings" if isinstance(named, Standing) else "kinds"
    text: str = _table()[group][named.value]["zh" if language.startswith("zh") else "en"]
    return text


_HOLDING = (Standing.CURRENT, Standing.AWAY, Standing.OUTSTANDING)


def _level(holding: int, *, settled: bool) -> Level:
    if holding < LEAST_PLACES:
        return Level.RED
    return Level.GREEN if holding >= DEFAULT_PLACES and settled else Level.YELLOW


def _may_have_remains(place: Place, current: Current) -> bool:
    held_old = place.first_serial < current.clean_since
    return place.leaves_remains and held_old and place.confirmed_serial < current.clean_since


def _old_may_lie(place: Place, found: Standing, current: Current) -> bool:
    """Whether a sheet that should be gone may lie at the place, whole or in remains."""
    if found is Standing.STRANGE:
        return True
    if place.serial is not None and place.serial < current.clean_since:
        return place.confirmed_serial < current.clean_since
    return _may_have_remains(place, current)


def _keeping(found: FoundFolder) -> Keeping:
    listed = _file_systems().get(found.file_system.casefold(), Keeping.UNKNOWN)
    if listed is Keeping.OVERWRITING and found.flash is not False:
        return Keeping.UNKNOWN if found.flash is None else Keeping.FLASH
    return listed


def _service(found: FoundFolder) -> str:
    folders = [name.casefold() for name in found.folders]
    lying = [name.casefold() for name in found.files]
    for service in _table()["services"]:
        if _any_matches(service["folders"], folders) or _any_matches(service["files"], lying):
            name: str = service["name"]
            return name
    return ""


def _any_matches(patterns: Sequence[str], names: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern.casefold()) for pattern in patterns for name in names)


@cache
def _file_systems() -> Mapping[str, Keeping]:
    return {
        name.casefold(): Keeping(entry["keeps"])
        for entry in _table()["file_systems"]
        for name in entry["names"]
    }


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("kedang.vault").joinpath("places.toml").read_text(encoding="utf-8"))
