"""The home: held by one process, swept at the start, never on a network share, never full to the brim."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kedang.holdings.errors import DiskNearlyFull, HomeBusy
from kedang.holdings.home import Home, file_system_of

HOLDING = """
import sys, time
from pathlib import Path
from kedang.holdings.home import Home
with Home(Path(sys.argv[1])).held():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A prepared home."""
    made = Home(tmp_path / "home")
    made.prepare()
    return made


def test_only_its_owner_may_look_into_it(home: Home) -> None:
    assert home.root.stat().st_mode & 0o777 == 0o700
    with home.held():
        assert home.work.stat().st_mode & 0o777 == 0o700


def test_a_second_process_is_refused_until_the_first_is_gone_however_it_ends(home: Home) -> None:
    first = subprocess.Popen([sys.executable, "-c", HOLDING, str(home.root)], stdout=subprocess.PIPE)
    with first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        with pytest.raises(HomeBusy), home.held():
            pass
        first.kill()
        first.wait()
        with home.held():
            pass


def test_what_dead_processes_left_is_swept(home: Home) -> None:
    home.work.mkdir()
    (home.work / "left.spool").write_bytes(b"sealed")
    with home.held():
        assert list(home.work.iterdir()) == []
        (home.work / "mine.spool").write_bytes(b"sealed")
    assert not home.work.exists()


def test_a_refused_process_sweeps_nothing(home: Home) -> None:
    with home.held():
        (home.work / "mine.spool").write_bytes(b"sealed")
        with pytest.raises(HomeBusy), home.held():
            pass
        assert (home.work / "mine.spool").exists()


def test_room_is_asked_for_beyond_the_reserve(home: Home) -> None:
    home.require_room()
    free = os.statvfs(home.root).f_bavail * os.statvfs(home.root).f_frsize
    with pytest.raises(DiskNearlyFull):
        home.require_room(free)


def test_the_file_system_of_a_folder_is_that_of_the_nearest_mount(home: Home) -> None:
    assert file_system_of(Path("/proc/self")) == "proc"
    assert file_system_of(Path("/dev/shm")) == "tmpfs"
    assert file_system_of(home.root) not in ("", "proc", "sysfs")
