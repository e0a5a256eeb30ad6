"""The store in a bucket, on a real S3 server, with faults between the two."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import obstore
import pytest

from kedang.records.ids import PackId
from kedang.vault.blob import Binding, Role, open_bytes, seal_bytes
from kedang.vault.bucket import Bucket, BucketCredentials, StoreLimits
from kedang.vault.errors import (
    BlobDamaged,
    ObjectExists,
    ObjectMissing,
    ObjectShort,
    StorageFull,
    StoreUnavailable,
    StoreUnsuitable,
)
from kedang.vault.object_store import ObjectStore
from kedang.vault.pack import read_blob, verify_pack, writing_pack
from tests.breaking import Break, BreakingProxy, breaking_proxy
from tests.s3 import CREDENTIALS, S3Server
from tests.world import REPOSITORY

from .seeded import CASE, KEY, RECORD, SALT, an_id, seeded_bytes

NAME = f"packs/{an_id('pack')}"
SMALL = seeded_bytes("small")(100_000)
PART = 5 << 20  # the least that S3 takes as a part
LARGE = seeded_bytes("large")(2 * PART + 1234)
QUICK = StoreLimits(
    connect_seconds=2,
    brief_seconds=2,
    request_seconds=2,
    retries=1,
    retry_seconds=5,
    first_pause_seconds=0.01,
    single_put_bytes=PART,
    part_bytes=PART,
)


@pytest.fixture
def prefix() -> str:
    return os.urandom(8).hex()


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[BreakingProxy]:
    with breaking_proxy(s3_server.endpoint) as standing:
        yield standing


@pytest.fixture
def direct(s3_server: S3Server, prefix: str) -> ObjectStore:
    """The bucket as others see it."""
    return ObjectStore(s3_server.bucket(prefix), CREDENTIALS, random_bytes=os.urandom, limits=QUICK)


@pytest.fixture
def broken(s3_server: S3Server, prefix: str, proxy: BreakingProxy) -> ObjectStore:
    """The same bucket behind the proxy."""
    bucket = s3_server.bucket(prefix, proxy.endpoint)
    return ObjectStore(bucket, CREDENTIALS, random_bytes=os.urandom, limits=QUICK)


def test_a_large_object_is_uploaded_in_parts_and_leaves_nothing_beside(
    direct: ObjectStore, s3_server: S3Server, prefix: str
) -> None:
    with direct.create(NAME) as writer:
        for start in range(0, len(LARGE), 1_000_000):
            writer.write(memoryview(LARGE)[start : start + 1_000_000])
        with pytest.raises(ObjectMissing):
            direct.size(NAME)
    assert direct.read(NAME) == LARGE
    assert direct.read(NAME, PART - 5, 10) == LARGE[PART - 5 : PART + 5]
    assert direct.sweep() == 0
    assert s3_server.unfinished_uploads(prefix) == 0


def test_a_large_object_never_replaces_another(direct: ObjectStore, s3_server: S3Server, prefix: str) -> None:
    direct.put(NAME, SMALL)
    with pytest.raises(ObjectExists):
        direct.put(NAME, LARGE)
    assert direct.read(NAME) == SMALL
    assert direct.sweep() == 0
    assert s3_server.unfinished_uploads(prefix) == 0


def test_of_many_writers_of_one_large_name_exactly_one_succeeds(direct: ObjectStore) -> None:
    contents = [bytes([number]) + LARGE for number in range(4)]
    for turn in range(3):
        name, barrier = f"packs/{an_id(f'large race {turn}')}", threading.Barrier(len(contents), timeout=20)

        def succeeded(content: bytes, name: str = name, barrier: threading.Barrier = barrier) -> bool:
            barrier.wait()
            try:
                direct.put(name, content)
            except ObjectExists:
                return False
            return True

        with ThreadPoolExecutor(len(contents)) as pool:
            outcomes = list(pool.map(succeeded, contents))
        assert outcomes.count(True) == 1
        assert direct.read(name) == contents[outcomes.index(True)]
    assert direct.sweep() == 0


def test_a_small_object_that_came_first_is_not_replaced_by_a_large_one(
    direct: ObjectStore, s3_server: S3Server, prefix: str
) -> None:
    def write_slowly() -> None:
        with direct.create(NAME) as writer:
            writer.write(LARGE)
            direct.put(NAME, SMALL)

    with pytest.raises(ObjectExists):
        write_slowly()
    assert direct.read(NAME) == SMALL
    assert s3_server.unfinished_uploads(prefix) == 0
    assert direct.sweep() == 0


def test_an_upload_that_its_writer_gives_up_is_aborted(
    direct: ObjectStore, s3_server: S3Server, prefix: str
) -> None:
    def give_up() -> None:
        with direct.create(NAME) as writer:
            writer.write(LARGE)
            assert s3_server.unfinished_uploads(prefix) == 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert s3_server.unfinished_uploads(prefix) == 0
    with pytest.raises(ObjectMissing):
        direct.size(NAME)


KILLED_WRITER = """
import os, sys
from kedang.vault.object_store import ObjectStore
from tests.s3 import CREDENTIALS, S3Server
from tests.vault.test_object_store import LARGE, NAME, QUICK
server = S3Server(sys.argv[1], "")
store = ObjectStore(server.bucket(sys.argv[2]), CREDENTIALS, random_bytes=os.urandom, limits=QUICK)
with store.create(NAME) as writer:
    writer.write(LARGE)
    os.kill(os.getpid(), 9)
