"""A container with a hole remembers no digest of its whole, and one of each range that is left."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.destruction.ordering import destroyed, holed, record_named, require_whole, with_copy
from tests.destruction.test_containment import BAD, GOOD, zipped
from tests.world import World

PROGRAM = """
import django, json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.adapters.contents import derived_of, key_of
from kedang.holdings.models import Record, Segment
with new_context(as_json=True).reading() as archive:
    row = Record.objects.get(id=sys.argv[1])
    said = archive.open(key_of(archive, row), row.id, "record.sealed", row.sealed)
    holes = list(Segment.objects.filter(record=row).order_by("ordinal").values_list("key_id", flat=True))
    print(json.dumps({"said": said, "derived": derived_of(archive, row).sha256, "keys": holes}))
"""


@pytest.fixture
def archived(opened_case: World, tmp_path: Path) -> World:
    """A zip of three texts."""
    world = opened_case.copied(tmp_path / "world")
    desk = tmp_path / "desk"
    desk.mkdir()
    members = (("坏.txt", BAD), ("好.txt", GOOD), ("短.txt", b"91"))
    (desk / "合同.zip").write_bytes(zipped(*members, stored=True))
    world.intake(desk)
    return with_copy(world)


def remembered(world: World, record: str) -> Any:
    """What the sealed parts of a container say of its bytes."""
    ran = world.run(record, program=(sys.executable, "-c", PROGRAM))
    assert ran.status == 0, ran.said
    return json.loads(ran.out)


def test_with_the_first_hole_the_digest_of_the_whole_is_forgotten(archived: World) -> None:
    record = record_named(archived, "合同.zip")["record_id"]
    before = remembered(archived, record)
    assert set(before["said"]) == {"title", "salt", "ranges"}
    assert len(before["derived"]) == 64
    whole = holed(archived, record)
    for name, gone in (("短.txt", b"91"), ("坏.txt", BAD)):
        destroyed(archived, record_named(archived, name)["record_id"])
        after = remembered(archived, record)
        assert set(after["said"]) == {"title", "ranges", "digests"}
        assert after["derived"] == ""
        at, digests = 0, []
        for size, key in zip(after["said"]["ranges"], after["keys"], strict=True):
            digests.append(sha256(whole[at : at + size]).hexdigest() if key else "")
            at += size
        assert after["said"]["digests"] == digests
        assert sha256(gone).hexdigest() not in json.dumps(after)
    require_whole(archived)
