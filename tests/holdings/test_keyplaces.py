"""Key sheets and secrets lie outside the home, whole or not at all, for their owner only."""

from __future__ import annotations

from pathlib import Path

import pytest

from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.holdings.errors import KeySheetMissing, KeysInsideHome
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
    places.write_secret(CASE, bytes(range(32)))
    assert places.read_secret(CASE) == bytes(range(32))
    assert places.read_secret(OTHER) is None
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
