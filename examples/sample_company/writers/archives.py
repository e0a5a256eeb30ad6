"""Archives: zip with names in GBK or under a password, 7z, tar.gz, and rar that only stores."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import tempfile
import zlib
from datetime import UTC, date, datetime, time
from pathlib import Path

import py7zr

CRC_TABLE = [zlib.crc32(bytes([value])) ^ zlib.crc32(b"\0") for value in range(256)]
RAR5 = b"Rar!\x1a\x07\x01\x00"
UTF8_FLAG, ENCRYPTED_FLAG = 0x800, 0x1
Member = tuple[str, bytes]


def zipped(members: list[Member], day: date, *, charset: str = "utf-8", password: bytes = b"") -> bytes:
    """A zip whose names are in the charset, as Chinese Windows writes GBK without saying so."""
    body, directory = bytearray(), bytearray()
    moment = ((day.year - 1980) << 9) | (day.month << 5) | day.day
    for name, payload in members:
        raw = name.encode(charset)
        squeezer = zlib.compressobj(6, zlib.DEFLATED, -15)
        data = squeezer.compress(payload) + squeezer.flush()
        crc, flags = zlib.crc32(payload), UTF8_FLAG if charset == "utf-8" and not raw.isascii() else 0
        if password:
            data, flags = _zip_crypto(data, password, crc), flags | ENCRYPTED_FLAG
        head = struct.pack(
            "<HHHHHIIIHH", 20, flags, 8, 0x4BC0, moment, crc, len(data), len(payload), len(raw), 0
        )
        directory += (
            b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + raw
        )
        body += b"PK\x03\x04" + head + raw + data
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return bytes(body + directory) + b"PK\x05\x06" + end


def _zip_crypto(data: bytes, password: bytes, crc: int) -> bytes:
    """PKWARE's old encryption: weak, and what most password zips use."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(value: int) -> None:
        keys[0] = CRC_TABLE[(keys[0] ^ value) & 0xFF] ^ (keys[0] >> 8)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = CRC_TABLE[(keys[2] ^ (keys[1] >> 24)) & 0xFF] ^ (keys[2] >> 8)

    for value in password:
        update(value)
    target = bytearray()
    for value in bytes(11) + bytes([crc >> 24]) + data:
        pad = (keys[2] | 2) & 0xFFFF
        target.append(value ^ (((pad * (pad ^ 1)) >> 8) & 0xFF))
        update(value)
    return bytes(target)


def seven_zip(members: list[Member], day: date) -> bytes:
    """A 7z whose members bear the day."""
    stamp = datetime.combine(day, time(9, 30), UTC).timestamp()
    target = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, py7zr.SevenZipFile(target, "w") as archive:
        for number, (name, payload) in enumerate(members):
            path = Path(folder) / str(number)
            path.write_bytes(payload)
            path.chmod(0o644)
            os.utime(path, (stamp, stamp))
            archive.write(path, name)
    return target.getvalue()


def tarred(members: list[Member], day: date, *, compression: str = "gz") -> bytes:
    """A tar.gz (or a plain tar) whose members bear the day."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, payload in members:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(payload), int(datetime.combine(day, time(9, 30), UTC).timestamp())
            archive.addfile(entry, io.BytesIO(payload))
    return gzip.compress(target.getvalue(), mtime=0) if compression == "gz" else target.getvalue()


def stored_rar(members: list[Member], day: date) -> bytes:
    """A RAR 5 archive without compression: its frame is published, its compression is not free to write."""
    target = bytearray(RAR5 + _rar_block(_number(1) + _number(0) + _number(0)))
    moment = int(datetime.combine(day, time(9, 30), UTC).timestamp())
    for name, payload in members:
        raw = name.encode()
        head = (
            _number(2)
            + _number(2)
            + _number(len(payload))
            + _number(0x2 | 0x4)
            + _number(len(payload))
            + _number(0o100644)
        )
        head += (
            struct.pack("<II", moment, zlib.crc32(payload))
            + _number(0)
            + _number(1)
            + _number(len(raw))
            + raw
        )
        target += _rar_block(head) + payload
    return bytes(target + _rar_block(_number(5) + _number(0) + _number(0)))


def _rar_block(content: bytes) -> bytes:
    sized = _number(len(content)) + content
    return struct.pack("<I", zlib.crc32(sized)) + sized


def _number(value: int) -> bytes:
    """A whole number as RAR 5 writes it: seven bits a byte, the lowest first."""
    target = bytearray()
    while value > 0x7F:
        target.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*target, value])
