"""Containers that lie about where their members are: their own bytes stay exactly what they were."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from tests.world import REAL_MIXED, World

MOST_BYTES = 200_000
KINDS = (".zip", ".tar", ".mbox", ".eml", ".emlx", ".mht", ".mhtml")
CENTRAL, LOCAL, END = b"PK\1\2", b"PK\3\4", b"PK\5\6"
FIELDS = {
    CENTRAL: (8, 10, 16, 20, 24, 28, 30, 32, 42),
    LOCAL: (6, 8, 14, 18, 22, 26, 28),
    END: (8, 10, 12, 16, 20),
}
ALWAYS = 40


def zipped() -> bytes:
    """A zip with stored members, a zip in it, and a mail in that."""
    outer, inner = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("来信.eml", "From: a@b.example\r\nSubject: x\r\n\r\n正文\r\n")
        archive.writestr("里面.txt", "里面的文字\n" * 20)
    with zipfile.ZipFile(outer, "w") as archive:
        for number in range(5):
            archive.writestr(f"文件{number}.txt", f"内容 {number}\n" * 40)
        archive.writestr("里面.zip", inner.getvalue())
    return outer.getvalue()


def seeds() -> list[tuple[str, bytes]]:
    """Real containers where there are some, and one of our own."""
    real = (
        sorted(path for path in REAL_MIXED.rglob("*") if path.suffix.lower() in KINDS)
        if REAL_MIXED.is_dir()
        else []
    )
    small = [path for path in real if path.stat().st_size <= MOST_BYTES]
    return [("own.zip", zipped())] * 4 + [(path.name, path.read_bytes()) for path in small]


def mutated(octets: bytes, random: Random) -> bytes:
    """The container after a few changes of the kind that liars and broken disks make."""
    changed = bytearray(octets)
    for _ in range(random.choice((1, 1, 2, 4, 8))):
        if not changed:
            break
        at = random.randrange(len(changed))
        match random.randrange(8):
            case 0:
                changed[at] = random.randrange(256)
            case 1:
                del changed[at : at + random.randrange(1, 200)]
            case 2:
                changed[at:at] = changed[at : at + random.randrange(1, 300)]
            case 3:
                del changed[at:]
            case 4:
                changed += changed[:at]
            case 5:
                changed[at:at] = random.choice(
                    (b"\nFrom x@y Mon Jan  1 00:00:00 2020\n", b"\n--", b"\r\n\r\n")
                )
            case 6:
                size = random.choice((b"77777777777\0", b"-0000000001\0", b"\x80" + bytes(7) + b"\xff" * 4))
                block = at // 512 * 512
                changed[block + 124 : block + 136] = size
            case _:
                _lie(changed, random)
    return bytes(changed)


def _lie(changed: bytearray, random: Random) -> None:
    """Another number in a header of a zip: an offset, a length, a method."""
    signature = random.choice((CENTRAL, LOCAL, END))
    places = [at for at in range(len(changed)) if changed[at : at + 4] == signature]
    if places:
        at = random.choice(places) + random.choice(FIELDS[signature])
        number = random.choice(
            (0, 1, 2**32 - 1, len(changed), len(changed) - 1, random.randrange(len(changed)))
        )
        if at + 4 <= len(changed):
            changed[at : at + 4] = struct.pack("<I", number)


def opened(world: World) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of every thing in the archive."""
    for record in world.catalogue():
        for path in record["occurrences"].split(" | "):
            yield path, record["sha256"]


@pytest.mark.parametrize("seed", [20261122, 7])
def test_what_lies_is_kept_byte_for_byte(seed: int, world: World, tmp_path: Path) -> None:
    random = Random(seed)
    source = tmp_path / "source"
    source.mkdir()
    kept = {}
    known = seeds()
    for number in range(ALWAYS + 3 * len(known) // 2):
        name, octets = random.choice(known)
        lying = mutated(octets, random)
        path = source / f"{number:04}-{name}"
        path.write_bytes(lying)
        os.utime(path, (1_700_000_000, 1_700_000_000))
        kept[path.name] = sha256(lying).hexdigest()
    said = world.intake(source)
    assert not said["open"]
    assert "KD-W101" not in said["questions"]
    assert said["received"] == said["kept"] + sum(said["refused"].values())
    found = dict(opened(world))
    assert {name: found.get(name) for name in kept} == kept
    assert world.ask("verify", "--deep")["clean"], "every original opens and is what was examined"


def test_large_members_with_one_ordinal_do_not_stand_in_each_others_way(world: World, tmp_path: Path) -> None:
    """More than eight megabytes each: they travel in sealed files of the work folder."""
    source = tmp_path / "source"
    source.mkdir()
    for number in range(3):
        with zipfile.ZipFile(source / f"{number}.zip", "w") as archive:
            archive.writestr("影像.bin", os.urandom(8 * 1024 * 1024 + 1 + number))
    said = world.intake(source)
    assert (said["received"], said["kept"], said["refused"]) == (6, 6, {})
    assert world.ask("verify", "--deep")["clean"]
