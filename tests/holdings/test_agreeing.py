"""What leaves state of rows, across a restore that has lost some of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import django, json, sys
django.setup()
from kedang.holdings.queries.agreeing import Gone, stated_by_leaf, withdrawn_by_leaf

records, lost, cut, cases = json.load(sys.stdin)
for leaves in cases:
    gone = Gone(records=records, lost=[tuple(one) for one in lost], cut=cut)
    said = []
    for leaf in leaves:
        octets = json.dumps(leaf).encode()
        if leaf["act"] == "rows-destroyed":
            said += [("-", *one) for one in withdrawn_by_leaf(octets, gone)]
        else:
            said += [("+", *one) for one in stated_by_leaf(octets, gone)]
    print(json.dumps(said))
"""
RECORD, OTHER, CUSTOMER = "1" * 32, "2" * 32, "c" * 32
Leaf = dict[str, Any]


def leaf(n: int, act: str, *objects: str) -> Leaf:
    """A leaf, as far as it is compared."""
    return {"n": n, "act": act, "objects": objects, "facts": {}}


def linked(n: int, *records: str) -> Leaf:
    """The customer is linked to records."""
    return leaf(n, "linked", f"customer:{CUSTOMER}", *(f"record:{one}" for one in records))


def withdrawn(n: int) -> Leaf:
    """Rows of the record are destroyed, and with them what tied it to the customer."""
    return leaf(n, "rows-destroyed", f"order:{'0' * 32}", f"record:{RECORD}", f"customer:{CUSTOMER}")


LINKS = [
    ([linked(5, RECORD)], 1),  # before the snapshot: its row came back
    ([linked(15, RECORD)], 0),  # since: its row was lost
    ([linked(5, RECORD), withdrawn(15)], 0),
    ([linked(15, RECORD), withdrawn(16)], 0),  # nothing is taken back that was not there
    ([linked(5, RECORD), withdrawn(6), linked(15, RECORD), withdrawn(16)], 0),
    ([linked(15, RECORD), withdrawn(16), linked(25, RECORD)], 1),
    ([linked(15, RECORD), withdrawn(16), linked(25, RECORD), withdrawn(26)], 0),
    ([linked(15, RECORD, OTHER)], 0),  # the last one is destroyed; the row of the other was lost all the same
    ([linked(5, RECORD, OTHER)], 1),
]
"""Leaves, and how many links of the record they leave. Rows of the leaves 10 to 19 were lost."""
ENDED = [
    ([leaf(15, "destroyed", f"record:{OTHER}")], [["+", "destroyed", OTHER]]),
    ([leaf(15, "destroyed", f"record:{RECORD}")], []),  # not there any more, nor destroyed in these rows
    ([leaf(15, "withheld", f"record:{RECORD}", f"record:{OTHER}")], [["+", "destroyed", OTHER]]),
    ([leaf(15, "received", "accession:a", "occurrence:b", f"record:{OTHER}")], []),
]


@pytest.fixture(scope="module")
def stated(tmp_path_factory: pytest.TempPathFactory) -> list[list[list[str]]]:
    """What the leaves of each case state and take back."""
    home = tmp_path_factory.mktemp("agreeing")
    cases = [leaves for leaves, _ in (*LINKS, *ENDED)]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "kedang.entrypoints.settings",
        "KEDANG_HOME": str(Path(home)),
    }
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps([[OTHER], [[10, 20]], [RECORD], cases]),
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.mark.parametrize("case", range(len(LINKS)))
def test_links_are_those_whose_rows_a_restore_has_left(stated: list[list[list[str]]], case: int) -> None:
    link = ["link", CUSTOMER, RECORD]
    assert all(said[1:] == link for said in stated[case])
    count = sum(1 if said[0] == "+" else -1 for said in stated[case])
    assert count == LINKS[case][1]


@pytest.mark.parametrize("case", range(len(ENDED)))
def test_what_a_lost_leaf_ended_stays_ended(stated: list[list[list[str]]], case: int) -> None:
    assert stated[len(LINKS) + case] == ENDED[case][1]
