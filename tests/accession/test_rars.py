from __future__ import annotations

import os
import threading

import pytest

from kedang.accession.contents import BytesContent
from kedang.accession.limits import Limits
from kedang.accession.members import (
    CONTAINER_ENCRYPTED,
    DAMAGED,
    ENCRYPTED,
    MEMORY,
    NOT_OPENED,
    TRUNCATED,
    VOLUMES_MISSING,
    Member,
    open_members,
)
from kedang.accession.reading import read_stable
from tests.accession.samples import LIMITS, SHARED, codes, outcomes, shared, steps


def names(found: list[tuple[int, str, bytes | str]]) -> list[str]:
    return [name for _, name, _ in found]


@pytest.mark.parametrize("name", ["rar3-subdirs.rar", "rar5-subdirs.rar"])
def test_both_generations_are_read(name: str) -> None:
    found = outcomes(shared(name), "rar")
    assert names(found) == [
        "sub/dir2/file2.txt",
        "sub/with space/long fn.txt",
        "sub/üȵĩöḋè/file.txt",
        "sub/dir1/file1.txt",
    ]
    assert [result for _, _, result in found] == [b"file2\n", b"long fn\n", b"file\n", b"file1\n"]


def test_a_rar_gives_the_same_documents_as_the_zip_and_the_7z_of_them() -> None:
    def documents(name: str, fmt_name: str) -> dict[str, bytes | str]:
        found = outcomes(shared(name), fmt_name)
        return {member.rpartition("/")[2]: result for _, member, result in found}

    assert (
        documents("test-documents.rar", "rar")
        == documents("test-documents.zip", "zip")
        == documents("test-documents.7z", "7z")
        == documents("test-documents.tgz", "gzip")
    )


def test_members_can_be_skipped_read_half_read_late_and_again() -> None:
    whole = {number: result for number, _, result in outcomes(shared("test-documents.rar"), "rar")}
    found = steps(shared("test-documents.rar"), "rar")
    for step in reversed(found):
        assert isinstance(step, Member)
        assert step.open().read() == whole[step.ordinal]
    opened = open_members(shared("test-documents.rar"), "rar", limits=LIMITS)
    for step in opened:
        assert isinstance(step, Member)
        if step.ordinal % 3 == 0:
            continue
        some = step.open().read(100)
        assert bytes(whole[step.ordinal]).startswith(some)  # type: ignore[arg-type]
        if step.ordinal % 3 == 2:
            break
    assert outcomes(shared("test-documents.rar"), "rar", start_after=6) == [
        step for step in outcomes(shared("test-documents.rar"), "rar") if step[0] > 6
    ]


def test_no_thread_and_no_descriptor_is_left_behind() -> None:
    threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        opened = open_members(shared("test-documents.rar"), "rar", limits=LIMITS)
        first = next(opened)
        assert isinstance(first, Member)
        stream = first.open()
        stream.read(10)
        opened.close()  # type: ignore[attr-defined]
    assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) == (threads, descriptors)


def test_a_file_on_disk_is_read_where_it_lies() -> None:
    if not SHARED.is_dir():
        pytest.skip(f"no shared data at {SHARED}")
    raw_path = "旧电脑备份/压缩包/unicode.rar".encode()
    content = read_stable(os.fsencode(SHARED), raw_path, wait=print)
    found = outcomes(content, "rar")
    assert names(found) == ["уииоотивл.txt", "𝐀𝐁𝐁𝐂.txt"]
    assert codes(found) == []


def test_a_content_too_large_for_memory_is_refused() -> None:
    assert codes(outcomes(shared("unicode.rar"), "rar", limits=Limits(memory_bytes=10))) == [MEMORY]


def test_encrypted_members_and_encrypted_archives_have_their_codes() -> None:
    assert codes(outcomes(shared("rar5-psw.rar"), "rar")) == [ENCRYPTED, ENCRYPTED]
    assert codes(outcomes(shared("test-documents-enc.rar"), "rar")) == [CONTAINER_ENCRYPTED]


def test_several_volumes_are_one_archive() -> None:
    first, second, third = (shared(f"rar5-vols.part{number}.rar") for number in (1, 2, 3))
    found = outcomes(first, "rar", volumes=(second, third))
    assert [(name, len(result)) for _, name, result in found] == [
        ("vols/bigfile.txt", 205_000),
        ("vols/smallfile.txt", 2_050),
    ]
    assert codes(found) == []


def test_a_volume_alone_says_that_others_are_missing() -> None:
    assert set(codes(outcomes(shared("rar5-vols.part1.rar"), "rar"))) == {VOLUMES_MISSING}
    assert set(codes(outcomes(shared("rar5-vols.part2.rar"), "rar"))) == {VOLUMES_MISSING}
    last = outcomes(shared("rar5-vols.part3.rar"), "rar")
    assert last[0][2] == VOLUMES_MISSING
    assert len(last[1][2]) == 2_050


def test_a_cut_archive_gives_what_came_before() -> None:
    raw = shared("test-documents.rar").octets
    found = outcomes(raw[: len(raw) // 2], "rar")
    assert found[0][2] == outcomes(raw, "rar")[0][2]
    assert set(codes(found)) <= {DAMAGED, TRUNCATED, VOLUMES_MISSING}
    assert codes(found)


def test_damaged_bytes_are_damage() -> None:
    raw = bytearray(shared("test-documents.rar").octets)
    raw[len(raw) // 2] ^= 0xFF
    found = outcomes(bytes(raw), "rar")
    assert DAMAGED in codes(found)


@pytest.mark.parametrize(
    "raw", [b"", b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00" + b"\xff" * 100, b"no rar at all"]
)
def test_what_is_no_rar_cannot_be_opened(raw: bytes) -> None:
    assert set(codes(outcomes(BytesContent(raw), "rar"))) <= {NOT_OPENED, TRUNCATED}
