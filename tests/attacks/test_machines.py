"""Machines that are short of something, clocks that are wrong, two commands at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.attacks.archives import leaves
from tests.world import KEDANG, World

FAR = (-(2**31) - 5, -(2**40), 2**33, 2**34 - 10, 2**40, 253_402_300_800, 0)
"""Seconds since 1970: before 1901, far before, behind 2242, 2514, 36812, 9999."""


def source_of(folder: Path, count: int, size_bytes: int) -> Path:
    """A folder with so many files that nobody can pack."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.bin").write_bytes(os.urandom(size_bytes))
        os.utime(folder / f"{number}.bin", (1_700_000_000, 1_700_000_000))
    return folder


@pytest.mark.parametrize("kilobytes", [64, 300, 3000])
def test_a_limit_on_files_stops_the_run_and_refuses_nothing(
    kilobytes: int, world: World, tmp_path: Path
) -> None:
    """As a full disk does, at whatever step: pack, key page, database, index."""
    source = source_of(tmp_path / "source", 6, 900_000)
    limited = ["sh", "-c", f'ulimit -f {kilobytes * 1024 // 512} && exec "$@"', "sh", KEDANG]
    ran = world.run("intake", source, "--json", "--no-name-model", "--no-resolve", program=limited)
    assert ran.status == 5, ran.text
    assert "Traceback" not in ran.said
    assert world.ask("verify", "--deep")["clean"]
    said = world.intake(source)
    assert (said["received"], said["kept"]) == (6, 6)
    assert world.ask("verify", "--deep")["clean"]


def test_parsers_that_cannot_run_refuse_nothing(world: World, tmp_path: Path) -> None:
    """Too little memory to start in, or half an installation: the files wait."""
    source = source_of(tmp_path / "source", 5, 100)
    broken = tmp_path / "broken"
    (broken / "kedang").mkdir(parents=True)
    (broken / "kedang" / "__init__.py").write_text(
        "import sys\nif 'kedang.pipeline.worker' in ' '.join(sys.orig_argv): raise SystemExit(1)\n"
        "from pathlib import Path\n"
        f"__path__ = [{str(Path(__file__).parents[2] / 'src' / 'kedang')!r}]\n"
    )
    ran = World(world.root, environment={"PYTHONPATH": str(broken)}).run("intake", source, "--json")
    assert (ran.status, ran.json["error"]) == (5, "KD-W103"), ran.text
    assert not world.rows("SELECT 1 FROM holdings_occurrence")
    assert world.intake(source)["kept"] == 5


def test_times_no_calendar_has_are_taken_in(world: World, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number, seconds in enumerate(FAR):
        path = source / f"{number}.txt"
        path.write_text(f"第 {number} 件")
        os.utime(path, (seconds, seconds))
    said = world.intake(source)
    assert (said["received"], said["kept"]) == (len(FAR), len(FAR))
    assert world.ask("verify", "--deep")["clean"]
    assert world.run("catalogue", "--format", "csv").status == 0
    assert world.intake(source)["unchanged"] == len(FAR)


def test_a_clock_set_back_does_not_turn_the_ledger_round(world: World, tmp_path: Path) -> None:
    source = source_of(tmp_path / "source", 2, 100)
    world.intake(source)
    world.change("UPDATE holdings_ledgerhead SET last_time = '2199-01-01 00:00:00'")
    assert world.run("report", "--out", str(tmp_path / "r.html")).status == 0
    times = [leaf["time"] for leaf in leaves(world)]
    assert times == sorted(times)
    assert times[-1].startswith("2199")
    assert world.ask("verify")["clean"]


def test_two_cases_opened_at_once_are_one_case(tmp_path: Path) -> None:
    world = World(tmp_path)
    both = [
        world.start("init", "--name", name, "--shares-out", str(tmp_path / name), "--json")
        for name in ("甲公司", "乙公司")
    ]
    for one in both:
        one.communicate(timeout=60)
    ended = sorted(one.returncode for one in both)
    assert ended[0] == 0
    assert ended[1] in (3, 5)
    assert world.rows("SELECT count(*) FROM holdings_case") == [(1,)]
    assert len(list(world.keys.glob("*.keysheet"))) == 1
    written = [path for path in (tmp_path / "甲公司", tmp_path / "乙公司") if path.exists()]
    assert len(written) == 1, "shares of the case that was not begun are not left behind"
    assert world.ask("verify")["clean"]


def test_nothing_that_holds_keys_leaves_a_core(world: World, tmp_path: Path) -> None:
    """Also `init`, which makes them."""
    program = "import os, resource, ctypes, django\n"
    program += "os.environ['DJANGO_SETTINGS_MODULE'] = 'kedang.entrypoints.settings'; django.setup()\n"
    program += "from kedang.entrypoints.cli.context import new_context; new_context().prepare()\n"
    program += "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    ran = world.run("-c", program, program=[sys.executable])
    assert ran.text.strip() == "(0, 0) 0", ran.said
