"""The ledger's head before a time-stamping authority: asked, kept, verified, handed out, compared with the clock."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.ledger.authority import Authority, new_authority, serving
from tests.world import World

YESTERDAY = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from datetime import timedelta
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.queries.ledger_verifying import latest_witnessed_time, verify_case_ledger
context = new_context()
archive = context.unlock()
latest = latest_witnessed_time(archive).time
found = verify_case_ledger(archive, now=latest - timedelta(days=1))
print(latest.isoformat(), found.whole, [finding.code for finding in found.findings])
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stamped(
    opened_case: World, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> tuple[World, dict[str, object]]:
    """An archive whose head was stamped, and what the command said. Copied or read, not changed."""
    world = opened_case.copied(tmp_path_factory.mktemp("witness") / "world")
    root = authority.folder / "root.pem"
    with serving(authority) as address:
        said = world.ask("ledger", "witness", "--tsa", address, "--certificate", root)
    return world, said


def test_a_stamped_head_is_verified_and_told(
    stamped: tuple[World, dict[str, object]], authority: Authority
) -> None:
    world, said = stamped
    found = world.ask("ledger", "verify", "--certificate", authority.folder / "root.pem")
    assert found["whole"]
    (stamp,) = found["stamps"]
    assert (stamp["size"], stamp["time"], stamp["trusted_by"]) == (said["size"], said["time"], "given")
    assert said["ahead"] is False


def test_a_receipt_carries_the_stamp_and_openssl_verifies_it(
    stamped: tuple[World, dict[str, object]], authority: Authority, tmp_path: Path
) -> None:
    world = stamped[0].copied(tmp_path / "world")
    program, receipt = tmp_path / "verify.py", tmp_path / "receipt.json"
    assert world.run("ledger", "receipt", "0", "--out", receipt).status == 0
    assert world.run("ledger", "verifier", "--out", program).status == 0
    ledger = tmp_path / "ledger.jsonl"
    assert world.run("ledger", "export", "--out", ledger).status == 0
    given = ("-I", "-S", program, receipt, ledger, "--extract", tmp_path)
    ran = world.run(*given, program=(sys.executable,))
    assert ran.status == 0, ran.text
    assert "的台账头有时间戳" in ran.text or "条有时间戳" in ran.text
    (note,) = tmp_path.glob("*.note")
    command = ["openssl", "ts", "-verify", "-data", str(note), "-in", str(note.with_suffix(".tsr"))]
    root = str(authority.folder / "root.pem")
    checked = subprocess.run([*command, "-CAfile", root], check=False, capture_output=True)
    assert checked.returncode == 0, checked.stderr


def test_a_clock_behind_the_stamp_is_reported(stamped: tuple[World, dict[str, object]]) -> None:
    world, said = stamped
    ran = world.run("-c", YESTERDAY, program=(sys.executable,))
    assert ran.status == 0, ran.said
    assert ran.text.strip() == f"{said['time']} True ['KD-L604']"


CHANGES = {
    "a stamp is removed": ("DELETE FROM holdings_witness", "KD-L605"),
    "a stamp is dated earlier": ("UPDATE holdings_witness SET time = '2020-01-01 00:00:00'", "KD-L602"),
    "a stamp is of another head": (
        "UPDATE holdings_witness SET note = substr(note, 1, instr(note, char(10, 10)) - 6)"
        " || iif(substr(note, instr(note, char(10, 10)) - 5, 1) = 'A', 'B', 'A')"
        " || substr(note, instr(note, char(10, 10)) - 4)",  # one character of its root
        "KD-L402",
    ),
    "a stamp is no stamp": ("UPDATE holdings_witness SET token = X'3005'", "KD-L601"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_stamp_shows(what: str, stamped: tuple[World, dict[str, object]], tmp_path: Path) -> None:
    statement, code = CHANGES[what]
    world = stamped[0].copied(tmp_path / "world")
    assert world.change(statement) == 1
    ran = world.run("ledger", "verify", "--json")
    assert ran.status == 4, ran.text
    assert code in {finding["code"] for finding in ran.json["findings"]}


def test_an_authority_that_does_not_answer_changes_nothing(world: World, authority: Authority) -> None:
    root = authority.folder / "root.pem"
    for address in ("http://127.0.0.1:9/", "file:///etc/passwd"):
        ran = world.run("ledger", "witness", "--tsa", address, "--certificate", root, "--json")
        assert (ran.status, ran.json["error"]) == (5, "KD-L603")
    assert world.rows("SELECT count(*) FROM holdings_witness") == [(0,)]
