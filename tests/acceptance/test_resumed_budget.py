"""A container that is taken up again gets what an earlier run left of its budget, not a new one."""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from kedang.accession.limits import Budget, Limits
from tests.acceptance.sources import put, settle
from tests.world import World

INNER, OUTER = 30, 5  # members
ASKING = """
import json, django
django.setup()
from kedang.holdings.intake.budgets import budget_left
from kedang.holdings.models import Case, Occurrence
case = Case.objects.get().id
told = {}
for one in Occurrence.objects.filter(record__is_container=True).select_related("record"):
    top = one
    while top.parent_id:
        top = Occurrence.objects.get(id=top.parent_id)
    left = budget_left(case, top.id, one)
    told[f"{one.record.format_name}/{one.depth}"] = [
        left.bytes_left, left.members_left, top.record.padded_bytes
    ]
print(json.dumps(told))
"""


def packed(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in members.items():
            archive.writestr(name, octets)
    return made.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, octets in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(octets)
            archive.addfile(entry, io.BytesIO(octets))
    return gzip.compress(made.getvalue(), mtime=0)


@pytest.fixture
def unpacked(world: World, tmp_path: Path) -> World:
    inner = {f"{n}.txt": f"第{n}号 ".encode() * (200 + n) for n in range(INNER)}
    outer = {f"外{n}.txt": f"外面{n} ".encode() * (300 + n) for n in range(OUTER)}
    streamed = {f"流{n}.txt": f"流里{n} ".encode() * (400 + n) for n in range(OUTER)}
    put(
        tmp_path / "source",
        [("包.zip", packed(outer | {"里.zip": packed(inner)})), ("流.tar.gz", tarred(streamed))],
    )
    settle(tmp_path / "source")
    told = world.intake(tmp_path / "source")
    assert told["open"] == 0
    return world


def test_what_is_committed_is_taken_off_at_every_depth(unpacked: World) -> None:
    program = (sys.executable, "-c", ASKING)
    environment = {"DJANGO_SETTINGS_MODULE": "kedang.entrypoints.settings"}
    told = json.loads(World(unpacked.root, environment=environment).run(program=program).out)
    sizes = dict(unpacked.rows("SELECT id, padded_bytes FROM holdings_record"))
    below = unpacked.rows("SELECT id, parent_id, record_id, depth FROM holdings_occurrence WHERE depth > 0")
    tops = {one for (one,) in unpacked.rows("SELECT id FROM holdings_occurrence WHERE depth = 0")}

    def top_of(one: str) -> str:
        above = {row[0]: row[1] for row in below}
        while one not in tops:
            one = above[one]
        return one

    of_zip = top_of(next(one for one, _, _, depth in below if depth == 2))
    spent = sum(sizes[record] for one, _, record, _ in below if record and top_of(one) == of_zip)
    left, members, padded = told["zip/0"]
    whole = Budget.of(Limits(), padded)
    assert members == whole.members_left - (INNER + OUTER + 1)
    assert left == whole.bytes_left - spent < whole.bytes_left
    assert told["zip/1"][:2] == [left, members]


def test_what_a_stream_pays_again_is_not_taken_off_twice(unpacked: World) -> None:
    program = (sys.executable, "-c", ASKING)
    environment = {"DJANGO_SETTINGS_MODULE": "kedang.entrypoints.settings"}
    told = json.loads(World(unpacked.root, environment=environment).run(program=program).out)
    left, members, padded = told["gzip/0"]
    assert (left, members) == (Budget.of(Limits(), padded).bytes_left, Limits().members - OUTER)
