from __future__ import annotations

import io

import py7zr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.accession.limits import Limits
from kedang.accession.members import (
    CONTAINER_ENCRYPTED,
    DAMAGED,
    ENCRYPTED,
    MEMORY,
    NOT_A_FILE,
    NOT_OPENED,
    Member,
)
from tests.accession.samples import codes, outcomes, shared, steps

HELD = {"a.txt": b"alpha" * 100_000, "空/名.txt": bytes(range(256)) * 40, "c": b""}


def packed(
    held: dict[str, bytes], filters: list[dict[str, int]] | None = None, password: str | None = None
) -> bytes:
    file = io.BytesIO()
    with py7zr.SevenZipFile(file, "w", filters=filters, password=password) as archive:
        for name, octets in held.items():
            archive.writestr(octets, name)
    return file.getvalue()


SMALL = packed({"a": b"alpha" * 30, "b": b"beta"})
FILTERS = [
    None,
    [{"id": py7zr.FILTER_LZMA2, "preset": 1}],
    [{"id": py7zr.FILTER_LZMA, "preset": 1}],
    [{"id": py7zr.FILTER_BZIP2}],
    [{"id": py7zr.FILTER_DEFLATE}],
    [{"id": py7zr.FILTER_COPY}],
    [{"id": py7zr.FILTER_ZSTD, "level": 3}],
    [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}],
    [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA2, "preset": 1}],
]


@pytest.mark.parametrize("filters", FILTERS)
def test_members_come_back_as_they_went_in(filters: list[dict[str, int]] | None) -> None:
    found = outcomes(packed(HELD, filters), "7z")
    assert sorted((name, result) for _, name, result in found) == sorted(HELD.items())


def test_a_member_can_be_read_late_and_again() -> None:
    found = steps(packed(HELD), "7z")
    for _ in range(2):
        for step in reversed(found):
            assert isinstance(step, Member)
            assert step.open().read() == HELD[step.name]


def test_a_resumed_reading_gives_the_rest_with_the_same_ordinals() -> None:
    whole = outcomes(shared("test-documents.7z"), "7z")
    assert len(whole) == 9
    assert outcomes(shared("test-documents.7z"), "7z", start_after=4) == whole[5:]


def test_a_member_skipped_or_half_read_does_not_shift_the_next() -> None:
    from kedang.accession.contents import BytesContent
    from kedang.accession.members import open_members

    opened = open_members(BytesContent(packed(HELD)), "7z", limits=Limits())
    first = next(opened)
    assert isinstance(first, Member)
    assert first.open().read(7) == HELD[first.name][:7]
    second = next(opened)
    assert isinstance(second, Member)
    assert second.open().read() == HELD[second.name]


def test_encrypted_members_and_encrypted_archives_have_their_codes() -> None:
    assert codes(outcomes(shared("test7Z_protected_passTika.7z"), "7z")) == [ENCRYPTED]
    assert codes(outcomes(shared("full_encrypted.7z"), "7z")) == [CONTAINER_ENCRYPTED]


def test_a_wrong_check_value_is_damage() -> None:
    assert codes(outcomes(shared("crc_corrupted.7z"), "7z")) == [DAMAGED] * 3


def test_members_before_broken_data_are_read() -> None:
    found = outcomes(shared("data_corrupted.7z"), "7z")
    assert [len(result) for _, _, result in found[:2]] == [111, 58]
    assert codes(found) == [DAMAGED]


def test_links_are_not_received() -> None:
    assert codes(outcomes(shared("symlink.7z"), "7z")) == [NOT_A_FILE] * 4


def test_an_empty_archive_gives_nothing() -> None:
    assert outcomes(shared("empty.7z"), "7z") == []


def test_a_dictionary_beyond_the_memory_allowed_is_refused() -> None:
    raw = packed({"a": b"x" * 1000}, [{"id": py7zr.FILTER_LZMA2, "dict_size": 1 << 28}])
    assert codes(outcomes(raw, "7z", limits=Limits(memory_bytes=1 << 24))) == [MEMORY]


def test_a_cut_archive_cannot_be_opened_because_its_directory_stands_last() -> None:
    raw = packed(HELD)
    for cut in (0, 10, 40, len(raw) // 2, len(raw) - 1):
        assert codes(outcomes(raw[:cut], "7z")) == [NOT_OPENED]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_flipped_bytes_never_give_more_than_codes(data: st.DataObject) -> None:
    raw = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    for _, _, result in outcomes(bytes(raw), "7z", limits=Limits(memory_bytes=1 << 26)):
        assert isinstance(result, bytes) or result.startswith("KD-A3")
