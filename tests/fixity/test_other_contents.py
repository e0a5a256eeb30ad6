"""Whoever has the keys and puts other contents in place of what was received is found out by the ledger."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.world import World

SCRIPT = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from datetime import UTC, datetime
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.adapters.contents import key_of, original_bytes
from kedang.holdings.adapters.guarding import rewrite
from kedang.holdings.adapters.record_columns import mac_of
from kedang.holdings.intake.commit import reserve_pack
from kedang.holdings.models import Pack, Record
from kedang.vault.blob import Binding, Role, seal_bytes
from kedang.vault.pack import writing_pack

with new_context().writing() as archive:
    pack = reserve_pack(archive, now=datetime.now(UTC))
    with writing_pack(archive.store, pack, archive.case_id) as written:
        for record in Record.objects.all():
            octets = bytearray(b"".join(original_bytes(archive, record)))
            octets[len(octets) // 2] ^= 1
            key, binding = key_of(archive, record), Binding(archive.case_id, record.id, Role.CONTENT)
            blob = seal_bytes(key, bytes(octets), binding=binding, salt=archive.random_bytes(32))
            pointer = written.append(blob, record=record.id, role=Role.CONTENT)
            record.content_pack, record.content_offset = pack, pointer.offset
            record.content_length = pointer.length
            record.mac = mac_of(archive, record)
            record.save()
    row = Pack.objects.get(id=pack)
    rewrite(archive, [row], state="kept", size_bytes=written.size_bytes, blobs=written.count)
"""


@pytest.mark.parametrize("size", [3_000, 1024 * 1024, 1024 * 1024 + 1, 5_000_000])
def test_other_contents_under_the_right_keys_differ_from_what_was_committed_to(
    opened_case: World, tmp_path: Path, size: int
) -> None:
    kept, source = opened_case.copied(tmp_path / "kept"), tmp_path / "source"
    source.mkdir()
    (source / "a.bin").write_bytes(os.urandom(size))
    kept.intake(source)
    assert kept.ask("verify", "--deep")["clean"]
    done = kept.run("-c", SCRIPT, program=(sys.executable,))
    assert done.status == 0, done.said
    found = kept.run("verify", "--deep", "--json").json["faults"]
    (record,) = kept.rows("SELECT id FROM holdings_record")[0]
    assert [one["records"] for one in found if one["code"] == "KD-H206"] == [[record]]
    assert {one["code"] for one in found} == {"KD-H206", "KD-H216"}, (
        "and blobs that no row points at any more"
    )
