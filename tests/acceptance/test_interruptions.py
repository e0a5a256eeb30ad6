"""Killed at any instant and run again, intake gives the archive of an undisturbed run, up to random ids."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from dataclasses import dataclass, fields
from pathlib import Path
from random import Random

import pytest

from tests.acceptance.comparing import Contents, contents_of, orphan_rows
from tests.acceptance.sources import mixed
from tests.sharing import made_once
from tests.world import Ran, World, kill_all, programs_below

KILLS = int(os.environ.get("KEDANG_TEST_KILLS", "9"))
KILLS_EACH = 3  # of one archive, so that what goes on after a kill is killed too
SEED = 20260112
DYING = (sys.executable, str(Path(__file__).with_name("dying.py")))


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """The source and what an undisturbed run made of it."""

    source: Path
    contents: Contents
    steps: dict[str, int]
    seconds: float


@pytest.fixture(scope="module")
def undisturbed(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """An archive that nobody disturbed, with how many steps it took."""
    return made_once(tmp_path_factory, "undisturbed", lambda place: _undisturbed(opened_case, place))


def _undisturbed(opened_case: World, place: Path) -> Undisturbed:
    source = place / "source"
    assert mixed(source) >= 60
    world = opened_case.copied(place / "world")
    started = time.monotonic()
    ran = _run_until(world, source, 0, "statement")
    seconds = time.monotonic() - started
    assert ran.status == 0, ran.said
    assert ran.json["open"] == 0
    assert ran.json["received"] == ran.json["kept"] + sum(ran.json["refused"].values()) >= 90
    assert orphan_rows(world) == {}
    assert world.ask("verify", "--deep")["clean"]
    steps = {what: int(count) for what, count in re.findall(r"(file|statement)=(\d+)", ran.said)}
    return Undisturbed(source, contents_of(world), steps, seconds)


def _run_until(world: World, source: Path, step: int, what: str) -> Ran:
    """Taking in until just before a step; to the end when there are fewer."""
    arguments = ("intake", source, "--no-name-model", "--no-resolve", "--workers", "2", "--json")
    return world.run(str(step), what, *arguments, program=DYING)


def assert_same(found: Contents, expected: Contents) -> None:
    """Every part alike; the first difference is shown, not a page of records."""
    assert sorted(found.records) == sorted(expected.records)
    for digest, record in found.records.items():
        other = expected.records[digest]
        differing = {key for key in other if record.get(key) != other[key]}
        assert not differing, {key: (record.get(key), other[key]) for key in differing}
    for part in fields(Contents):
        assert getattr(found, part.name) == getattr(expected, part.name), part.name


def _finish(world: World, undisturbed: Undisturbed) -> None:
    """Run to the end; the archive is that of an undisturbed run."""
    said = world.intake(undisturbed.source)
    assert said["open"] == 0
    assert_same(contents_of(world), undisturbed.contents)
    assert orphan_rows(world) == {}
    verified = world.ask("verify", "--deep")
    assert verified["clean"], verified
    assert world.intake(undisturbed.source)["received"] == 0


def test_what_a_kill_left_is_found_and_reclaimed_after_a_day(world: World, undisturbed: Undisturbed) -> None:
    """A pack and a key page are durable before the rows that refer to them are committed."""
    left = 0
    for step in range(8, undisturbed.steps["statement"], 12):
        status = _run_until(world, undisturbed.source, step, "statement").status
        assert status == -signal.SIGKILL
        left = world.ask("verify")["unreferenced"]
        if left:
            break
    assert left
    world.intake(undisturbed.source)
    left = world.ask("verify")["unreferenced"]
    _age(world, hours=23)
    assert world.ask("verify", "--mend")["reclaimed"] == 0, "reclaimed before its day"
    _age(world, hours=25)
    assert world.ask("verify", "--mend")["reclaimed"] == left
    verified = world.ask("verify", "--deep")
    assert (verified["clean"], verified["unreferenced"]) == (True, 0)


def _age(world: World, *, hours: int) -> None:
    """Make everything in the vault as old as that."""
    then = time.time() - hours * 3600
    for kind in ("packs", "ring"):
        for path in world.objects(kind):
            os.utime(path, (then, then))


@pytest.mark.parametrize("round_", range(max(1, KILLS // KILLS_EACH)))
def test_a_run_killed_at_any_step_goes_on_to_the_same_archive(
    round_: int, world: World, undisturbed: Undisturbed
) -> None:
    random = Random(SEED + round_)
    killed = 0
    for _ in range(KILLS_EACH):
        what = random.choice(("statement", "statement", "file"))
        step = random.randrange(1, undisturbed.steps[what] + 1)
        status = _run_until(world, undisturbed.source, step, what).status
        assert status in (0, -signal.SIGKILL)
        killed += status != 0
    assert killed
    _finish(world, undisturbed)


@pytest.mark.parametrize("share", [0.25, 0.6, 0.9])
def test_a_power_cut_loses_nothing(share: float, world: World, undisturbed: Undisturbed) -> None:
    """All processes at once, at an instant that nobody chose."""
    process = world.start("intake", undisturbed.source, "--no-name-model", "--no-resolve")
    time.sleep(max(0.5, undisturbed.seconds * share))
    kill_all(process.pid)
    process.communicate()
    _finish(world, undisturbed)


@pytest.mark.parametrize("module", ["kedang.pipeline.worker", "kedang.pipeline.sealer"])
def test_a_killed_worker_does_not_cost_the_run(module: str, world: World, undisturbed: Undisturbed) -> None:
    """A parsing worker is replaced; without the sealing process the run ends plainly and goes on later."""
    process = world.start("intake", undisturbed.source, "--no-name-model", "--no-resolve", "--json")
    deadline = time.monotonic() + 60
    while not (below := programs_below(process.pid, module)):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.005)
    time.sleep(0.2)
    os.kill(below[0], signal.SIGKILL)
    out, err = process.communicate(timeout=120)
    if module.endswith("sealer"):
        assert process.returncode == 5, (out, err)
        assert b"KD-H111" in out
    else:
        assert process.returncode == 0, err
    _finish(world, undisturbed)
