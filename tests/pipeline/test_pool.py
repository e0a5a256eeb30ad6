"""Whatever a worker does, every item gets its outcome, in order, and the coordinator goes on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kedang.pipeline.items import Item
from kedang.pipeline.messages import Examined, OcrRequest, WorkerSetup
from kedang.pipeline.pool import DIED, TOO_SLOW, WINDOW_ITEMS, Pool
from kedang.pipeline.processes import WorkerProcess
from tests.world import REPOSITORY, command_line

GIGABYTE = 1024**3


@pytest.fixture(autouse=True)
def programs_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker's program is looked for where the environment says, never in the current folder."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)]))


def setup(*, memory: int = 0) -> WorkerSetup:
    """What the test's workers are given."""
    return WorkerSetup(bytes(32), "", (), (), name_model=False, understand=True, max_memory_bytes=memory)


def believed(_examined: Examined, _item: Item) -> bool:
    """Whatever is answered: these tests are about who answers and when."""
    return True


@contextmanager
def pool_of(
    count: int, home: Path, *, seconds: float = 20.0, memory: int = 0, recycle_after: int = 1000
) -> Iterator[tuple[Pool, list[WorkerProcess]]]:
    """A pool of test workers, and every worker that it ever started."""
    started: list[WorkerProcess] = []

    def spawn() -> WorkerProcess:
        program = "tests.pipeline.programs"
        started.append(WorkerProcess(program, setup(memory=memory), home=home, patience_seconds=2))
        return started[-1]

    pool = Pool(spawn, count, recycle_after=recycle_after, seconds_per_item=seconds, accept=believed)
    try:
        yield pool, started
    finally:
        pool.close()


def items(*names: str) -> list[Item]:
    """Items that tell the worker what to do."""
    return [Item(ticket, name, (), 10, data=b"0123456789") for ticket, name in enumerate(names, start=1)]


def named(outcomes: list[Examined]) -> list[tuple[int, str]]:
    """Ticket and name of each outcome."""
    return [(outcome.ticket, outcome.sha256.decode()) for outcome in outcomes]


def test_results_come_in_the_order_of_the_items(tmp_path: Path) -> None:
    names = [("slow" if n % 7 == 0 else f"quick{n}") for n in range(200)]
    with pool_of(3, tmp_path) as (pool, started):
        outcomes = list(pool.examine(items(*names)))
    assert named(outcomes) == list(enumerate(names, start=1))
    assert len({outcome.size_bytes for outcome in outcomes}) == len(started) == 3


def test_no_more_items_are_drawn_than_fit_the_window(tmp_path: Path) -> None:
    drawn = 0

    def endless() -> Iterator[Item]:
        nonlocal drawn
        for item in items(*["hang", *["quick"] * (WINDOW_ITEMS * 3)]):
            drawn += 1
            yield item

    with pool_of(2, tmp_path, seconds=1.0) as (pool, _):
        first = next(iter(pool.examine(endless())))
    assert (first.ticket, first.problem) == (1, TOO_SLOW)
    assert drawn <= WINDOW_ITEMS + 24


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("die", DIED),
        ("raise", DIED),
        ("nonsense", DIED),
        ("no-such-type", DIED),
        ("empty", DIED),
        ("wrong-type", DIED),
        ("other-ticket", DIED),
        ("huge", DIED),
        ("half", DIED),
        ("hang", TOO_SLOW),
    ],
)
def test_a_worker_that_fails_costs_one_item_its_contents_and_no_other(
    what: str, code: str, tmp_path: Path
) -> None:
    names = ["a", "b", what, "c", "d"]
    with pool_of(1, tmp_path, seconds=3.0) as (pool, started):
        outcomes = list(pool.examine(items(*names)))
    assert [outcome.ticket for outcome in outcomes] == [1, 2, 3, 4, 5]
    assert [outcome.problem for outcome in outcomes] == ["", "", code, "", ""]
    assert [outcome.refused for outcome in outcomes] == [""] * 5
    assert len(started) == 3, "in the batch, alone, and once without parsing"


@pytest.mark.parametrize(("what", "code"), [("die always", DIED), ("hang always", TOO_SLOW)])
def test_what_costs_a_worker_even_unparsed_is_refused(what: str, code: str, tmp_path: Path) -> None:
    with pool_of(2, tmp_path, seconds=1.0) as (pool, _):
        outcomes = list(pool.examine(items("a", what, "b")))
    assert [(outcome.ticket, outcome.refused) for outcome in outcomes] == [(1, ""), (2, code), (3, "")]


def test_many_failures_leave_the_honest_items_whole(tmp_path: Path) -> None:
    names = [("die" if n % 11 == 5 else f"honest{n}") for n in range(60)]
    with pool_of(2, tmp_path) as (pool, _):
        outcomes = list(pool.examine(items(*names)))
    assert named(outcomes) == list(enumerate(names, start=1))
    assert [bool(outcome.problem) for outcome in outcomes] == [name == "die" for name in names]


def test_a_worker_that_eats_memory_is_stopped_by_its_limit(tmp_path: Path) -> None:
    with pool_of(1, tmp_path, memory=GIGABYTE) as (pool, _):
        outcomes = list(pool.examine(items("a", "eat", "b")))
    assert [outcome.problem for outcome in outcomes] == ["", DIED, ""]


def test_a_stopped_worker_is_killed_at_its_deadline(tmp_path: Path) -> None:
    with pool_of(1, tmp_path, seconds=1.5) as (pool, started):
        outcomes = pool.examine(items("a", "b", *["slow"] * 30))
        assert next(outcomes).ticket == 1
        os.kill(started[0].process.pid, signal.SIGSTOP)
        rest = list(outcomes)
    assert len(rest) == 31
    assert not any(outcome.problem or outcome.refused for outcome in rest), "another try cost nothing"
    assert len(started) >= 2


def test_workers_are_renewed_after_so_many_items(tmp_path: Path) -> None:
    with pool_of(1, tmp_path, recycle_after=24) as (pool, started):  # each batch is that many
        assert len(list(pool.examine(items(*["a"] * 96)))) == 96
    assert len(started) == 4


def test_pages_are_read_one_record_at_a_time_and_given_up_singly(tmp_path: Path) -> None:
    asked = [OcrRequest(item=item, derived=b"") for item in items("a", "hang", "die", "b")]
    with pool_of(2, tmp_path) as (pool, _):
        outcomes = list(pool.read_pages(asked, seconds=1.0))
    assert [outcome.problem for outcome in outcomes] == ["", TOO_SLOW, DIED, ""]


def test_nothing_stays_behind_when_a_pool_is_closed(tmp_path: Path) -> None:
    with pool_of(3, tmp_path) as (pool, started):
        outcomes = pool.examine(items(*["slow"] * 50))
        next(outcomes)
    time.sleep(0.05)
    assert [command_line(one.process.pid) for one in started] == [b""] * len(started)


def test_a_crash_tells_no_value(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The text of an exception may quote a document: a worker's last words go nowhere."""
    with pool_of(1, tmp_path) as (pool, started):
        assert [outcome.problem for outcome in pool.examine(items("raise"))] == [DIED]
    assert len(started) == 2
    worker = WorkerProcess("kedang.pipeline.worker", setup(), home=tmp_path)
    worker.connection.send_bytes(b"\x01" + "慕容雪霏".encode() * 3)
    assert worker.process.wait(20) != 0
    worker.kill()
    assert capfd.readouterr() == ("", "")
