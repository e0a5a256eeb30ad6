"""Make the templates again: needs LibreOffice (`soffice`), which writing the sample does not.

Each field is a run of one private-use character, so that it can be found in the file's bytes and replaced by
text of the same length.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from examples.sample_company.paper import Paper
from examples.sample_company.writers.binary_office import SLIDE_FIELDS, SLIDES, WORD_FIELDS, field_char
from examples.sample_company.writers.compound import (
    FREE,
    MINI_LIMIT,
    MINI_SECTOR,
    SECTOR,
    STREAM,
    Storage,
    compound,
)
from examples.sample_company.writers.open_document import odp
from examples.sample_company.writers.word import docx

HERE = Path(__file__).parent


def word_source(widths: tuple[int, ...]) -> bytes:
    """A docx with a field for the title and one for each line."""
    fields = [field_char(number) * width for number, width in enumerate(widths)]
    return docx(Paper("template", fields[0], tuple(fields[1:]), "other", date(2021, 1, 4)))


def slide_source() -> bytes:
    """An odp with a field for each line of each slide."""
    fields = [field_char(number) * width for number, width in enumerate(list(SLIDE_FIELDS) * SLIDES)]
    return odp(Paper("template", fields[0], tuple(fields[1:]), "other", date(2021, 1, 4)))


def convert(source: bytes, extension: str, target: Path) -> None:
    """Have LibreOffice write the old format."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{target.stem}.{extension}"
        path.write_bytes(source)
        home = f"-env:UserInstallation=file://{folder}/home"
        command = [
            "soffice",
            home,
            "--headless",
            "--convert-to",
            target.suffix[1:],
            "--outdir",
            folder,
            str(path),
        ]
        subprocess.run(command, check=True, timeout=120)
        target.write_bytes(compound(Storage(dict(streams((Path(folder) / target.name).read_bytes())))))


def streams(payload: bytes) -> Iterator[tuple[str, bytes]]:
    """Each stream of a compound file but the summary, whose preview picture is twenty times the rest."""
    first_fat = struct.unpack("<109I", payload[76:512])
    fat = [
        value
        for place in first_fat
        if place < FREE
        for value in struct.unpack("<128I", _sector(payload, place))
    ]
    directory_start, mini_fat_start = (
        struct.unpack("<I", payload[48:52])[0],
        struct.unpack("<I", payload[60:64])[0],
    )
    directory = _follow(payload, fat, directory_start)
    mini_table = _follow(payload, fat, mini_fat_start)
    mini_fat = struct.unpack(f"<{len(mini_table) // 4}I", mini_table)
    mini = _follow(payload, fat, struct.unpack("<I", directory[116:120])[0])
    for offset in range(128, len(directory), 128):
        entry = directory[offset : offset + 128]
        length, kind = struct.unpack("<HB", entry[64:67])
        start, size = struct.unpack("<II", entry[116:124])
        name = entry[: max(0, length - 2)].decode("utf-16-le")
        if kind != STREAM or name == "\x05SummaryInformation":
            continue
        if size >= MINI_LIMIT:
            yield name, _follow(payload, fat, start)[:size]
        else:
            yield name, _follow_mini(mini, mini_fat, start)[:size]


def _sector(payload: bytes, number: int) -> bytes:
    return payload[(number + 1) * SECTOR : (number + 2) * SECTOR]


def _follow(payload: bytes, fat: list[int], number: int) -> bytes:
    found = b""
    while number < FREE - 3:
        found += _sector(payload, number)
        number = fat[number]
    return found


def _follow_mini(mini: bytes, fat: tuple[int, ...], number: int) -> bytes:
    found = b""
    while number < FREE - 3:
        found += mini[number * MINI_SECTOR : (number + 1) * MINI_SECTOR]
        number = fat[number]
    return found


def main() -> int:
    """Write every template."""
    for name, widths in WORD_FIELDS.items():
        convert(word_source(widths), "docx", HERE / f"{name}.doc")
    convert(slide_source(), "odp", HERE / "slides.ppt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
