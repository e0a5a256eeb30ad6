"""A parser that has been taken over reads its source and its work folder, and nothing else of the user."""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from pathlib import Path

import pytest

from kedang.pipeline.territory import CREATE_RULESET, VERSION
from tests.world import REPOSITORY, World

ALLOWED = {
    "kept",
    "read the source",
    "list the source",
    "write into the work folder",
    "remove from the work folder",
    "run a program",
}


@pytest.fixture
def _landlock() -> None:
    version = ctypes.CDLL(None).syscall(CREATE_RULESET, None, 0, VERSION)
    if version < 6:
        pytest.skip(f"this kernel knows Landlock {version}, signals are held back from 6 on")


@pytest.mark.usefixtures("_landlock")
@pytest.mark.parametrize("place", ["keys", "source/keys"], ids=["apart", "inside the source"])
def test_keys_and_other_processes_are_out_of_reach(place: str, tmp_path: Path) -> None:
    source, work, keys = (tmp_path / name for name in ("source", "work", place))
    for folder in (source, work, keys):
        folder.mkdir()
    (source / "a.txt").write_text("a")
    (keys / "a.secret").write_text("00")
    with subprocess.Popen(["sleep", "60"]) as other:
        ran = subprocess.run(
            [sys.executable, "-m", "tests.attacks.digging", source, work, keys, str(other.pid)],
            cwd=REPOSITORY,
            capture_output=True,
            check=False,
        )
        other.kill()
    assert ran.returncode == 0, ran.stderr.decode()
    names = {"list the keys"} if keys.is_relative_to(source) else set()
    assert {what for what, could in json.loads(ran.stdout).items() if could} == ALLOWED | names
    assert (keys / "a.secret").read_text() == "00"


PLANTED = """
from pathlib import Path
Path({ran!r}).touch()
"""
MODULES = ("msgspec", "ctypes", "resource", "sitecustomize", "kedang", "numpy", "encodings", "json")


def test_no_module_is_taken_from_the_folder_in_which_the_command_is_given(
    world: World, tmp_path: Path
) -> None:
    """Somebody opens the received folder and says `kedang intake .` there."""
    source = tmp_path / "source"
    source.mkdir()
    for name in MODULES:
        (source / f"{name}.py").write_text(PLANTED.format(ran=str(tmp_path / "ran")))
    (source / "a.txt").write_text("一")
    program = ["sh", "-c", f'cd "{source}" && exec "$@"', "sh", str(Path(sys.executable).with_name("kedang"))]
    ran = world.run("intake", ".", "--json", "--no-name-model", "--no-resolve", program=program)
    assert not (tmp_path / "ran").exists()
    assert ran.status == 0, ran.said
    assert not ran.json["refused"]
    assert ran.json["kept"] == ran.json["received"] == len(MODULES) + 1
    assert ran.json["questions"].keys().isdisjoint({"KD-W101"})
