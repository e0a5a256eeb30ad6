"""A parser that has been taken over says that other bytes stand in a file: what is sealed is what stands there."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from tests.world import REPOSITORY, World

TRUE, OTHER = "收到押金五千元。", "收到押金五十元。"
VICTIM, TWIN = "受害.txt", "别的.txt"
CHANGING = "KD-A203"
BEGINNING = """
import sys
from pathlib import Path
__path__ = [{package!r}]
if 'kedang.pipeline.worker' in ' '.join(sys.orig_argv):
    from dataclasses import replace
    from hashlib import sha256
    from kedang.pipeline import examination, listing
    OTHER = {other!r}.encode()
    honest, read = examination.Examiner.examine, listing._read

    def examine(self, item, *, only_digest=False):
        if item.name != {victim!r}:
            return honest(self, item, only_digest=only_digest)
        told = replace(item, place=None, data=OTHER, size_bytes=len(OTHER))
        return honest(self, told, only_digest=only_digest)

    def member(found, setup):
        said = read(found, setup)
        if not found.name.startswith('受害'):
            return said
        return replace(said, sha256=sha256(OTHER * (said.size_bytes // len(OTHER))).digest())

    examination.Examiner.examine, listing._read = examine, member
"""


@pytest.fixture
def taken_over(tmp_path: Path) -> dict[str, str]:
    """Surroundings in which every parsing process lies about one file; the processes that seal do not."""
    package = tmp_path / "hijack" / "kedang"
    package.mkdir(parents=True)
    said = BEGINNING.format(package=str(REPOSITORY / "src" / "kedang"), other=OTHER, victim=VICTIM)
    (package / "__init__.py").write_text(said)
    return {"PYTHONPATH": os.pathsep.join((str(package.parent), str(REPOSITORY / "src")))}


def source_of(folder: Path, *names: str) -> Path:
    """A folder with the victim's true bytes, and other bytes under every other name."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(TRUE if name == VICTIM else OTHER)
    return folder


def kept(world: World, name: str) -> str | None:
    """The sealed original that stands for a name; None when there is none."""
    row = next((row for row in world.catalogue() if name in row["occurrences"]), None)
    if row is None:
        return None
    ran = world.run("open", row["record_id"], "--out", "-")
    assert ran.status == 0, ran.said
    return ran.out.decode()


def test_other_bytes_are_not_sealed_in_place_of_a_small_file(
    world: World, taken_over: dict[str, str], tmp_path: Path
) -> None:
    source = source_of(tmp_path / "source", VICTIM)
    said = World(world.root, environment=taken_over).intake(source)
    assert said["refused"] == {CHANGING: 1}
    assert kept(world, VICTIM) is None
    assert world.ask("verify", "--deep")["clean"]
    assert world.intake(source)["kept"] == 1, "an honest parser has it taken in"
    assert kept(world, VICTIM) == TRUE


@pytest.mark.parametrize("before", [True, False], ids=["of an earlier run", "of the same run"])
def test_a_double_that_is_none_is_not_passed_over(
    before: bool, world: World, taken_over: dict[str, str], tmp_path: Path
) -> None:
    if before:
        world.intake(source_of(tmp_path / "source", TWIN))
    source = source_of(tmp_path / "source", TWIN, VICTIM)
    said = World(world.root, environment=taken_over).intake(source)
    assert (said["duplicates"], said["refused"]) == (0, {CHANGING: 1})
    world.intake(source)
    assert (kept(world, VICTIM), kept(world, TWIN)) == (TRUE, OTHER)
    assert world.ask("verify", "--deep")["clean"]


def test_a_changed_file_is_not_said_to_be_what_it_was(
    world: World, taken_over: dict[str, str], tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / VICTIM).write_text(OTHER)
    world.intake(source)
    (source / VICTIM).write_text(TRUE)
    said = World(world.root, environment=taken_over).intake(source)
    assert (said["unchanged"], said["refused"]) == (0, {CHANGING: 1})
    world.intake(source)
    assert world.ask("search", "五千")["total"] == 1
    assert world.ask("verify", "--deep")["clean"]


@pytest.mark.parametrize("count", [1, 350_000], ids=["small", "through a spool file"])
def test_a_member_said_to_be_a_double_has_its_bytes(
    count: int, world: World, taken_over: dict[str, str], tmp_path: Path
) -> None:
    """The process that lists a container lies about a digest: it is not believed, and asked no more."""
    source = tmp_path / "source"
    source.mkdir()
    (source / TWIN).write_text(OTHER * count)
    world.intake(source)
    with zipfile.ZipFile(source / "包.zip", "w") as packed:
        packed.writestr("受害.bin", TRUE.encode() * count)
    said = World(world.root, environment=taken_over).intake(source)
    assert said["duplicates"] == 0
    members = world.rows("SELECT state, code FROM holdings_occurrence WHERE depth = 1")
    assert members == [("refused", "KD-W101")]
    assert world.ask("verify", "--deep")["clean"]
