"""Key sheets and secrets lie outside the home, whole or not at all, for their owner only."""

from __future__ import annotations

from pathlib import Path

import pytest

from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.errors import KeySheetMissing, KeysInsideHome, SecretBesideSheet
from kedang.records.ids import CaseId

CASE = CaseId("ca" * 16)
OTHER = CaseId("0b" * 16)


@pytest.fixture
def places(tmp_path: Path) -> KeyPlaces:
    """Two places for the sheet and one for the secret."""
    return KeyPlaces((tmp_path / "one", tmp_path / "two"), tmp_path / "secrets")


def test_a_sheet_is_written_to_every_place_for_its_owner_only(places: KeyPlaces) -> None:
    places.write_sheet(CASE, b"sheet")
    assert places.read_sheets(CASE) == [b"sheet", b"sheet"]
    for place in places.sheets:
        assert place.stat().st_mode & 0o777 == 0o700
        assert [(path.name, path.stat().st_mode & 0o777) for path in place.iterdir()] == [
            (f"{CASE}.keysheet", 0o600)
        ]


def test_one_place_is_enough_to_read_and_none_is_said(places: KeyPlaces) -> None:
    places.write_sheet(CASE, b"sheet")
    next(places.sheets[0].iterdir()).unlink()
    assert places.read_sheets(CASE) == [b"sheet"]
    with pytest.raises(KeySheetMissing):
        places.read_sheets(OTHER)


def test_a_secret_is_of_one_case(places: KeyPlaces) -> None:
    places.write_secrets(CASE, [bytes(range(32))])
    assert places.read_secrets(CASE) == (bytes(range(32)),)
    assert places.read_secrets(OTHER) == ()
    assert next(places.secrets.iterdir()).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("inside", ["keys", "deep/er/keys", "."])
def test_a_place_inside_the_home_is_refused_also_through_a_link(inside: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "link").symlink_to(home)
    for way in (home, tmp_path / "link"):
        with pytest.raises(KeysInsideHome):
            KeyPlaces((tmp_path / "fine", way / inside), tmp_path / "secrets").require_outside(home)
        with pytest.raises(KeysInsideHome):
            KeyPlaces((tmp_path / "fine",), way / inside).require_outside(home)
    KeyPlaces((tmp_path / "home-keys",), tmp_path / "secrets").require_outside(home)


@pytest.mark.parametrize(
    ("sheets", "secrets"),
    [
        (("keys",), "keys"),
        (("keys",), "keys/unattended"),
        (("keys/sheets",), "keys"),
        (("stick", "keys"), "keys/deep/er"),
        (("keys",), "link"),
        (("keys",), "elsewhere/../keys"),
    ],
)
def test_a_secret_with_a_sheet_is_refused_also_through_a_link(
    sheets: tuple[str, ...], secrets: str, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "keys")
    places = KeyPlaces(tuple(tmp_path / name for name in sheets), tmp_path / secrets)
    with pytest.raises(SecretBesideSheet):
        places.require_apart()
    KeyPlaces(places.sheets, tmp_path / "keys-unattended").require_apart()


def test_places_and_their_files_are_known_and_nothing_else_in_them(places: KeyPlaces) -> None:
    assert places.everything() == []
    places.write_sheet(CASE, b"sheet")
    places.write_head(CASE, "head")
    places.write_secrets(CASE, [bytes(32)])
    (places.sheets[0] / "letter.txt").write_text("not a key")
    (places.sheets[0] / f"{CASE}.keysheet.part").write_bytes(b"half")
    names = sorted(path.name for path in places.everything())
    kinds = ("head", "head", "keysheet", "keysheet", "keysheet.part", "secret")
    assert names == sorted(["one", "two", "secrets", *(f"{CASE}.{kind}" for kind in kinds)])


def test_a_newer_sheet_goes_where_the_older_is_and_never_into_an_empty_mount_point(places: KeyPlaces) -> None:
    places.write_sheet(CASE, b"sheet")
    for path in places.sheets[1].iterdir():
        path.unlink()
    assert places.renew_sheet(CASE, b"newer") == (places.sheets[1],)
    places.write_head(CASE, "head")
    assert list(places.sheets[1].iterdir()) == []
    assert places.read_sheets(CASE) == [b"newer"]
    assert places.read_heads(CASE) == ["head"]


def test_a_place_whose_sheet_is_gone_is_known_by_its_mark(places: KeyPlaces) -> None:
    places.write_sheet(CASE, b"sheet")
    places.mark_place(places.sheets[1], CASE, "ab" * 16)
    (places.sheets[1] / f"{CASE}.keysheet").unlink()
    assert [(one.place, one.sheet) for one in places.found(CASE)] == [("", b"sheet"), ("ab" * 16, None)]
    assert places.renew_sheet(CASE, b"newer") == ()
    assert places.read_sheets(CASE) == [b"newer", b"newer"]
    places.clear_place(places.sheets[1], CASE)
    assert list(places.sheets[1].iterdir()) == []


def test_while_a_secret_is_replaced_both_are_kept_and_a_cut_file_is_none(places: KeyPlaces) -> None:
    places.write_secrets(CASE, [bytes(32), bytes(range(32))])
    assert places.read_secrets(CASE) == (bytes(32), bytes(range(32)))
    (places.secrets / f"{CASE}.secret").write_text("0f0")
    assert places.read_secrets(CASE) == ()
    places.write_secrets(CASE, [])
    assert list(places.secrets.iterdir()) == []


def test_no_place_that_can_be_written_is_said(places: KeyPlaces) -> None:
    with pytest.raises(KeySheetMissing):
        places.renew_sheet(CASE, b"sheet")
    with pytest.raises(KeySheetMissing):
        places.write_head(CASE, "head")
