from __future__ import annotations

import io
import struct
import zipfile
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.accession.contents import BytesContent
from kedang.accession.limits import Limits
from kedang.accession.members import (
    DAMAGED,
    ENCRYPTED,
    MEMORY,
    NOT_A_FILE,
    OVERLAPPING,
    TRUNCATED,
    UNSUPPORTED,
    VOLUMES_MISSING,
    Damage,
    Member,
)
from tests.accession.samples import codes, outcomes, shared, steps, zip_of

METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("method", METHODS)
def test_members_come_back_as_they_went_in(method: int) -> None:
    held = {"a.txt": b"a" * 300_000, "空.txt": b"", "folder/b": bytes(range(256))}
    found = outcomes(zip_of(held, method=method), "zip")
    assert found == [(number, name, octets) for number, (name, octets) in enumerate(held.items())]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=8), st.binary(max_size=200)),
        max_size=6,
        unique_by=lambda pair: pair[0].replace("\\", "_").replace("/", "_"),
    )
)
def test_any_zip_gives_its_members_in_place(members: list[tuple[str, bytes]]) -> None:
    members = [(name.replace("/", "_").replace("\\", "_"), octets) for name, octets in members]
    members = [(name, octets) for name, octets in members if name.isprintable()]
    raw = zip_of(members, method=zipfile.ZIP_STORED) if members else zip_of({})
    for step, (name, octets) in zip(steps(raw, "zip"), members, strict=True):
        assert isinstance(step, Member)
        assert step.name == name
        assert step.verbatim is not None
        assert raw[step.verbatim.offset : step.verbatim.offset + step.verbatim.length] == octets


def test_duplicate_names_are_two_members() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        raw = zip_of([("same", b"1"), ("same", b"2")])
    assert outcomes(raw, "zip") == [(0, "same", b"1"), (1, "same", b"2")]


def test_an_empty_zip_gives_nothing() -> None:
    assert steps(zip_of({}), "zip") == []


def test_names_are_data_whatever_they_hold() -> None:
    names = ["../../etc/passwd", "/absolute", "C:\\drive", "a" * 4096, "..\\..\\x"]
    found = steps(zip_of(dict.fromkeys(names, b"x")), "zip")
    assert [step.raw_name.decode() for step in found] == names


def test_a_name_with_a_zero_byte_is_shown_by_its_picture() -> None:
    raw = zip_of({"aXb": b"x"}).replace(b"aXb", b"a\0b")
    (step,) = steps(raw, "zip")
    assert (step.raw_name, step.name) == (b"a\0b", "a␀b")


def test_names_follow_the_flag_then_the_unicode_field_then_the_bytes() -> None:
    assert [step.name for step in steps(shared("gbk.zip"), "zip")] == [
        "审计压缩包文件检索测试/集团邮件审计系统2021年自动巡检需求文档_V4.0.doc"
    ]
    assert [step.name for step in steps(shared("unicode-path-extra-field.zip"), "zip")] == ["七个房间.txt"]


def test_times_without_a_zone_stay_without_one() -> None:
    (step,) = steps(zip_of({"a": b""}), "zip")
    assert step.modified == datetime(2024, 5, 6, 7, 8, 10)  # noqa: DTZ001


def test_a_wrong_check_value_is_damage_after_all_bytes_were_given() -> None:
    raw = zip_of({"a": b"hello", "b": b"there"}, method=zipfile.ZIP_STORED).replace(b"hello", b"hallo")
    assert outcomes(raw, "zip") == [(0, "a", DAMAGED), (1, "b", b"there")]
    step = steps(raw, "zip")[0]
    assert isinstance(step, Member)
    assert next(step.chunks()) == b"hallo"


def test_a_zip_behind_a_program_is_read_at_its_shifted_places() -> None:
    raw = b"MZ" + b"\x90" * 5000 + zip_of({"a": b"inside"})
    (step,) = steps(raw, "zip")
    assert isinstance(step, Member)
    assert step.range is not None
    assert raw[step.range.offset : step.range.offset + 4] == b"PK\x03\x04"
    assert step.open().read() == b"inside"


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_cut_zip_gives_the_members_before_the_cut_and_one_damage(cut: float) -> None:
    held = {f"{number}": bytes([number]) * 1000 for number in range(20)}
    raw = zip_of(held, method=zipfile.ZIP_STORED)
    found = outcomes(raw[: int(len(raw) * cut)], "zip")
    assert codes(found) == [TRUNCATED]
    assert len(found) > 3
    assert all(result == held[name] for _, name, result in found[:-1])


def test_a_cut_zip_written_as_a_stream_is_read_by_unpacking() -> None:
    held = io.BytesIO()

    class Unseekable(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, octets: bytes) -> int:  # type: ignore[override]
            return held.write(octets)

    with zipfile.ZipFile(Unseekable(), "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}", bytes([65 + number]) * 5000)
    whole = held.getvalue()
    assert codes(outcomes(whole, "zip")) == []
    found = outcomes(whole[: whole.index(b"PK\x01\x02")], "zip")
    assert codes(found) == [TRUNCATED]
    assert [result for _, _, result in found[:-1]] == [bytes([65 + number]) * 5000 for number in range(5)]


