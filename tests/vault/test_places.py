from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib.resources import files

import pytest

from kedang.records.errors import KedangError
from kedang.vault.errors import PlaceKeepsVersions, PlaceSynced, PlaceVolatile
from kedang.vault.places import (
    Current,
    FoundBucket,
    FoundFolder,
    Keeping,
    Level,
    Place,
    PlaceKind,
    Standing,
    judge,
    place_text,
    require_fit,
    standing,
    status,
)

DISK = FoundFolder("ext4", ("keys", "lin", "home"), frozenset({"photos"}), flash=False)
NOW = Current(serial=7, digest=b"seven", clean_since=6)
TABLE = tomllib.loads(files("kedang.vault").joinpath("places.toml").read_text(encoding="utf-8"))


def _place(name: str, kind: PlaceKind = PlaceKind.COMPUTER, **changed: object) -> Place:
    place = Place(
        place=name,
        kind=kind,
        volume=name,
        leaves_remains=False,
        reachable=True,
        serial=7,
        digest=b"seven",
        first_serial=1,
    )
    return replace(place, **changed)  # type: ignore[arg-type]


THREE = (
    _place("home"),
    _place("office", PlaceKind.ONLINE),
    _place("stick", PlaceKind.STICK, leaves_remains=True, first_serial=6),
)


@pytest.mark.parametrize(
    ("file_system", "flash", "keeping"),
    [
        ("ext4", False, Keeping.OVERWRITING),
        ("XFS", False, Keeping.OVERWRITING),
        ("ext4", True, Keeping.FLASH),
        ("vfat", True, Keeping.FLASH),
        ("ext4", None, Keeping.UNKNOWN),
        ("btrfs", False, Keeping.COPY_ON_WRITE),
        ("zfs", None, Keeping.COPY_ON_WRITE),
        ("apfs", True, Keeping.COPY_ON_WRITE),
        ("f2fs", None, Keeping.FLASH),
        ("nfs4", False, Keeping.REMOTE),
        ("a new one", False, Keeping.UNKNOWN),
        ("", False, Keeping.UNKNOWN),
    ],
)
def test_only_a_disk_that_surely_writes_over_leaves_no_remains(
    file_system: str, flash: bool | None, keeping: Keeping
) -> None:
    verdict = require_fit(replace(DISK, file_system=file_system, flash=flash))
    assert verdict.keeping is keeping
    assert verdict.leaves_remains == (keeping is not Keeping.OVERWRITING)


@pytest.mark.parametrize(
    ("folders", "lying", "service"),
    [
        (("密钥", "Dropbox", "lin"), (), "Dropbox"),
        (("keys", "OneDrive - 某某公司", "Users"), (), "OneDrive"),
        (("keys", "onedrive"), (), "OneDrive"),
        (("keys", "我的坚果云"), (), "坚果云"),
        (("BaiduSyncdisk",), (), "百度网盘"),
        (("keys", "com~apple~CloudDocs", "Mobile Documents", "Library"), (), "iCloud"),
        (("keys",), (".stfolder",), "Syncthing"),
        (("keys",), (".sync_1f3ab0.db",), "Nextcloud"),
        (("keys",), (".Dropbox.Cache",), "Dropbox"),
        (("keys", "WPS企业云盘", "1755", "WPSDrive"), (), "WPS"),
        (("keys", "坚果云-lin@example.com", "CloudStorage", "Library"), (), "macOS"),
        (("keys",), (".849c9593-d756-4e56-8d6e-42412f2a707b",), "OneDrive"),
        (("keys",), (".tmp.drivedownload",), "Google"),
    ],
)
def test_a_synced_folder_is_refused_by_its_marks(
    folders: tuple[str, ...], lying: tuple[str, ...], service: str
) -> None:
    found = replace(DISK, folders=folders, files=frozenset(lying))
    assert service in judge(found).service
    with pytest.raises(PlaceSynced):
        require_fit(found)


@pytest.mark.parametrize("name", ["Dropboxes", "boxes", "mydropbox", "OneDriveless", "sync"])
def test_a_folder_that_only_sounds_alike_is_not_refused(name: str) -> None:
    assert judge(replace(DISK, folders=(name,), files=frozenset({name}))).refusal is None


@pytest.mark.parametrize(
    ("versions", "lock", "fit"),
    [
        (False, False, True),
        (True, False, False),
        (False, True, False),
        (None, False, False),
        (False, None, False),
    ],
)
def test_a_bucket_is_fit_only_when_it_says_that_it_keeps_nothing(
    versions: bool | None, lock: bool | None, fit: bool
) -> None:
    verdict = judge(FoundBucket(versions, lock))
    assert (verdict.refusal is None) == fit
    assert verdict.leaves_remains
    if not fit:
        with pytest.raises(PlaceKeepsVersions):
            require_fit(FoundBucket(versions, lock))


