"""Dead processes that held keys are known by their number and the time they began."""

from __future__ import annotations

import subprocess
import sys

from kedang.holdings.adapters.processes import has_died, this_process

SAY_AND_WAIT = """
import sys
from kedang.holdings.adapters.processes import this_process
print(this_process(), flush=True)
sys.stdin.read()
"""


def test_a_process_has_died_only_when_it_has() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", SAY_AND_WAIT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    process = child.stdout.readline().strip()
    assert process
    assert not has_died(process)
    child.communicate("")
    assert has_died(process)


def test_a_number_that_another_process_has_now_is_a_dead_one() -> None:
    boot, pid, started = this_process().split(":")
    assert not has_died(f"{boot}:{pid}:{started}")
    assert has_died(f"{boot}:{pid}:{int(started) + 1}")


def test_of_another_computer_nothing_is_known() -> None:
    assert not has_died("0" * 36 + "/1:1:1")
    assert not has_died("")
