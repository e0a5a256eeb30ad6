"""Short recordings: tones in a WAV with tags."""

from __future__ import annotations

import math
import struct
from random import Random

RATE = 8000  # samples a second, as telephones record


def wav(title: str, artist: str, day: str, random: Random) -> bytes:
    """One to three seconds of tones; the tags say who called."""
    seconds, pitch = random.randrange(1, 4), random.randrange(300, 700)
    samples = bytearray()
    for place in range(seconds * RATE):
        value = math.sin(place * pitch * 2 * math.pi / RATE) * math.sin(place * 3 / RATE) * 9000
        samples += struct.pack("<h", int(value))
    tags = b"".join(
        _chunk(name, text.encode() + b"\0")
        for name, text in ((b"INAM", title), (b"IART", artist), (b"ICRD", day))
    )
    form = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16))
    body = b"WAVE" + form + _chunk(b"LIST", b"INFO" + tags) + _chunk(b"data", bytes(samples))
    return _chunk(b"RIFF", body)


def _chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + (b"\0" if len(payload) % 2 else b"")
