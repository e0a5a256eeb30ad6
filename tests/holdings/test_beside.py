"""A check that another process makes beside this one."""

from __future__ import annotations

import json
import sys

import pytest

from tests.world import World

SCRIPT = """
import json, os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.actions.progress import Silent
from kedang.holdings.models import KeyPage, Record
from kedang.holdings.queries import verifying
from kedang.holdings.queries.beside import beside
archive, here = new_context().unlock(), os.getpid()

def told(check, worthwhile=True):
    with beside(check, worthwhile=worthwhile) as findings:
        assert KeyPage.objects.count()  # the database answers on both sides
        return [fault.subject for fault in findings().faults]

def look(found):
    archive.keyring.forget_pages()
    keys = len(archive.mac_key()) + KeyPage.objects.count()
    found.add("KD-H203", "here" if os.getpid() == here else "elsewhere", records=["a" * 32] * (keys > 32))

def die(found):
    if os.getpid() != here:
        os._exit(9)
    look(found)

said = {"worthwhile": told(look), "not": told(look, worthwhile=False), "dies": told(die)}
with beside(look, worthwhile=True):
    pass
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    said["left"] = "none"
verifying.WORTH_A_PROCESS = 0
found = verifying.verify_case(archive, deep=True, progress=Silent())
said["faults"] = [fault.code for fault in found.faults]
said["counts"] = [found.leaves, found.pages]
print(json.dumps(said))
"""


def _said(world: World) -> dict[str, object]:
    ran = world.run("-c", SCRIPT, program=(sys.executable,))
    assert ran.status == 0, ran.said
    said: dict[str, object] = json.loads(ran.text)
    return said


@pytest.fixture
def said(world: World) -> dict[str, object]:
    return _said(world)


def test_another_process_makes_it_with_keys_and_rows_and_dies_without_harm(said: dict[str, object]) -> None:
    assert said["worthwhile"] == ["elsewhere"]
    assert said["not"] == ["here"]
    assert said["dies"] == ["here"]
    assert said["left"] == "none", "no process is left behind"


def test_a_verification_by_two_processes_counts_and_finds_the_same(
    world: World, said: dict[str, object]
) -> None:
    whole = world.ask("verify", "--deep")
    assert whole["clean"]
    assert said["faults"] == []
    assert said["counts"] == [whole["leaves"], whole["pages"]]


def test_what_the_other_process_finds_is_told(world: World) -> None:
    world.change("UPDATE holdings_case SET time_zone = 'Asia/Tokyo'")
    assert "KD-H203" in str(_said(world)["faults"])
