from __future__ import annotations

import io
import os
import zipfile
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.vault.blob import Binding, Role
from kedang.vault.errors import SegmentDestroyed
from kedang.vault.segments import Segment, open_range, open_segments
from kedang.vault.stream import RangedBytes, open_stream, seal_stream

from .seeded import CASE, an_id, seeded_bytes


def _in_memory(pieces: list[bytes]) -> list[Segment]:
    return [Segment(len(piece), partial(io.BytesIO, piece)) for piece in pieces]


@given(
    st.lists(st.binary(max_size=50), max_size=8),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=5),
)
@settings(max_examples=100, deadline=None)
def test_segments_read_as_the_whole(pieces: list[bytes], ranges: list[tuple[int, int]]) -> None:
    whole = b"".join(pieces)
    with open_segments(_in_memory(pieces)) as joined:
        assert joined.read() == whole
        for start, count in ranges:
            joined.seek(start)
            assert joined.read(count) == whole[start : start + count]
        assert joined.seek(0, os.SEEK_END) == len(whole)


def _archive(members: int) -> tuple[bytes, list[tuple[int, int]]]:
    """A zip and the range of each of its members, local header included."""
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as writing:
        for number in range(members):
            writing.writestr(f"{number}.txt", f"客户{number}的合同。" * 4000)
        starts = [entry.header_offset for entry in writing.infolist()]
        end = writing.start_dir
    return stored.getvalue(), list(zip(starts, [*starts[1:], end], strict=True))


def test_destroying_a_member_punches_exactly_its_hole_in_the_container() -> None:
    """Members are sealed under keys of their own; without one key every other byte is given back."""
    archive, ranges = _archive(4)
    cuts = [*ranges, (ranges[-1][1], len(archive))]
    random_bytes = seeded_bytes("segments")
    keys = [random_bytes(32) for _ in cuts]
    segments: list[Segment] = []
    for part, (start, end) in enumerate(cuts):
        sealed = bytearray()
        binding = Binding(CASE, an_id(f"member {part}"), Role.SEGMENT, part)
        source = open_range(io.BytesIO(archive), start, end - start)
        size = seal_stream(keys[part], source, sealed.extend, binding=binding, salt=random_bytes(32))
        assert size.content_bytes == end - start
        opening = partial(open_stream, keys[part], RangedBytes(bytes(sealed)), binding=binding)
        segments.append(Segment(end - start, opening))
    with open_segments(segments) as whole, zipfile.ZipFile(whole) as reading:
        assert reading.testzip() is None

    destroyed = segments.copy()
    destroyed[1] = Segment(segments[1].size_bytes, None)
    hole = slice(*ranges[1])
    with open_segments(destroyed) as rest:
        rest.seek(hole.stop)
        assert rest.read() == archive[hole.stop :]
        rest.seek(hole.start + 10)
        with pytest.raises(SegmentDestroyed) as caught:
            rest.read(1)
        assert caught.value.facts == {"offset": hole.start, "size_bytes": hole.stop - hole.start}
    with open_segments(destroyed, zeros_for_destroyed=True) as filled:
        expected = archive[: hole.start] + bytes(hole.stop - hole.start) + archive[hole.stop :]
        assert filled.read() == expected
        filled.seek(0)
        with zipfile.ZipFile(filled) as reading:
            assert reading.read("2.txt").decode() == "客户2的合同。" * 4000


def test_a_segment_shorter_than_said_is_an_error_and_not_silence() -> None:
    with (
        open_segments([Segment(10, partial(io.BytesIO, b"short"))]) as joined,
        pytest.raises(ValueError, match="shorter"),
    ):
        joined.read()


def test_segments_are_closed_when_the_next_is_read() -> None:
    opened: list[io.BytesIO] = []

    def opening() -> io.BytesIO:
        opened.append(io.BytesIO(b"12345"))
        return opened[-1]

    with open_segments([Segment(5, opening), Segment(5, opening)]) as joined:
        joined.read()
        assert [stream.closed for stream in opened] == [True, False]
    assert all(stream.closed for stream in opened)
