from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kedang.accession.contents import BytesContent, JoinedContent
from kedang.accession.volumes import MOST_VOLUMES, further_volumes, is_further_volume
from tests.accession.samples import outcomes, pieces_of, shared


@pytest.mark.parametrize(
    ("first", "following"),
    [
        (b"a.part1.rar", [b"a.part2.rar", b"a.part3.rar"]),
        (b"a.part001.RAR", [b"a.part002.RAR", b"a.part003.RAR"]),
        (b"a.rar", [b"a.r00", b"a.r01"]),
        (b"a.RAR", [b"a.R00", b"a.R01"]),
        (b"\xff.7z.001", [b"\xff.7z.002", b"\xff.7z.003"]),
        (b"a.part2.rar", []),
        (b"a.zip", []),
        (b"a.001", []),
    ],
)
def test_the_names_of_further_volumes_follow_the_first(first: bytes, following: list[bytes]) -> None:
    assert list(islice(further_volumes(first), 2)) == following
    assert all(is_further_volume(name) for name in following)


def test_names_of_volumes_come_to_an_end() -> None:
    assert len(list(further_volumes(b"a.part1.rar"))) == MOST_VOLUMES - 2
    old = list(further_volumes(b"a.rar"))
    assert old[99:101] == [b"a.r99", b"a.s00"]
    assert len(old) == 900


@pytest.mark.parametrize("name", [b"a.rar", b"a.part1.rar", b"a.7z.001", b"a.txt", b"", b"r00"])
def test_first_volumes_and_other_files_are_no_further_volumes(name: bytes) -> None:
    assert not is_further_volume(name)


@pytest.mark.parametrize(("name", "fmt_name"), [("test-documents.7z", "7z"), ("test-documents.zip", "zip")])
def test_a_file_cut_into_pieces_is_read_as_one(name: str, fmt_name: str) -> None:
    whole = shared(name)
    first, *rest = (BytesContent(piece) for piece in pieces_of(whole.octets, 10_000))
    assert outcomes(first, fmt_name, volumes=tuple(rest)) == outcomes(whole, fmt_name)


@given(st.lists(st.binary(max_size=20), max_size=6), st.integers(0, 130), st.integers(0, 130))
def test_joined_contents_read_like_their_bytes_together(parts: list[bytes], start: int, count: int) -> None:
    whole = b"".join(parts)
    joined = JoinedContent(tuple(BytesContent(part) for part in parts))
    assert joined.size_bytes == len(whole)
    assert joined.head(count) == whole[:count]
    with joined.open() as stream:
        stream.seek(start)
        assert stream.read(count) == whole[start : start + count]
        stream.seek(0)
        assert stream.read() == whole