"""


def test_a_writer_that_is_killed_leaves_nothing_that_can_be_read(
    direct: ObjectStore, s3_server: S3Server, prefix: str
) -> None:
    command = [sys.executable, "-c", KILLED_WRITER, s3_server.endpoint, prefix]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(("src", "."))}
    killed = subprocess.run(command, env=environment, cwd=REPOSITORY, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert list(direct.names("packs")) == []
    assert s3_server.unfinished_uploads(prefix) == 1  # what the bucket's own rule ends
    with pytest.raises(ObjectExists):
        direct.put(NAME, LARGE)  # the claim of the dead still stands
    assert direct.sweep() == 1
    direct.put(NAME, LARGE)
    assert direct.read(NAME) == LARGE
    assert direct.sweep() == 0


def test_sizes_come_with_the_list_and_foreign_things_do_not(direct: ObjectStore) -> None:
    names = sorted(f"ring/{an_id(str(number))}" for number in range(5))
    for number, name in enumerate(names):
        direct.put(name, bytes(number + 1))
    obstore.put(direct._brief, "ring/readme.txt", b"put there by somebody else")
    assert list(direct.sizes("ring")) == [(name, number + 1) for number, name in enumerate(names)]


Act = Callable[[ObjectStore], object]
PUT_BREAKS = [
    Break.REFUSED_500,
    Break.DONE_BUT_500,
    Break.ANSWER_LOST,
    Break.REQUEST_TORN,
    Break.REQUEST_LOST,
    Break.REQUEST_FLIPPED,
    Break.STALLED,
    Break.TWICE,
]


@pytest.mark.parametrize("how", PUT_BREAKS, ids=lambda how: how.name)
def test_one_fault_of_a_put_is_got_over(
    broken: ObjectStore, direct: ObjectStore, proxy: BreakingProxy, how: Break
) -> None:
    proxy.will("PUT", how)
    broken.put(NAME, SMALL)
    assert not proxy.breaks
    assert direct.read(NAME) == SMALL
    with pytest.raises(ObjectExists):
        broken.put(NAME, SMALL)


@pytest.mark.parametrize("how", PUT_BREAKS, ids=lambda how: how.name)
def test_a_fault_of_a_put_that_stays_is_said_and_leaves_all_or_nothing(
    broken: ObjectStore, direct: ObjectStore, proxy: BreakingProxy, how: Break
) -> None:
    proxy.will("PUT", how, times=20)
    with suppress(StoreUnavailable):
        broken.put(NAME, SMALL)
        assert direct.read(NAME) == SMALL
    proxy.breaks.clear()
    for name in direct.names("packs"):
        assert direct.read(name) == SMALL


@pytest.mark.parametrize(
    "how", [Break.REFUSED_500, Break.REQUEST_TORN, Break.REQUEST_LOST, Break.REQUEST_FLIPPED]
)
def test_a_put_that_never_arrives_is_never_called_stored(
    broken: ObjectStore, direct: ObjectStore, proxy: BreakingProxy, how: Break
) -> None:
    proxy.will("PUT", how, times=20)
    with pytest.raises(StoreUnavailable):
        broken.put(NAME, SMALL)
    assert list(direct.names("packs")) == []


@pytest.mark.parametrize("step", ["claims", "HEAD", "uploads", "partNumber=1", "partNumber=2", "uploadId"])
@pytest.mark.parametrize("times", [1, 20])
@pytest.mark.parametrize(
    "how",
    [
        Break.REFUSED_500,
        Break.DONE_BUT_500,
        Break.ANSWER_LOST,
        Break.REQUEST_TORN,
        Break.REQUEST_FLIPPED,
        Break.TWICE,
    ],
    ids=lambda how: how.name,
)
def test_a_fault_at_any_step_of_a_large_upload_leaves_all_or_nothing(
    broken: ObjectStore,
    direct: ObjectStore,
    proxy: BreakingProxy,
    step: str,
    times: int,
    how: Break,
) -> None:
    method = {"uploads": "POST", "uploadId": "POST", "HEAD": "HEAD"}.get(step, "PUT")
    path = NAME if step == "HEAD" else step
    proxy.will(method, how, path=path, times=times)
    try:
        broken.put(NAME, LARGE)
    except (StoreUnavailable, ObjectExists):
        stored = list(direct.names("packs"))
    else:
        stored = [NAME]
    proxy.breaks.clear()
    for name in stored:
        assert direct.read(name) == LARGE
    direct.sweep()
    if not stored:
        direct.put(NAME, LARGE)


@pytest.mark.parametrize("how", [Break.REFUSED_500, Break.ANSWER_LOST, Break.ANSWER_TORN, Break.STALLED])
def test_one_fault_of_a_read_is_got_over(
    broken: ObjectStore, direct: ObjectStore, proxy: BreakingProxy, how: Break
) -> None:
    direct.put(NAME, SMALL)
    proxy.will("GET", how)
    assert broken.read(NAME) == SMALL
    proxy.will("GET", how)
    assert broken.read(NAME, 10, 50_000) == SMALL[10:50_010]
    assert not proxy.breaks


@pytest.mark.parametrize("how", [Break.REFUSED_500, Break.ANSWER_LOST, Break.ANSWER_TORN])
def test_a_fault_of_a_read_that_stays_is_said(
    broken: ObjectStore, direct: ObjectStore, proxy: BreakingProxy, how: Break
) -> None:
    direct.put(NAME, SMALL)
    proxy.will("GET", how, times=50)
    with pytest.raises(StoreUnavailable):
        broken.read(NAME)
    with pytest.raises(StoreUnavailable):
        broken.read(NAME, 5, 70_000)


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_agreed(
    broken: ObjectStore, direct: ObjectStore, proxy: BreakingProxy
) -> None:
    direct.put(NAME, SMALL)
    proxy.will("HEAD", Break.STALLED, times=50)
    with pytest.raises(StoreUnavailable):
        broken.size(NAME)


@pytest.mark.parametrize("how", [Break.REFUSED_500, Break.ANSWER_LOST, Break.TWICE, Break.DONE_BUT_500])
def test_one_fault_of_a_deletion_is_got_over(
    broken: ObjectStore, direct: ObjectStore, proxy: BreakingProxy, how: Break
) -> None:
    direct.put(NAME, SMALL)
    proxy.will("DELETE", how)
    broken.delete(NAME)
    assert list(direct.names("packs")) == []


def test_a_store_without_room_is_full(broken: ObjectStore, proxy: BreakingProxy) -> None:
    proxy.will("PUT", Break.FULL_507, times=20)
    with pytest.raises(StorageFull):
        broken.put(NAME, SMALL)


def test_an_answer_with_a_wrong_bit_never_passes_for_the_blob(
    broken: ObjectStore, direct: ObjectStore, proxy: BreakingProxy
) -> None:
    """The store gives what came; whoever reads checks the seal or the pack, and the second reading is right."""
    content, pack = seeded_bytes("content")(50_000), PackId(an_id("pack"))
    binding = Binding(CASE, RECORD, Role.CONTENT)
    with writing_pack(direct, pack, CASE) as packing:
        pointer = packing.append(
            seal_bytes(KEY, content, binding=binding, salt=SALT), record=RECORD, role=Role.CONTENT, part=0
        )
    proxy.will("GET", Break.ANSWER_FLIPPED)
    with pytest.raises(BlobDamaged):
        open_bytes(KEY, read_blob(broken, pointer), binding=binding)
    assert open_bytes(KEY, read_blob(broken, pointer), binding=binding) == content
    assert verify_pack(broken, pack, CASE) == ()


def test_a_wrong_key_is_said_at_once_and_shows_nowhere(s3_server: S3Server, prefix: str) -> None:
    wrong = BucketCredentials(CREDENTIALS.access_key_id, "another secret altogether")
    store = ObjectStore(s3_server.bucket(prefix), wrong, random_bytes=os.urandom, limits=QUICK)
    asks: list[Act] = [
        lambda store: store.put(NAME, SMALL),
        lambda store: store.read(NAME),
        lambda store: store.size(NAME),
        lambda store: list(store.names("packs")),
        lambda store: store.delete(NAME),
    ]
    for ask in asks:
        with pytest.raises(StoreUnavailable) as caught:
            ask(store)
        assert caught.value.facts["status"] == 403
        said = repr(wrong) + "".join(traceback.format_exception(caught.value))
        assert "another secret" not in said
        assert CREDENTIALS.access_key_id not in said


def test_a_server_that_is_not_there_is_unavailable(prefix: str) -> None:
    bucket = Bucket("http://127.0.0.1:9", "nowhere", prefix)
    store = ObjectStore(bucket, CREDENTIALS, random_bytes=os.urandom, limits=QUICK)
    with pytest.raises(StoreUnavailable) as caught:
        store.put(NAME, SMALL)
    assert caught.value.facts == {"name": NAME, "status": None, "said": "Connect"}
    with pytest.raises(StoreUnavailable):
        list(store.names("packs"))


def test_a_bucket_that_keeps_its_promises_passes_the_probe(direct: ObjectStore) -> None:
    assert not direct.probe().keeps_versions
    assert list(direct.names("probe")) == []


def test_a_bucket_that_overwrites_is_refused(broken: ObjectStore, proxy: BreakingProxy) -> None:
    proxy.will("PUT", Break.PASSED)
    proxy.will("PUT", Break.PRETENDED_200)
    with pytest.raises(StoreUnsuitable) as caught:
        broken.probe()
    assert caught.value.facts == {"reason": "overwrites"}


def test_a_bucket_that_ignores_ranges_is_refused(broken: ObjectStore, proxy: BreakingProxy) -> None:
    proxy.will("GET", Break.PRETENDED_200, times=9)
    with pytest.raises(StoreUnsuitable) as caught:
        broken.probe()
    assert caught.value.facts == {"reason": "ignores-ranges"}


def test_a_bucket_that_does_not_delete_is_refused(broken: ObjectStore, proxy: BreakingProxy) -> None:
    proxy.will("DELETE", Break.PRETENDED_200, times=9)
    with pytest.raises(StoreUnsuitable) as caught:
        broken.probe()
    assert caught.value.facts == {"reason": "does-not-delete"}


def test_ranges_beyond_the_end_are_short_whatever_the_server_calls_them(direct: ObjectStore) -> None:
    direct.put(NAME, b"0123456789")
    with pytest.raises(ObjectShort) as caught:
        direct.read(NAME, 30, 5)
    assert caught.value.facts == {"name": NAME, "wanted": 35, "found": 10}