def test_a_broken_directory_ends_with_one_damage() -> None:
    raw = bytearray(zip_of({f"{number}": b"x" for number in range(6)}))
    places = [at for at in range(len(raw)) if raw[at : at + 4] == b"PK\x01\x02"]
    raw[places[3] : places[3] + 4] = b"XXXX"
    assert [result for _, _, result in outcomes(bytes(raw), "zip")] == [b"x", b"x", b"x", TRUNCATED]


def test_encrypted_members_are_damage_and_plain_ones_are_read() -> None:
    assert outcomes(shared("testZipEncrypted.zip"), "zip") == [
        (0, "unencrypted.txt", b"hello world\r\n"),
        (1, "encrypted.txt", ENCRYPTED),
    ]


def test_links_in_a_zip_are_not_received() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert outcomes(held.getvalue(), "zip") == [(0, "link", NOT_A_FILE)]


def test_an_unknown_method_is_unsupported() -> None:
    assert outcomes(shared("unsupported compression method 1.zip"), "zip")[1] == (1, "b.txt", UNSUPPORTED)


def test_one_of_several_disks_is_read_as_far_as_it_goes() -> None:
    name = "multi-disk zip files are not supported found disk number 1.zip"
    assert codes(outcomes(shared(name), "zip")) == [VOLUMES_MISSING]


def test_a_member_longer_than_promised_is_damage() -> None:
    name = "too many bytes in the stream expected 82496 got at least 98304.zip"
    assert codes(outcomes(shared(name), "zip")) == [DAMAGED]


def test_an_lzma_member_that_asks_for_too_much_memory_is_refused() -> None:
    raw = zip_of({"a": b"x" * 100}, method=zipfile.ZIP_LZMA)
    at = raw.index(b"\x09\x04\x05\x00") + 4  # version, length of properties
    raw = raw[: at + 1] + struct.pack("<I", 0xF0000000) + raw[at + 5 :]
    assert codes(outcomes(raw, "zip")) == [MEMORY]


def overlapping_zip(names: int) -> bytes:
    """Many directory entries that name the same local member: petabytes without nesting."""
    raw = zip_of({"kernel": b"\0" * 100_000})
    at = raw.index(b"PK\x01\x02")
    end = raw.index(b"PK\x05\x06")
    entry = raw[at:end]
    directory = entry * names
    tail = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, names, names, len(directory), at, 0)
    return raw[:at] + directory + tail


def test_members_that_share_bytes_are_refused() -> None:
    found = outcomes(overlapping_zip(200), "zip")
    assert codes(found) == [OVERLAPPING] * 200


def test_a_quoted_overlap_is_refused_without_unpacking() -> None:
    """Local headers inside the data of the one before, as in the best-known bomb of this kind."""
    inner = zip_of({"inner": b"A" * 50}, method=zipfile.ZIP_STORED)
    local = inner[: inner.index(b"PK\x01\x02")]
    raw = zip_of({"outer": b"junk" + local, "x": b"1"}, method=zipfile.ZIP_STORED)
    at = raw.index(b"PK\x01\x02")
    entry_x = raw.index(b"PK\x01\x02", at + 4)
    # The second entry now names the local header that lies inside the first one's data.
    offset = raw.index(b"PK\x03\x04", 4)
    patched = raw[: entry_x + 42] + struct.pack("<L", offset) + raw[entry_x + 46 :]
    assert codes(outcomes(patched, "zip")) == [OVERLAPPING, OVERLAPPING]


def test_zip64_sizes_and_offsets_are_followed() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive, archive.open("big", "w", force_zip64=True) as writer:
        writer.write(b"zip64" * 10)
    assert outcomes(held.getvalue(), "zip") == [(0, "big", b"zip64" * 10)]


def test_a_resumed_reading_gives_the_rest_with_the_same_ordinals() -> None:
    raw = zip_of({f"{number}": b"%d" % number for number in range(9)})
    assert outcomes(raw, "zip", start_after=5) == outcomes(raw, "zip")[6:]


def test_every_cut_of_a_zip_ends_without_an_exception() -> None:
    raw = zip_of({"a": b"alpha" * 30, "b": b"beta"})
    for length in range(len(raw)):
        found = outcomes(raw[:length], "zip")
        assert len(codes(found)) >= (1 if length else 0)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_flipped_bytes_never_give_more_than_codes(data: st.DataObject) -> None:
    raw = bytearray(zip_of({"a": b"alpha" * 30, "b": b"beta", "c/": b""}))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    limits = Limits(member_bytes=10_000)
    for _, _, result in outcomes(BytesContent(bytes(raw)), "zip", limits=limits):
        assert isinstance(result, bytes) or result.startswith("KD-A3")


def test_damage_keeps_name_and_place_for_the_occurrence() -> None:
    (step,) = steps(shared("traditional-encryption.zip"), "zip")
    assert isinstance(step, Damage)
    assert (step.raw_name, step.size_bytes) == (b"a.txt", 6)
    assert step.range is not None
