"""Reading is an event as changing is: who searched, whose record was shown, what went out; never the words."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kedang.ledger.commitments import opens
from tests.attacks.archives import SOURCE_TEXT, leaves
from tests.world import World

WORDS = "琉璃厂旧书店"
SALT_OF_SEARCH = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.actions.consulting import salt_of_search
with new_context().reading() as archive:
    print(salt_of_search(archive, sys.argv[1]).hex())
"""


@pytest.fixture(scope="module")
def filled(opened_case: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """An archive with a contract, a note and a question. Copied, not used."""
    source = tmp_path_factory.mktemp("reading") / "source"
    source.mkdir()
    (source / "合同.txt").write_text(SOURCE_TEXT)
    (source / "便条.txt").write_text("琉璃厂旧书店 来电")
    (source / "坏.docx").write_bytes(b"PK\3\4 broken")
    world = opened_case.copied(source.parent / "world")
    world.intake(source)
    return world


@pytest.fixture
def archive(filled: World, tmp_path: Path) -> World:
    """That archive, for this test alone."""
    return filled.copied(tmp_path / "archive")


def added(world: World, *arguments: str) -> list[dict[str, Any]]:
    """The events that a command adds to the ledger."""
    before = len(leaves(world))
    ran = world.run(*arguments)
    assert ran.status in (0, 1), ran.said
    return leaves(world)[before:]


def test_a_search_says_how_many_hits_and_which_records_were_shown(archive: World) -> None:
    found = archive.ask("search", WORDS)
    (event,) = [leaf for leaf in leaves(archive) if leaf["act"] == "searched"]
    assert event["facts"]["hits"] == found["total"] == 2
    kind, _, search_id = event["objects"][0].partition(":")
    assert kind == "search"
    assert event["objects"][1:] == [f"record:{hit['record_id']}" for hit in found["hits"]]
    assert WORDS not in str(event)
    ran = archive.run("-c", SALT_OF_SEARCH, search_id, program=[sys.executable])
    assert opens(event["facts"]["words"], WORDS.encode(), salt=bytes.fromhex(ran.text.strip())), ran.said


def test_equal_words_do_not_show_in_the_ledger_and_a_vain_search_is_one_too(archive: World) -> None:
    events = [one for _ in range(2) for one in added(archive, "search", WORDS)]
    events += added(archive, "search", "绝无此人")
    assert len({event["facts"]["words"] for event in events}) == 3
    assert (events[2]["facts"]["hits"], len(events[2]["objects"])) == (0, 1)


def test_what_is_shown_and_taken_out_is_noted_before_anything_is_seen(archive: World, tmp_path: Path) -> None:
    record = archive.ask("search", WORDS)["hits"][0]["record_id"]
    assert [(leaf["act"], leaf["facts"], leaf["objects"]) for leaf in added(archive, "show", record)] == [
        ("shown", {"screen": "record"}, [f"record:{record}"])
    ]
    (opened,) = added(archive, "open", record, "--out", str(tmp_path / "original"))
    assert (opened["act"], opened["facts"]["what"]) == ("exported", "opened")
    asked = archive.run("questions", "--json").json
    (listed,) = added(archive, "questions")
    assert (listed["act"], listed["facts"]) == ("shown", {"screen": "questions"})
    assert set(listed["objects"]) == {f"record:{one['record_id']}" for one in asked}


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("catalogue", "--format", "csv"), "catalogue"),
        (("customers",), "customers"),
        (("report", "--out", "report.html"), "report"),
    ],
)
def test_every_list_in_clear_is_noted(arguments: tuple[str, ...], what: str, archive: World) -> None:
    assert [(leaf["act"], leaf["facts"]["what"]) for leaf in added(archive, *arguments)] == [
        ("exported", what)
    ]


def test_what_names_nobody_is_not_noted(archive: World) -> None:
    assert added(archive, "status") == []
    assert added(archive, "verify") == []


def test_many_may_search_while_something_is_taken_in(archive: World, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    for number in range(300):
        (more / f"{number}.bin").write_bytes(os.urandom(3000))
    before = len([leaf for leaf in leaves(archive) if leaf["act"] == "searched"])
    taking = archive.start("intake", more, "--json", "--no-name-model", "--no-resolve")
    searching = [archive.start("search", WORDS, "--json") for _ in range(4)]
    for one in searching:
        _, err = one.communicate(timeout=120)
        assert one.returncode == 0, err.decode()
    _, err = taking.communicate(timeout=120)
    assert taking.returncode == 0, err.decode()
    assert len([leaf for leaf in leaves(archive) if leaf["act"] == "searched"]) == before + 4
    assert archive.ask("verify", "--deep")["clean"]


COST = """
import os, sys, time, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.actions.consulting import note_searched
from kedang.holdings.queries.searching import search_records
context = new_context()
with context.reading() as archive:
    searched = search_records(archive, "琉璃厂", limit=20)
    spent = []
    for _ in range(40):
        began = time.perf_counter()
        note_searched(archive, "琉璃厂", searched, now=context.now())
        spent.append(time.perf_counter() - began)
print(sorted(spent)[20] * 1000)
"""


def test_noting_a_search_costs_milliseconds(archive: World) -> None:
    began = time.perf_counter()
    ran = archive.run("-c", COST, program=[sys.executable])
    assert ran.status == 0, ran.said
    assert float(ran.text) < 25, f"the middle of forty took {ran.text} ms of {time.perf_counter() - began} s"
