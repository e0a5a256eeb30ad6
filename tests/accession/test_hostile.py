"""Inputs made to cost the square of their length, or more. Each must end in well under its time limit."""

from __future__ import annotations

import gzip
import tarfile
from collections.abc import Callable

import pytest

from tests.accession.samples import mail, outcomes, zip_of

pytestmark = pytest.mark.timeout(20)


def folded_header() -> bytes:
    return b"Content-Type: text/plain;\r\n" + b" x\r\n" * 250_000 + b"\r\nbody"


def open_quotes() -> bytes:
    return b"Content-Type: multipart/mixed" + b';a="\\"' * 150_000 + b"\r\n\r\nbody"


def encoded_words() -> bytes:
    name = b"=?utf-8?B?" * 90_000
    return mail(parts=(b'Content-Disposition: attachment; filename="' + name + b'"\r\n\r\nx',))


def padded_base64() -> bytes:
    head = b'Content-Disposition: attachment; filename="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return mail(parts=(head + b"QQ==" * 1_000_000,))


def many_marks() -> bytes:
    return mail(body=b"--limitless\r\n--\r\n" * 500_000, parts=(b"\r\nx",))


def tiny_pax_records() -> bytes:
    entry = tarfile.TarInfo("a")
    header = tarfile.TarInfo("pax")
    records = b"5 a=\n" * 200_000
    header.type, header.size = b"x", len(records)
    return header.tobuf(tarfile.USTAR_FORMAT) + records.ljust(1_000_448, b"\0") + entry.tobuf() + b"\0" * 1024


def tiny_gzip_members() -> bytes:
    return gzip.compress(b"") * 200_000


def wide_extra_fields() -> bytes:
    raw = zip_of({str(number): b"" for number in range(300)})
    extra = b"\x99\x99\x00\x00" * 16_000
    at = raw.index(b"PK\x01\x02")
    directory = b""
    for entry in raw[at : raw.index(b"PK\x05\x06")].split(b"PK\x01\x02")[1:]:
        directory += b"PK\x01\x02" + entry[:26] + len(extra).to_bytes(2, "little") + entry[28:] + extra
    end = bytearray(raw[raw.index(b"PK\x05\x06") :])
    end[12:16] = len(directory).to_bytes(4, "little")
    return raw[:at] + directory + bytes(end)


def from_lines() -> bytes:
    return b"From a\n\n" + (b"\nFrom " + b"1:1" * 20_000 + b"\n") * 100


def false_ends() -> bytes:
    return b"PK\x05\x06" * 20_000


CASES: list[tuple[str, Callable[[], bytes]]] = [
    ("eml", folded_header),
    ("eml", open_quotes),
    ("eml", encoded_words),
    ("eml", padded_base64),
    ("eml", many_marks),
    ("tar", tiny_pax_records),
    ("gzip", tiny_gzip_members),
    ("zip", wide_extra_fields),
    ("zip", false_ends),
    ("mbox", from_lines),
]


@pytest.mark.parametrize(("fmt_name", "build"), CASES, ids=[build.__name__ for _, build in CASES])
def test_the_time_grows_with_the_length_only(fmt_name: str, build: Callable[[], bytes]) -> None:
    for _, _, result in outcomes(build(), fmt_name):
        assert isinstance(result, bytes) or result.startswith("KD-A3")
