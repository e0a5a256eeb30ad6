from __future__ import annotations

import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.accession.contents import BytesContent
from kedang.accession.ranges import CONTIGUOUS, SegmentRange, segment_ranges, whole_partition
from kedang.records.content import Content
from tests.accession.samples import LIMITS, mail, shared, tar_of, zip_of

FROM = b"From lin@example.com Mon Jun  1 10:00:00 2009\n"


def recognise(content: Content) -> str | None:
    head = content.head(6)
    if head.startswith(b"PK"):
        return "zip"
    return "mbox" if head.startswith(b"From ") else None


def cut(raw: bytes, ranges: tuple[SegmentRange, ...], path: tuple[int, ...]) -> bytes:
    """The container with every byte of a member, and of what is inside it, taken out."""
    gone = [one for one in ranges if one.path[: len(path)] == path]
    kept = bytearray(raw)
    for one in reversed(gone):
        del kept[one.offset : one.offset + one.length]
    return bytes(kept)


def checked(raw: bytes, fmt_name: str) -> tuple[SegmentRange, ...]:
    ranges = segment_ranges(BytesContent(raw), fmt_name, LIMITS, recognise=recognise)
    reach = 0
    for one in ranges:
        assert one.offset >= reach
        assert one.length > 0
        reach = one.offset + one.length
    assert reach <= len(raw)
    pieces = whole_partition(len(raw), ranges)
    assert b"".join(raw[one.offset : one.offset + one.length] for one in pieces) == raw
    return ranges


def marker(number: int) -> bytes:
    return b"<<member-%d-secret>>" % number


bodies = st.lists(st.binary(max_size=60), min_size=1, max_size=5)


def as_zip(members: dict[str, bytes]) -> bytes:
    return zip_of(members, method=zipfile.ZIP_STORED)


def as_mbox(members: dict[str, bytes]) -> bytes:
    return b"".join(FROM + mail(body.replace(b"From ", b"")) + b"\n\n" for body in members.values())


def as_mail(members: dict[str, bytes]) -> bytes:
    parts = (
        b'Content-Disposition: attachment; filename="%s"\r\nContent-Transfer-Encoding: binary\r\n\r\n%s'
        % (name.encode(), body.replace(b"--limit", b""))
        for name, body in members.items()
    )
    return mail(parts=tuple(parts))


@pytest.mark.parametrize(
    ("fmt_name", "build"), [("zip", as_zip), ("tar", tar_of), ("mbox", as_mbox), ("eml", as_mail)]
)
@settings(max_examples=40, deadline=None)
@given(bodies=bodies)
def test_cutting_a_member_takes_every_byte_of_it_and_none_of_another(fmt_name, build, bodies) -> None:  # type: ignore[no-untyped-def]
    members = {f"n{number}": marker(number) + body for number, body in enumerate(bodies)}
    raw = build(members)
    ranges = checked(raw, fmt_name)
    paths = sorted({one.path for one in ranges})
    assert len(paths) == len(bodies)
    for number, path in enumerate(paths):
        rest = cut(raw, ranges, path)
        assert marker(number) not in rest
        assert all(marker(other) in rest for other in range(len(bodies)) if other != number)


def test_mails_inside_mails_inside_a_mailbox_have_ranges_of_their_own() -> None:
    secret = b'Content-Disposition: attachment; filename="x"\r\n\r\ndeep-secret'
    innermost = mail(parts=(secret,), boundary=b"inner")
    outer = mail(parts=(b"Content-Type: message/rfc822\r\n\r\n" + innermost,))
    raw = FROM + mail(b"plain\r\n") + b"\n" + FROM + outer + b"\n"
    ranges = checked(raw, "mbox")
    assert {one.path for one in ranges} == {(0,), (1,), (1, 1), (1, 1, 1)}
    (deepest,) = [one for one in ranges if one.path == (1, 1, 1)]
    assert raw[deepest.offset : deepest.offset + deepest.length].endswith(b"deep-secret")
    assert b"deep-secret" not in cut(raw, ranges, (1, 1, 1))
    assert cut(raw, ranges, (1,)) == FROM + mail(b"plain\r\n") + b"\n"


def test_a_stored_zip_in_a_tar_is_cut_around_its_members() -> None:
    inner = as_zip({"a": b"inner-secret", "b": b"other"})
    raw = tar_of({"first": b"1", "archive.zip": inner})
    ranges = checked(raw, "tar")
    assert {one.path for one in ranges} == {(0,), (1,), (1, 0), (1, 1)}
    rest = cut(raw, ranges, (1, 0))
    assert b"inner-secret" not in rest
    assert b"other" in rest


def test_a_deflated_zip_inside_is_one_range() -> None:
    raw = zip_of({"inner.zip": as_zip({"a": b"x" * 500}) * 2})
    assert {one.path for one in checked(raw, "zip")} == {(0,)}


@pytest.mark.parametrize(
    ("name", "fmt_name"),
    [
        ("complex.mbox", "mbox"),
        ("test-documents.zip", "zip"),
        ("test-zip-of-zip.zip", "zip"),
        ("testZipEncrypted.zip", "zip"),
        ("attachment_message_rfc822.eml", "eml"),
        ("raw_email_with_nested_attachment.eml", "mbox"),
        ("testEMLX.emlx", "emlx"),
        ("unexpected EOF.zip", "zip"),
        ("absolute path C xt.zip", "zip"),
    ],
)
def test_real_containers_are_partitioned(name: str, fmt_name: str) -> None:
    checked(shared(name).octets, fmt_name)


def test_containers_that_are_packed_together_have_no_ranges() -> None:
    assert "7z" not in CONTIGUOUS
    assert segment_ranges(shared("test-documents.7z"), "7z", LIMITS) == ()
    assert segment_ranges(shared("test-documents.tgz"), "gzip", LIMITS) == ()


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_damaged_containers_are_still_partitioned(data: st.DataObject) -> None:
    raw = bytearray(as_zip({"a": b"alpha" * 9, "b": b"beta", "c": b""}))
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    checked(bytes(raw), "zip")
