"""The same archive over PostgreSQL: the same results, the same secrecy, the same resumption."""

from __future__ import annotations

import signal
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.acceptance.markers import MARKED, PERSON, distinct, traces_below
from tests.acceptance.sources import BORN_DIGITAL, mixed, put, rendered, settle
from tests.postgresql import created
from tests.world import World

DYING = (sys.executable, str(Path(__file__).with_name("dying.py")))
STEPS = (12, 45, 30, 50)  # statements before which the run is killed; later runs have fewer left
RANDOM = ("record_id",)


@dataclass(frozen=True, slots=True)
class Both:
    """One source in two archives."""

    source: Path
    sqlite: World
    postgres: World
    said: dict[str, Any]


def opened(root: Path, address: str) -> World:
    """An empty archive whose catalogue is in PostgreSQL."""
    root.mkdir()
    world = World(root, address=address)
    assert world.init().status == 0
    return world


@pytest.fixture(scope="module")
def both(
    opened_case: World, postgres: tuple[str, Path | None], tmp_path_factory: pytest.TempPathFactory
) -> Both:
    """The mixed source and marked files, taken in twice."""
    place = tmp_path_factory.mktemp("both")
    mixed(place / "source")
    for number, style in enumerate(BORN_DIGITAL[:12], start=1):
        made = rendered(style, MARKED, number)
        put(place / "source", [(f"{PERSON}/{number}.{made.extension}", made.payload)])
    settle(place / "source")
    sqlite = opened_case.copied(place / "sqlite")
    postgresql = opened(place / "postgresql", created(postgres[0], "kedang_both"))
    said = {"sqlite": sqlite.intake(place / "source"), "postgresql": postgresql.intake(place / "source")}
    return Both(place / "source", sqlite, postgresql, said)


def test_the_catalogue_is_where_it_was_asked_to_be(both: Both) -> None:
    assert not both.postgres.database.exists()
    assert both.sqlite.database.exists()


def test_both_take_in_alike(both: Both) -> None:
    counts = [
        {name: value for name, value in said.items() if name != "seconds"} for said in both.said.values()
    ]
    assert counts[0] == counts[1]
    again = both.postgres.intake(both.source)
    assert (again["received"], again["unchanged"]) == (0, both.sqlite.intake(both.source)["unchanged"])


def test_both_describe_alike(both: Both) -> None:
    catalogues = [
        [{name: value for name, value in row.items() if name not in RANDOM} for row in world.catalogue()]
        for world in (both.sqlite, both.postgres)
    ]
    assert catalogues[0] == catalogues[1]
    assert len(catalogues[0]) > 70


@pytest.mark.parametrize(
    "words", [PERSON, "何知秋", "13899990001", "回访记录 第5号", "报告 OR 合同", "绝无此词"]
)
def test_both_find_alike(words: str, both: Both) -> None:
    found = [world.ask("search", words, "--limit", "200") for world in (both.sqlite, both.postgres)]
    shown = [
        [{name: value for name, value in hit.items() if name not in RANDOM} for hit in one["hits"]]
        for one in found
    ]
    assert found[0]["total"] == found[1]["total"]
    assert shown[0] == shown[1]


def test_both_verify_and_stand_alike(both: Both) -> None:
    for world in (both.sqlite, both.postgres):
        assert world.ask("verify", "--deep")["clean"]
    assert both.sqlite.ask("status")["balance"] == both.postgres.ask("status")["balance"]
    names = [
        [(one["name"], len(one["records"])) for one in world.ask("customers")]
        for world in (both.sqlite, both.postgres)
    ]
    assert names[0] == names[1]


def test_nothing_personal_reaches_the_server(both: Both, postgres: tuple[str, Path | None]) -> None:
    """Its files, its write-ahead log and the log of every statement are searched for the markers."""
    folder = postgres[1]
    if folder is None:
        pytest.skip("the files of a server that is not ours cannot be read")
    with closing(psycopg.connect(f"{postgres[0]}/kedang_both", autocommit=True)) as connection:
        connection.execute("CHECKPOINT")
    assert "INSERT" in (folder / "log").read_text(encoding="utf-8", errors="replace")
    assert distinct(traces_below(folder, both.postgres.root)) == []


def test_a_killed_intake_goes_on_to_the_same_archive(
    both: Both, postgres: tuple[str, Path | None], tmp_path: Path
) -> None:
    world = opened(tmp_path / "world", created(postgres[0], "kedang_killed"))
    killed = 0
    for step in STEPS:
        command = (str(step), "statement", "intake", str(both.source), "--no-name-model", "--no-resolve")
        killed += world.run(*command, program=DYING).status == -signal.SIGKILL
    assert killed >= 2
    world.intake(both.source)
    left = [{k: v for k, v in row.items() if k not in RANDOM} for row in world.catalogue()]
    right = [{k: v for k, v in row.items() if k not in RANDOM} for row in both.postgres.catalogue()]
    assert left == right
    assert world.ask("verify", "--deep")["clean"]
    assert world.ask("status")["balance"] == both.postgres.ask("status")["balance"]


def test_a_server_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    world = World(tmp_path, address="postgresql://kedang@127.0.0.1:1/none")
    ran = world.run("status")
    assert (ran.status, "KD-K102" in ran.said, "Traceback" in ran.said) == (5, True, False)
    assert replace(world, address="").run("status").status == 2
