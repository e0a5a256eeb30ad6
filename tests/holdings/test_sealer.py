"""The coordinator's side of a sealing process: nobody waits for the other to read, and a failure is told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from kedang.holdings.adapters.sealer import BATCH_REQUESTS, UNSENT_BYTES, Sealer
from kedang.holdings.errors import SealingFailed
from kedang.pipeline.items import Item
from kedang.pipeline.messages import ProveRequest, SealRequest
from kedang.pipeline.sealing_messages import SealerSetup
from kedang.records.ids import CaseId, PackId
from kedang.vault.blob import Binding, Role, open_bytes
from kedang.vault.folder_store import FolderStore
from kedang.vault.pack import Pointer, read_blob
from kedang.vault.spool import write_spool

CASE, RECORD, KEY = CaseId("ca" * 16), "5e" * 16, bytes(range(32))
FIRST, SECOND = "a1" * 16, "b2" * 16


@contextmanager
def sealing(folder: Path) -> Iterator[Sealer]:
    """A sealer with a real process."""
    sealer = Sealer(
        SealerSetup(CASE, str(folder / "vault"), bytes(32), "AES_256_GCM"), home=folder / "sealer-home"
    )
    try:
        yield sealer
    finally:
        sealer.end()


def request(ticket: int, octets: bytes, spool: str | None = None) -> SealRequest:
    """A record with these bytes."""
    item = Item(ticket, "a", (), len(octets), data=None if spool else octets, spool=spool)
    return SealRequest(ticket, RECORD, KEY, item, sha256(octets).digest())


def test_what_is_asked_for_while_a_pack_is_closed_goes_into_the_next(tmp_path: Path) -> None:
    with sealing(tmp_path) as sealer:
        for number, pack in enumerate((FIRST, SECOND)):
            sealer.open_pack(pack)
            for ticket in range(BATCH_REQUESTS + 2):
                sealer.seal(request(1000 * number + ticket, b"%d" % ticket))
            sealer.close_pack()
        told = {pack: sealer.closed(pack) for pack in (SECOND, FIRST)}
    store = FolderStore(tmp_path / "vault")
    for number, pack in enumerate((FIRST, SECOND)):
        closed, answers = told[pack]
        assert (closed.pack_id, closed.blobs) == (pack, BATCH_REQUESTS + 2)
        assert sorted(answers) == [1000 * number + ticket for ticket in range(BATCH_REQUESTS + 2)]
        at = answers[1000 * number + 7].content
        assert at is not None
        blob = read_blob(store, Pointer(PackId(pack), at.offset, at.length))
        assert open_bytes(KEY, blob, binding=Binding(CASE, RECORD, Role.CONTENT)) == b"7"


def test_more_than_may_wait_is_sealed_although_nobody_takes_the_answers(tmp_path: Path) -> None:
    size = 4 * 1024 * 1024
    with sealing(tmp_path) as sealer:
        sealer.open_pack(FIRST)
        for ticket in range(2 * UNSENT_BYTES // size):
            sealer.seal(request(ticket, bytes(size)))
            assert sealer._unsent_bytes <= UNSENT_BYTES + 2 * size
        sealer.close_pack()
        assert sealer.closed(FIRST)[0].blobs == 2 * UNSENT_BYTES // size


def test_a_spool_file_goes_when_it_is_answered_for(tmp_path: Path) -> None:
    places = [tmp_path / f"{number}.spool" for number in range(2)]
    for place in places:
        (tmp_path / "octets").write_bytes(b"spooled")
        with (tmp_path / "octets").open("rb") as stream:
            write_spool(place, bytes(32), stream, random_bytes=os.urandom)
    with sealing(tmp_path) as sealer:
        sealer.open_pack(FIRST)
        sealer.seal(request(1, b"spooled", spool=str(places[0])))
        again = Item(2, "a", (), 7, spool=str(places[1]))
        sealer.prove(ProveRequest(2, again, sha256(b"spooled").digest()))
        sealer.close_pack()
        assert all(place.exists() for place in places)
        _, answers = sealer.closed(FIRST)
        assert (answers[1].changed, sealer.proven(2)) == (False, True)
        assert not any(place.exists() for place in places)


def test_whoever_waits_or_asks_is_told_that_the_process_has_ended(tmp_path: Path) -> None:
    with sealing(tmp_path) as sealer:
        sealer.open_pack(FIRST)
        sealer._worker.process.kill()
        assert not sealer.has_closed(SECOND) or sealer._fault
        with pytest.raises(SealingFailed):
            sealer.closed(FIRST)
        with pytest.raises(SealingFailed):
            sealer.prove(ProveRequest(1, Item(1, "a", (), 0, data=b""), bytes(32)))
        assert sealer.has_closed(FIRST), "nobody goes on as if it were still at work"


def test_what_the_process_could_not_do_is_told_with_its_code(tmp_path: Path) -> None:
    with sealing(tmp_path) as sealer:
        sealer.close_pack()
        with pytest.raises(SealingFailed) as raised:
            sealer.closed(FIRST)
    assert raised.value.facts["because"] == "KD-W104"
