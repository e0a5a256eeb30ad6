from __future__ import annotations

import gzip
import io
import tarfile

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.accession.members import NOT_A_FILE, TRUNCATED, UNSUPPORTED, Member
from tests.accession.samples import codes, outcomes, shared, steps, tar_of

HELD = {"a.txt": b"alpha" * 1000, "空/长" + "名" * 90 + ".txt": b"b" * 513, "c": b""}
EXPECTED = [(number, name, octets) for number, (name, octets) in enumerate(HELD.items())]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_plain_tars_give_members_in_place(form: int) -> None:
    raw = tar_of(HELD, form=form)
    assert outcomes(raw, "tar") == EXPECTED
    for step in steps(raw, "tar"):
        assert isinstance(step, Member)
        assert step.range is not None
        assert step.verbatim is not None
        assert step.range.offset <= step.verbatim.offset
        assert raw[step.verbatim.offset :].startswith(HELD[step.name])


@pytest.mark.parametrize(("mode", "fmt_name"), [("w:gz", "gzip"), ("w:bz2", "bzip2"), ("w:xz", "xz")])
def test_packed_tars_give_members_as_they_stream_by(mode: str, fmt_name: str) -> None:
    raw = tar_of(HELD, mode=mode)
    assert outcomes(raw, fmt_name) == EXPECTED
    assert outcomes(raw, fmt_name, start_after=0) == EXPECTED[1:]


def test_a_tar_packed_with_zstd_is_read() -> None:
    assert outcomes(zstd.compress(tar_of(HELD)), "zstd") == EXPECTED


def test_a_member_of_a_packed_tar_can_be_read_late_and_again() -> None:
    found = steps(tar_of(HELD, mode="w:gz"), "gzip")
    for _ in range(2):
        for step in reversed(found):
            assert isinstance(step, Member)
            assert step.open().read() == HELD[step.name]


def test_a_member_half_read_does_not_shift_the_next_one() -> None:
    raw = tar_of(HELD, mode="w:gz")
    opened = iter(steps_lazily(raw))
    first = next(opened)
    assert first.open().read(3) == b"alp"
    second = next(opened)
    assert second.open().read() == HELD[second.name]


def steps_lazily(raw: bytes):  # type: ignore[no-untyped-def]
    from kedang.accession.contents import BytesContent
    from kedang.accession.members import open_members
    from tests.accession.samples import LIMITS

    return open_members(BytesContent(raw), "gzip", limits=LIMITS)


def special_tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, kind in (
            ("sym", tarfile.SYMTYPE),
            ("hard", tarfile.LNKTYPE),
            ("dev", tarfile.BLKTYPE),
            ("fifo", tarfile.FIFOTYPE),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        plain = tarfile.TarInfo("../../outside")
        plain.size = 2
        archive.addfile(plain, io.BytesIO(b"ok"))
    return held.getvalue()


def test_links_and_devices_are_not_received_and_folders_are_no_members() -> None:
    assert outcomes(special_tar(), "tar") == [
        (0, "sym", NOT_A_FILE),
        (1, "hard", NOT_A_FILE),
        (2, "dev", NOT_A_FILE),
        (3, "fifo", NOT_A_FILE),
        (5, "../../outside", b"ok"),
    ]


def test_a_sparse_member_is_unsupported_and_the_next_is_read() -> None:
    raw = bytearray(tar_of({"sparse": b"x" * 700, "after": b"ok"}, form=tarfile.GNU_FORMAT))
    raw[156:157] = tarfile.GNUTYPE_SPARSE
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    assert [result for _, _, result in outcomes(bytes(raw), "tar")] == [UNSUPPORTED, b"ok"]


@pytest.mark.parametrize("fmt_name", ["tar", "gzip"])
@pytest.mark.parametrize("cut", [700, 2000, 5800])
def test_a_cut_tar_gives_what_came_before_and_one_damage(cut: int, fmt_name: str) -> None:
    raw = tar_of({"a": b"a" * 500, "b": b"b" * 600, "c": b"c" * 3000}, form=tarfile.GNU_FORMAT)[:cut]
    found = outcomes(gzip.compress(raw) if fmt_name == "gzip" else raw, fmt_name)
    before = {700: 0, 2000: 1, 5800: 2}[cut]
    assert [len(result) for _, _, result in found[:before]] == [500, 600][:before]
    assert codes(found)[-1] == TRUNCATED


def test_a_cut_gzip_around_a_tar_gives_what_came_before() -> None:
    raw = shared("test-documents.tgz").octets
    found = outcomes(raw[: len(raw) // 2], "gzip")
    assert len(found) > 3
    assert codes(found)[-1] == TRUNCATED


def test_a_negative_size_ends_the_archive_instead_of_going_back() -> None:
    raw = bytearray(tar_of({"a": b"x", "b": b"y"}, form=tarfile.GNU_FORMAT))
    raw[124:136] = b"\xff" * 12  # base-256, minus one
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    assert codes(outcomes(bytes(raw), "tar")) == [TRUNCATED]


def test_an_endless_name_is_no_name() -> None:
    held = io.BytesIO()
    entry = tarfile.TarInfo("././@LongLink")
    entry.type, entry.size = b"L", 1 << 40
    held.write(entry.tobuf(tarfile.GNU_FORMAT))
    assert codes(outcomes(held.getvalue() + b"a" * 2048, "tar")) == [TRUNCATED]


def test_an_empty_tar_gives_nothing() -> None:
    assert outcomes(tar_of({}), "tar") == []


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_flipped_bytes_never_give_more_than_codes(data: st.DataObject) -> None:
    raw = bytearray(tar_of({"a" * 120: b"alpha" * 30, "b": b"beta"}))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    for _, _, result in outcomes(bytes(raw), "tar"):
        assert isinstance(result, bytes) or result.startswith("KD-A3")
