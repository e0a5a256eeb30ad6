from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from kedang.accession.containers.codecs import Inflater, deflate, unpacked
from kedang.accession.contents import BytesContent
from kedang.accession.errors import ContainerTruncated
from kedang.accession.limits import Limits
from kedang.accession.members import (
    DAMAGED,
    MEMORY,
    RATIO,
    TOO_LARGE,
    TRUNCATED,
    Damage,
    Member,
    open_members,
)
from tests.accession.samples import LIMITS, EndlessContent, codes, outcomes, pieces_of, shared, steps

PACKERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("bzip2", bz2.compress),
    ("xz", lzma.compress),
    ("zstd", zstd.compress),
    ("lzma", lambda octets: lzma.compress(octets, lzma.FORMAT_ALONE)),
]
TEXT = bytes(range(256)) * 5000


@pytest.mark.parametrize(("fmt_name", "pack"), PACKERS)
def test_a_packed_file_is_one_member(fmt_name: str, pack: Callable[[bytes], bytes]) -> None:
    assert outcomes(pack(TEXT), fmt_name) == [(0, "", TEXT)]


@pytest.mark.parametrize(("fmt_name", "pack"), PACKERS)
def test_a_cut_file_gives_its_beginning_and_then_the_code(
    fmt_name: str, pack: Callable[[bytes], bytes]
) -> None:
    # Text that packs badly, so that much of it can be had from two thirds.
    octets = b"".join(zlib.crc32(b"%d" % n).to_bytes(4, "big") for n in range(100_000))
    packed = pack(octets)
    (step,) = steps(packed[: len(packed) * 2 // 3], fmt_name)
    if fmt_name == "bzip2":  # gives nothing before its block of 900 kB is whole
        assert isinstance(step, Damage)
        assert step.code == TRUNCATED
        return
    assert isinstance(step, Member)
    given: list[bytes] = []
    with pytest.raises(ContainerTruncated):
        given.extend(step.chunks())
    assert octets.startswith(b"".join(given))
    assert sum(map(len, given)) > 100_000


def test_several_streams_and_padding_are_one_file() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 700
    assert outcomes(packed, "gzip") == [(0, "", b"one two")]


def test_what_follows_a_stream_and_is_none_is_damage() -> None:
    assert codes(outcomes(gzip.compress(b"one") + b"something else", "gzip")) == [DAMAGED]


def test_a_wrong_check_value_is_damage() -> None:
    packed = bytearray(gzip.compress(b"x" * 1000))
    packed[-8] ^= 1
    assert codes(outcomes(bytes(packed), "gzip")) == [DAMAGED]


def test_name_and_time_come_from_the_header_else_from_the_container() -> None:
    header = b"\x1f\x8b\x08\x08" + (1_700_000_000).to_bytes(4, "little") + b"\0\x03"
    header += "客户.csv".encode("gbk") + b"\0"
    body = zlib.compressobj(wbits=-15)
    packed = body.compress(b"x") + body.flush()
    tail = zlib.crc32(b"x").to_bytes(4, "little") + (1).to_bytes(4, "little")
    (step,) = steps(header + packed + tail, "gzip")
    assert (step.name, step.modified) == ("客户.csv", datetime.fromtimestamp(1_700_000_000, UTC))
    (unnamed,) = open_members(BytesContent(bz2.compress(b"x")), "bzip2", limits=LIMITS, name="dump.sql.bz2")
    assert unnamed.name == "dump.sql"


def test_a_gzip_that_unpacks_to_itself_is_one_member_each_time() -> None:
    content = shared("quine.gz")
    assert outcomes(content, "gzip")[0][2] == content.octets


def test_an_endless_gzip_is_stopped_by_the_ratio() -> None:
    packed = gzip.compress(b"\0" * 1_000_000)
    endless = EndlessContent(packed, 1_000_000)  # a terabyte out of a gigabyte
    limits = Limits(ratio_floor_bytes=4_000_000, member_ratio=0)
    assert codes(outcomes(endless, "gzip", limits=limits)) == [RATIO]


def test_a_member_is_stopped_at_its_limit_of_bytes() -> None:
    limits = Limits(member_bytes=100_000)
    assert codes(outcomes(gzip.compress(TEXT), "gzip", limits=limits)) == [TOO_LARGE]


def test_memory_is_bounded_while_a_bomb_unpacks() -> None:
    packed = gzip.compress(b"\0" * 50_000_000, 9)
    (step,) = steps(packed, "gzip")
    assert isinstance(step, Member)
    assert max(len(chunk) for chunk in step.chunks()) <= 256 * 1024


def test_an_xz_that_asks_for_too_much_memory_is_refused() -> None:
    packed = lzma.compress(b"x" * 1000, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 26}])
    assert codes(outcomes(packed, "xz", limits=Limits(memory_bytes=1 << 20))) == [MEMORY]


@pytest.mark.parametrize(("fmt_name", "pack"), PACKERS)
def test_an_empty_file_inside_is_received(fmt_name: str, pack: Callable[[bytes], bytes]) -> None:
    assert outcomes(pack(b""), fmt_name) == [(0, "", b"")]


def test_nothing_at_all_is_damage() -> None:
    assert codes(outcomes(b"", "gzip")) == [TRUNCATED]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=3000), st.integers(1, 700), st.booleans())
def test_unpacking_does_not_depend_on_how_the_bytes_arrive(octets: bytes, size: int, raw: bool) -> None:
    if raw:
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(octets) + packer.flush()
        assert b"".join(unpacked(pieces_of(packed, size), deflate, many=False)) == octets
    else:
        packed = gzip.compress(octets) + gzip.compress(octets)
        out = unpacked(pieces_of(packed, size), lambda: Inflater(31), many=True)
        assert b"".join(out) == octets * 2