@pytest.mark.parametrize(
    ("file_system", "refused"),
    [("fuse.rclone", PlaceKeepsVersions), ("davfs", PlaceKeepsVersions), ("tmpfs", PlaceVolatile)],
)
def test_a_mounted_cloud_and_memory_are_refused(file_system: str, refused: type[KedangError]) -> None:
    with pytest.raises(refused):
        require_fit(replace(DISK, file_system=file_system))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, Standing.CURRENT),
        ({"reachable": False}, Standing.AWAY),
        ({"serial": 6}, Standing.BEHIND),
        ({"serial": 6, "reachable": False}, Standing.UNREACHED),
        ({"serial": None}, Standing.EMPTY),
        ({"serial": None, "reachable": False}, Standing.UNREACHED),
        ({"serial": 8}, Standing.STRANGE),
        ({"digest": b"another"}, Standing.STRANGE),
        ({"leaves_remains": True}, Standing.OUTSTANDING),
        ({"leaves_remains": True, "reachable": False}, Standing.OUTSTANDING),
        ({"leaves_remains": True, "confirmed_serial": 5}, Standing.OUTSTANDING),
        ({"leaves_remains": True, "confirmed_serial": 6}, Standing.CURRENT),
        ({"leaves_remains": True, "first_serial": 6}, Standing.CURRENT),
    ],
)
def test_how_a_place_stands(changed: dict[str, object], expected: Standing) -> None:
    assert standing(_place("home", **changed), NOW) is expected  # type: ignore[arg-type]


def test_three_places_with_the_current_sheet_are_green() -> None:
    found = status(THREE, NOW)
    assert (found.level, found.holding, found.reachable) == (Level.GREEN, 3, 3)
    assert (found.outstanding, found.lacking) == ((), ())


def test_a_stick_in_its_drawer_still_counts() -> None:
    found = status((*THREE[:2], replace(THREE[2], reachable=False)), NOW)
    assert (found.level, found.holding, found.reachable) == (Level.GREEN, 3, 2)


def test_two_are_yellow_and_one_is_red_and_says_so() -> None:
    two = status(THREE[:2], NOW)
    assert (two.level, two.lacking) == (Level.YELLOW, (PlaceKind.STICK,))
    for places in (THREE[:1], ()):
        one = status(places, NOW)
        assert (one.level, one.holding) == (Level.RED, len(places))


def test_two_folders_of_one_disk_are_one_place() -> None:
    found = status((THREE[0], replace(THREE[1], volume=THREE[0].volume)), NOW)
    assert (found.holding, found.level) == (1, Level.RED)


def test_a_place_that_was_not_refreshed_does_not_hold_the_sheet() -> None:
    found = status((*THREE[:2], replace(THREE[2], serial=5, digest=b"five", reachable=False)), NOW)
    assert (found.level, found.holding, found.outstanding) == (Level.YELLOW, 2, ("stick",))


def test_an_older_sheet_without_anything_destroyed_is_behind_but_not_outstanding() -> None:
    found = status((*THREE[:2], replace(THREE[2], serial=6, digest=b"six")), NOW)
    assert (found.standings["stick"], found.outstanding) == (Standing.BEHIND, ())


def test_remains_are_outstanding_until_somebody_confirms() -> None:
    worn = replace(THREE[2], first_serial=1)
    assert status((*THREE[:2], worn), NOW).outstanding == ("stick",)
    assert status((*THREE[:2], worn), NOW).level is Level.YELLOW
    confirmed = replace(worn, confirmed_serial=7)
    assert status((*THREE[:2], confirmed), NOW).level is Level.GREEN
    later = Current(serial=9, digest=b"nine", clean_since=9)
    refreshed = tuple(replace(one, serial=9, digest=b"nine") for one in (*THREE[:2], confirmed))
    assert status(refreshed, later).outstanding == ("stick",)


def test_a_lost_stick_is_outstanding_until_somebody_confirms_that_it_is_destroyed() -> None:
    lost = replace(THREE[2], serial=3, digest=b"three", reachable=False)
    assert status((*THREE[:2], lost), NOW).outstanding == ("stick",)
    assert status((*THREE[:2], replace(lost, confirmed_serial=7)), NOW).outstanding == ()


def test_every_standing_and_kind_has_its_text_and_every_rule_its_source() -> None:
    for named in (*Standing, *PlaceKind):
        assert place_text(named, "zh") != place_text(named, "en")
        assert place_text(named, "en").isascii()
    assert all(entry["source"] for entry in (*TABLE["services"], *TABLE["file_systems"]))
    names = [name for entry in TABLE["file_systems"] for name in entry["names"]]
    assert len(names) == len(set(names))
