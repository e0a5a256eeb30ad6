"""A long table passes through `kedang rows make` without growing with it."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from tests.world import KEDANG, World

ROWS, PEOPLE = 100_000, 2_000
MOST_MEBIBYTES = 300  # measured: 184 on two cores; a million rows took 388
WEIGHED = f"""
import resource, subprocess, sys
ended = subprocess.run([{KEDANG!r}, *sys.argv[1:]], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
sys.exit(ended.returncode)
"""


def written(path: Path) -> None:
    """A list of members, and a hundred thousand orders of theirs."""
    members = [(f"会员{place:04d}", f"138{place * 4999 % 10**8:08d}") for place in range(PEOPLE)]
    with (path / "会员名单.csv").open("w", newline="", encoding="utf-8") as sink:
        csv.writer(sink).writerows([("会员姓名", "手机"), *members])
    with (path / "订单.csv").open("w", newline="", encoding="utf-8") as sink:
        lines = csv.writer(sink)
        lines.writerow(("订单编号", "手机"))
        lines.writerows((f"D{place:06d}", members[place % PEOPLE][1]) for place in range(ROWS))


def test_the_peak_of_a_hundred_thousand_rows_stays_below_its_bound(
    opened_case: World, tmp_path: Path
) -> None:
    world = opened_case.copied(tmp_path / "world")
    desk = tmp_path / "desk"
    desk.mkdir()
    written(desk)
    world.intake(desk)
    ran = world.run("rows", "make", program=(sys.executable, "-c", WEIGHED))
    assert ran.status == 0
    assert int(ran.text) < MOST_MEBIBYTES
    assert max(one["rows"] for one in world.ask("rows", "list")) >= ROWS
