"""Archives that the tests of the whole product begin with."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sharing import made_once
from tests.world import REPOSITORY, World

UNREADABLE_TO_ROOT = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


@pytest.fixture(scope="session")
def opened_case(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A case as `kedang init` leaves it. Copied, not used: opening a case costs two seconds."""

    def opened(folder: Path) -> World:
        # Every command and worker would compile the sources anew: a fifth of a command's time.
        compileall.compile_dir(REPOSITORY / "src", quiet=2)
        world = World(folder)
        ran = world.init("--json")
        assert ran.status == 0, ran.said
        return world

    return made_once(tmp_path_factory, "opened-case", opened)


@pytest.fixture
def world(opened_case: World, tmp_path: Path) -> World:
    """An empty archive of this test alone."""
    return opened_case.copied(tmp_path / "world")


@pytest.fixture
def unprivileged() -> tuple[str, ...]:
    """What a command is started with so that permissions bind it, also when root runs the tests."""
    if os.getuid() != 0:
        return ()
    tried = subprocess.run([*UNREADABLE_TO_ROOT, "true"], check=False, capture_output=True)
    if tried.returncode != 0:
        pytest.skip("setpriv cannot drop capabilities here")
    return UNREADABLE_TO_ROOT


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 560 MB, mounted; a skip where mounting is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=560m", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs an administrator")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        shutil.rmtree(place, ignore_errors=True)
