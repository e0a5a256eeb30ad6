"""Archives that the tests of the whole product begin with."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql import PROGRAMS, created, server
from tests.sharing import made_once
from tests.world import REPOSITORY, World

UNREADABLE_TO_ROOT = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")


def catalogue_elsewhere() -> str:
    """Nothing, or a database on the server that KEDANG_TEST_EVERYTHING_ON names: every archive is there then."""
    server = os.environ.get("KEDANG_TEST_EVERYTHING_ON", "").rstrip("/")
    return created(server, f"kedang_{uuid.uuid4().hex}") if server else ""


@pytest.fixture(scope="session")
def opened_case(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A case as `kedang init` leaves it. Copied, not used: opening a case costs two seconds."""

    def opened(folder: Path) -> World:
        # Every command and worker would compile the sources anew: a fifth of a command's time.
        compileall.compile_dir(REPOSITORY / "src", quiet=2)
        world = World(folder, address=catalogue_elsewhere())
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[tuple[str, Path | None]]:
    """The server's address, and its folder when it is ours."""
    if named := os.environ.get("KEDANG_TEST_PG_DSN"):
        yield named.rstrip("/"), None
        return
    if not PROGRAMS:
        if os.environ.get("CI"):
            pytest.fail("continuous integration needs PostgreSQL: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed here (apt-get install postgresql)")
    with server(PROGRAMS[-1]) as started:
        yield started
