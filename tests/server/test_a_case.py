"""One case over PostgreSQL from its first day to its restore: keys, copies, destruction, proof."""

from __future__ import annotations

import signal
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kedang.records.identifiers import credit_check_character
from tests.acceptance import dying
from tests.destruction.ordering import planned, require_whole
from tests.postgresql import created, files_of
from tests.world import World

DOOMED, KEPT = "海棠书店有限公司", "木槿茶庄有限公司"
KILLED_BEFORE = (25, 12)
"""Statements of an order and of its resumptions before which the process is killed."""
EMPTIED = {
    "record": ("id", ("fingerprint", "sealed")),
    "occurrence": ("record_id", ("sealed", "place_fingerprint", "stat_fingerprint")),
    "mentionkey": ("record_id", ("fingerprint",)),
}
"""Columns that a destruction empties, by table: octets that stand nowhere else."""


@dataclass(frozen=True, slots=True)
class Case:
    """An archive whose destroyed record lies in no file of the server any more, and what stood in its rows."""

    world: World
    folder: Path | None
    """The files of the server, when it is ours."""
    marks: tuple[bytes, ...]
    killed: int
    left: set[str]
    """Whose contracts were found after the destruction."""


def code_of(whose: str) -> str:
    """A unified social credit code that holds."""
    first = {"甲": "91330106MA2CE0J17", "乙": "91330106MA2CE0K26"}[whose]
    return first + credit_check_character(first)


def filled(root: Path, server: str) -> World:
    """Four texts, taken in and backed up: the older snapshot."""
    world = World(root, address=created(server, "kedang_case"))
    assert world.init().status == 0
    desk = root / "desk"
    desk.mkdir()
    for number in range(2):
        for whose, named in (("甲", DOOMED), ("乙", KEPT)):
            text = f"采购合同\n乙方：{named}\n签订日期：2023年5月{number + 1}日\n"
            text += f"统一社会信用代码：{code_of(whose)}\n"
            (desk / f"{whose}{number}.txt").write_text(text, "utf-8")
    world.intake(desk)
    world.ask("copies", "add", root / "copy")
    world.ask("backup")
    return world


def keys_changed(world: World) -> World:
    """Another passphrase, other cards, no unattended secret, a new epoch; opened by the passphrase."""
    words = world.root / "passphrase"
    words.write_text("八月 未央", encoding="utf-8")
    world.ask("keys", "add", "passphrase", "--passphrase-file", words)
    opened = replace(world, environment={"KEDANG_PASSPHRASE_FILE": str(words)})
    assert opened.ask("keys", "remove", "unattended")["epoch"] == 2
    cards = opened.root / "cards.txt"
    assert opened.run("shares", "make", "--quorum", "2/3", "--shares-out", cards).status == 0
    some = opened.root / "two-cards.txt"
    some.write_text("\n".join(cards.read_text("utf-8").strip().split("\n\n")[1:]), "utf-8")
    by_cards = replace(world, environment={"KEDANG_SHARES_FILE": str(some)})
    assert by_cards.ask("rotate")["epoch"] == 4
    return opened


def marks_of(world: World, records: list[str]) -> tuple[bytes, ...]:
    """What stands in the rows of these records and nowhere else."""
    found: list[bytes] = []
    for table, (column, names) in EMPTIED.items():
        query = f"SELECT {', '.join(names)} FROM holdings_{table} WHERE {column} = ?"  # noqa: S608
        found += [bytes(value)[:24] for one in records for row in world.rows(query, one) for value in row]
    return tuple(found)


def destroyed(world: World, customer: str) -> int:
    """Destroy all of a customer with kills on the way; how many there were."""
    named = ("--customer", customer)
    confirmed = (
        "--confirm",
        planned(world, *named)["digest"],
        "--reason",
        "期满",
        "--no-name-model",
    )
    arguments: tuple[str, ...] = (*named, *confirmed)
    killed = 0
    for step in KILLED_BEFORE:
        program = (sys.executable, str(Path(dying.__file__)), str(step), "statement", "destroy")
        killed += world.run(*arguments, program=program).status == -signal.SIGKILL
        arguments = ("--resume",)
    world.ask("destroy", "--resume")
    return killed


def found(world: World) -> set[str]:
    """Whose contracts are found."""
    hits = world.ask("search", f"{DOOMED} OR {KEPT}")["hits"]
    return {named for hit in hits for named in (DOOMED, KEPT) if named in hit["snippet"]}


def holding(files: dict[str, Path], mark: bytes) -> set[str]:
    """The tables and indexes whose files have the octets."""
    return {name for name, path in files.items() if mark in path.read_bytes()}


@pytest.fixture(scope="module")
def case(postgres: tuple[str, Path | None], tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The whole story."""
    world = keys_changed(filled(tmp_path_factory.mktemp("case"), postgres[0]))
    (customer,) = [one for one in world.ask("customers") if one["name"] == DOOMED]
    records = [one["record_id"] for one in customer["records"]]
    assert len(records) == 2
    marks = marks_of(world, records)
    assert len(marks) == 14
    killed = destroyed(world, str(customer["number"]))
    left = found(world)
    require_whole(world)  # before it is restored elsewhere: two archives of one case sign heads of their own
    return Case(world, postgres[1], marks, killed, left)


def test_a_destruction_that_was_killed_goes_on_to_its_end(case: Case) -> None:
    assert case.killed == len(KILLED_BEFORE)
    states = dict(case.world.rows("SELECT state, count(*) FROM holdings_record GROUP BY state"))
    assert states == {"destroyed": 2, "archived": 2}
    assert case.left == {KEPT}


def test_no_table_or_index_holds_what_stood_in_the_rows_of_the_destroyed(case: Case) -> None:
    if case.folder is None:
        pytest.skip("the files of a server that is not ours cannot be read")
    with closing(psycopg.connect(case.world.address, autocommit=True)) as connection:
        connection.execute("CHECKPOINT")
    files = files_of(case.world.address, case.folder)
    live = case.world.rows("SELECT fingerprint FROM holdings_record WHERE state = 'archived'")
    assert all("holdings_record" in holding(files, bytes(mark)) for (mark,) in live)
    assert {table for mark in case.marks for table in holding(files, mark)} == set()


def test_the_write_ahead_log_keeps_it_as_the_documentation_says(case: Case) -> None:
    if case.folder is None:
        pytest.skip("the files of a server that is not ours cannot be read")
    log = b"".join(path.read_bytes() for path in (case.folder / "data" / "pg_wal").glob("0*"))
    assert any(mark in log for mark in case.marks)


def test_the_copy_passes_a_drill_and_brings_the_older_rows_back_into_another_database(
    case: Case, postgres: tuple[str, Path | None]
) -> None:
    (drill,) = case.world.ask("drill")["drills"]
    assert drill["passed"]
    machine = replace(
        case.world,
        address=created(postgres[0], "kedang_second"),
        environment=case.world.environment | {"KEDANG_HOME": str(case.world.root / "second")},
    )
    restored: dict[str, Any] = machine.ask("restore", case.world.root / "copy")
    assert (restored["withheld_records"], restored["orphaned_from"]) == (2, None)
    require_whole(machine)
    assert found(machine) == {KEPT}
