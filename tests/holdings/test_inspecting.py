"""What is found at folders of this very computer."""

from __future__ import annotations

from pathlib import Path

import pytest

from kedang.holdings.adapters.inspecting import inspect_folder, inspect_nearest, likely_kind, volume_of
from kedang.records.ids import CaseId
from kedang.vault.places import Keeping, PlaceKind, judge

CASE, OTHER = CaseId("ca" * 16), CaseId("0b" * 16)


def test_a_folder_tells_its_file_system_its_names_and_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / ".dropbox").touch()
    place = tmp_path / "keys"
    place.mkdir()
    found = inspect_folder(place)
    assert found.file_system
    assert {"keys", tmp_path.name} <= set(found.folders)
    assert ".dropbox" in found.files
    assert judge(found).service == "Dropbox"


def test_folders_that_are_still_to_be_made_count_by_their_names(tmp_path: Path) -> None:
    assert judge(inspect_nearest(tmp_path / "坚果云" / "deep" / "keys")).service == "坚果云 Nutstore"
    assert judge(inspect_nearest(tmp_path / "deep" / "keys")).service == ""
    assert not (tmp_path / "deep").exists()


def test_memory_is_told_from_a_disk(tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    if not memory.is_dir():
        pytest.skip("no memory file system here")
    assert judge(inspect_folder(memory)).keeping is Keeping.VOLATILE
    assert (
        volume_of(memory, CASE) != volume_of(tmp_path, CASE)
        or inspect_folder(tmp_path).file_system == "tmpfs"
    )


def test_folders_of_one_disk_have_one_volume_that_tells_nothing_across_cases(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert volume_of(tmp_path, CASE) == volume_of(tmp_path / "other", CASE)
    assert volume_of(tmp_path, CASE) != volume_of(tmp_path, OTHER)


def test_a_folder_of_this_computer_is_taken_for_one(tmp_path: Path) -> None:
    assert likely_kind(tmp_path) in (PlaceKind.COMPUTER, PlaceKind.STICK, PlaceKind.ONLINE)
    assert likely_kind(Path("/proc")) is PlaceKind.COMPUTER
