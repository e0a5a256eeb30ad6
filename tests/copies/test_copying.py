"""Objects on their way into a store that lies, stalls or is full."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import CancelledError

import pytest

from kedang.holdings.actions.copying import AT_ONCE, Copying, Told
from kedang.holdings.actions.progress import Silent
from kedang.holdings.errors import CopyDiffers
from kedang.preservation.copy_plans import CopyObject
from kedang.vault.bucket import StoreLimits
from kedang.vault.errors import StoreUnavailable
from kedang.vault.memory_store import MemoryStore
from kedang.vault.object_store import ObjectStore
from kedang.vault.store import BlobStore
from tests.breaking import Break, BreakingProxy
from tests.s3 import CREDENTIALS, S3Server

QUICK = StoreLimits(
    connect_seconds=2,
    brief_seconds=1,
    request_seconds=1,
    retries=1,
    retry_seconds=2,
    first_pause_seconds=0.01,
)


class Lying(MemoryStore):
    """Gives back one wrong bit, so many times."""

    def __init__(self, lies: int) -> None:
        super().__init__()
        self.lies = lies

    def read(self, name: str, offset: int = 0, count: int | None = None) -> bytes:
        """What was stored, or not quite."""
        stored = super().read(name, offset, count)
        if self.lies > 0:
            self.lies -= 1
            return bytes([stored[0] ^ 1]) + stored[1:]
        return stored


def some_objects(count: int) -> tuple[MemoryStore, list[CopyObject]]:
    """A home with so many packs."""
    home = MemoryStore()
    for number in range(count):
        home.put(f"packs/{number:032x}", os.urandom(10_000))
    return home, [CopyObject(name, home.size(name)) for name in home.names("packs")]


def carrying(
    home: BlobStore,
    copy: BlobStore,
    *,
    is_whole: Callable[[CopyObject], bool] = lambda _entry: True,
    given_up: Callable[[], bool] = lambda: False,
) -> Copying:
    """Copying between two stores, unwatched."""
    return Copying("0" * 32, home, copy, Told(Silent()), is_whole, given_up)


def test_a_store_that_lies_once_gets_the_object_once_more() -> None:
    home, entries = some_objects(3)
    copy = Lying(1)
    carrying(home, copy).write_all(entries)
    assert all(copy.read(one.name) == home.read(one.name) for one in entries)


def test_what_is_given_up_begins_no_other_object() -> None:
    home, entries = some_objects(20)
    copy = MemoryStore()
    with pytest.raises(CancelledError):
        carrying(home, copy, given_up=lambda: len(list(copy.names("packs"))) >= 5).write_all(entries)
    assert 5 <= len(list(copy.names("packs"))) <= 5 + AT_ONCE


class Watching:
    """A progress that keeps what it is told."""

    watched = True

    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []

    def stage(self, name: str, total: int | None) -> None:
        self.heard.append((name, total))

    def advance(self, things: int, size_bytes: int) -> None:
        self.heard.append((things, size_bytes))


def test_what_was_done_while_another_stage_was_told_is_told_at_once() -> None:
    progress = Watching()
    told = Told(progress)
    told.expect(3)
    told.advance(2, 100)
    assert progress.heard == []
    told.begin()
    told.advance(1, 10)
    assert progress.heard == [("backup", 3), (2, 100), (1, 10)]


def test_a_store_that_goes_on_lying_is_found_out_and_left_without_the_object() -> None:
    home, entries = some_objects(1)
    copy = Lying(1000)
    with pytest.raises(CopyDiffers):
        carrying(home, copy).write_all(entries)
    assert list(copy.names("packs")) == []


def test_what_the_home_does_not_give_is_named_and_everything_else_written() -> None:
    home, entries = some_objects(4)
    home.delete(entries[1].name)
    copying = carrying(home, MemoryStore())
    copying.write_all(entries)
    assert copying.lost == [entries[1].name]
    assert len(list(copying.target.names("packs"))) == 3


@pytest.mark.parametrize("whole", [True, False])
def test_of_two_that_differ_the_whole_one_stays(whole: bool) -> None:
    home, entries = some_objects(1)
    copy = MemoryStore()
    copy.put(entries[0].name, os.urandom(entries[0].size_bytes))
    copying = carrying(home, copy, is_whole=lambda _entry: whole)
    assert copying.verify_all(entries) == (entries if whole else [])
    assert list(copy.names("packs")) == ([] if whole else [entries[0].name])
    assert copying.lost == ([] if whole else [entries[0].name])


def test_a_server_that_never_answers_ends_the_writing_within_its_seconds(
    s3_server: S3Server, proxy: BreakingProxy
) -> None:
    home, entries = some_objects(2)
    prefix = os.urandom(8).hex()
    through = ObjectStore(
        s3_server.bucket(prefix, proxy.endpoint), CREDENTIALS, random_bytes=os.urandom, limits=QUICK
    )
    proxy.will("PUT", Break.STALLED, times=100)
    with pytest.raises(StoreUnavailable):
        carrying(home, through).write_all(entries)
    proxy.breaks.clear()
    carrying(home, through).write_all(entries)
    direct = ObjectStore(s3_server.bucket(prefix), CREDENTIALS, random_bytes=os.urandom)
    assert all(direct.read(one.name) == home.read(one.name) for one in entries)
