"""One thing's way from bytes to a summary, in this process."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from kedang.accession.reading import Signature
from kedang.pipeline.examination import Examiner
from kedang.pipeline.items import INLINE_BYTES, FilePlace, Item
from kedang.pipeline.messages import WorkerSetup
from kedang.vault.spool import write_spool
from tests.acceptance.sources import payload, zipped

KEY = bytes(range(32))
TEXT = "客户王小明，手机13899990001，合同编号HT-2024-018。".encode()


@pytest.fixture(scope="module")
def examiner() -> Examiner:
    """As a worker has it, without the name model."""
    return Examiner(
        WorkerSetup(KEY, "", ("甲公司",), (), name_model=False, understand=True, max_memory_bytes=0)
    )


def placed(path: Path) -> Item:
    """A file of a source, as it is now."""
    signature = Signature.of(path.stat())
    place = FilePlace(os.fsencode(path.parent), os.fsencode(path.name), signature)
    return Item(1, path.name, ("销售部",), signature.size_bytes, place=place)


def test_the_same_bytes_are_examined_alike_wherever_they_are(examiner: Examiner, tmp_path: Path) -> None:
    (tmp_path / "记录.txt").write_bytes(TEXT)
    with (tmp_path / "记录.txt").open("rb") as source:
        write_spool(tmp_path / "a.spool", KEY, source, random_bytes=os.urandom)
    spooled = Item(1, "记录.txt", ("销售部",), len(TEXT), spool=str(tmp_path / "a.spool"))
    inline = Item(1, "记录.txt", ("销售部",), len(TEXT), data=TEXT)
    outcomes = [examiner.examine(item) for item in (placed(tmp_path / "记录.txt"), spooled, inline)]
    assert {outcome.sha256 for outcome in outcomes} == {sha256(TEXT).digest()}
    assert outcomes[0].summary == outcomes[1].summary == outcomes[2].summary
    assert outcomes[0].derived == outcomes[1].derived == outcomes[2].derived
    assert outcomes[0].summary is not None
    assert outcomes[0].summary.finding_counts["mobile_phone"] == 1


def test_of_what_is_not_parsed_only_digest_and_size_are_known(examiner: Examiner) -> None:
    examined = examiner.examine(Item(1, "坏.docx", ("甲", "乙"), 3, data=b"abc"), only_digest=True)
    assert (examined.sha256, examined.size_bytes, examined.summary) == (sha256(b"abc").digest(), 3, None)
    assert not examined.derived


def test_a_large_file_is_digested_where_it_lies(examiner: Examiner, tmp_path: Path) -> None:
    octets = bytes(INLINE_BYTES + 1)
    (tmp_path / "large.bin").write_bytes(octets)
    examined = examiner.examine(placed(tmp_path / "large.bin"))
    assert (examined.sha256, examined.size_bytes) == (sha256(octets).digest(), len(octets))


def test_what_cannot_be_had_is_refused_with_its_code(examiner: Examiner, tmp_path: Path) -> None:
    (tmp_path / "gone.txt").write_bytes(TEXT)
    gone = placed(tmp_path / "gone.txt")
    (tmp_path / "gone.txt").unlink()
    assert examiner.examine(gone).refused == "KD-A201"
    (tmp_path / "gone.txt").symlink_to("/etc/passwd")
    assert examiner.examine(gone).refused == "KD-A205"
    lost = Item(1, "a", (), 3, spool=str(tmp_path / "no.spool"))
    assert examiner.examine(lost).refused


def test_a_container_says_that_it_holds_members_and_where(examiner: Examiner) -> None:
    box = zipped([("甲.txt", TEXT), ("乙.txt", b"two")])
    examined = examiner.examine(Item(1, "包.zip", (), len(box), data=box))
    assert examined.is_container
    assert [one.member_path for one in examined.ranges] == [(0,), (1,)]
    ends = [0, *(one.offset + one.length for one in examined.ranges)]
    assert all(end <= one.offset < len(box) for end, one in zip(ends, examined.ranges, strict=False))


def test_a_document_without_members_is_no_container(examiner: Examiner) -> None:
    document = payload("docx", number=3)
    examined = examiner.examine(Item(1, "a.docx", (), len(document), data=document))
    assert (examined.is_container, examined.ranges) == (False, ())
    assert examined.format is not None
    assert examined.format.name == "docx"
