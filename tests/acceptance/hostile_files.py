"""Files that want to break out, fill the disk, eat memory, run for ever or lie about what they are."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache

from tests.acceptance.sources import payload, zipped

ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{ENTITIES}]><x>&a9;</x>'.encode()
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f; inside</x>'
DEEPEST = 42  # zips in zips, as in the bomb of that name


def with_parts(whole: bytes, **changed: bytes) -> bytes:
    """A zip document with some of its parts replaced; a name is given by its last step without extension."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as before, zipfile.ZipFile(target, "w", 8) as after:
        for info in before.infolist():
            step = info.filename.rpartition("/")[2].partition(".")[0]
            after.writestr(info.filename, changed.get(step, before.read(info)))
    return target.getvalue()


def deflated_zeros(megabytes: int, *, form: int) -> bytes:
    """So many megabytes of zeros, a thousand times smaller."""
    squeezer, block = zlib.compressobj(9, zlib.DEFLATED, form), bytes(1 << 20)
    return b"".join(squeezer.compress(block) for _ in range(megabytes)) + squeezer.flush()


@cache
def zip_bomb(megabytes: int) -> bytes:
    """A zip of one member that swells beyond every honest ratio, its size told truly."""
    data, size = deflated_zeros(megabytes, form=-15), megabytes << 20
    crc = 0
    for _ in range(megabytes):
        crc = zlib.crc32(bytes(1 << 20), crc)
    head = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(data), size, 5, 0)
    local = b"PK\x03\x04" + head + b"a.txt" + data
    directory = b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a.txt"
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), len(local), 0)
    return local + directory + b"PK\x05\x06" + end


def nested_zips(depth: int) -> bytes:
    """A zip in a zip in a zip, with a note in each."""
    inner = b"the bottom"
    for level in range(depth):
        inner = zipped([("in.zip", inner), ("note.txt", f"level {level}".encode())])
    return inner


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pixel_bomb(side: int) -> bytes:
    """A PNG of so many pixels each way, in one bit each; its data end early."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", deflated_zeros(32, form=15)) + chunk(b"IEND", b"")


def endless_pages() -> bytes:
    """A PDF whose page tree leads back to itself."""
    objects = (
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2000000000>>endobj\n"
    )
    return b"%PDF-1.4\n" + objects + b"trailer<</Root 1 0 R/Size 3>>\n%%EOF"


def climbing_tar() -> bytes:
    """A tar whose names lead out of every folder, with links and a device."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name in ("../../../../../../tmp/kedang-was-here", "/tmp/kedang-was-here-too", "a/../../b"):
            info = tarfile.TarInfo(name)
            info.size = 4
            archive.addfile(info, io.BytesIO(b"evil"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        device = tarfile.TarInfo("device")
        device.type, device.devmajor, device.devminor = tarfile.CHRTYPE, 1, 5
        archive.addfile(device)
    return target.getvalue()


def hostile() -> Iterator[tuple[str, bytes]]:
    """Every hostile file with its name."""
    docx, xlsx = payload("docx", number=501), payload("xlsx", number=502)
    yield "bomb.zip", zip_bomb(300)
    yield "bomb.gz", deflated_zeros(300, form=31)
    yield "deep.zip", nested_zips(DEEPEST)
    yield "pixels.png", pixel_bomb(100_000)
    yield "laughs.xml", LAUGHS
    yield "outside.xml", OUTSIDE
    yield "laughs.docx", with_parts(docx, document=LAUGHS)
    yield "laughs.xlsx", with_parts(xlsx, sheet1=LAUGHS, sharedStrings=LAUGHS)
    yield "outside.docx", with_parts(docx, document=OUTSIDE)
    yield "bomb.docx", with_parts(docx, document=b"<a>" + bytes(150_000_000) + b"</a>")
    yield "pages.pdf", endless_pages()
    yield "climbing.tar", climbing_tar()
    yield (
        "climbing.zip",
        zipped([("../../../../../../tmp/kedang-was-here", b"evil"), ("C:\\windows\\a", b"b")]),
    )
    yield "deep.json", b"[" * 500_000
    yield "deep.html", b"<div>" * 200_000
    yield "deep.xml", b"<a>" * 200_000
    yield "deep.rtf", b"{\\rtf1" + b"{" * 200_000
    yield "deep.eml", _nested_mail(3000)
    yield "digits.txt", b"1" * 2_000_000
    yield "ats.txt", b"a@" * 1_000_000
    yield "brackets.txt", "（".encode() * 500_000
    yield "names.txt", "王".encode() * 500_000
    yield "one-line.csv", b'"' + b"a," * 1_000_000
    yield "liar.pdf", docx
    yield "liar.docx", b"%PDF-1.4\n" + bytes(500)
    yield "zeros.bin", bytes(5_000_000)
    yield "cut.xlsx", xlsx[:-300]
    yield "cut.7z", b"7z\xbc\xaf\x27\x1c\x00\x04" + b"\xff" * 60
    yield "cut.rar", b"Rar!\x1a\x07\x01\x00" + b"\xff" * 60
    yield "formulas.csv", "姓名,备注\n=cmd|'/c calc'!A1,@SUM(1)\n".encode()


def _nested_mail(depth: int) -> bytes:
    lines = [b"From: a@example.com", b"Subject: deep", b"MIME-Version: 1.0"]
    for level in range(depth):
        lines += [b'Content-Type: multipart/mixed; boundary="b%d"' % level, b"", b"--b%d" % level]
    return b"\r\n".join(lines)
