"""Where key sheets and unattended secrets lie: outside the home, so that a copy of the home opens nothing.

<keys>/<case id>.keysheet              the sheet, in every registered place
<keys>/<case id>.head                  the ledger's last signed head
<keys>-unattended/<case id>.secret     the unattended secret, apart from the sheet
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kedang.holdings.errors import KeySheetMissing, KeysInsideHome
from kedang.records.ids import CaseId

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True, slots=True)
class KeyPlaces:
    """The registered places of the sheet that this computer reaches, and that of the secret."""

    sheets: tuple[Path, ...]
    secrets: Path

    def require_outside(self, home: Path) -> None:
        """Nothing when no place lies in the home.

        Raises:
            KeysInsideHome: a copy of the home would carry its keys.
        """
        for place in (*self.sheets, self.secrets):
            if place.resolve().is_relative_to(home.resolve()):
                raise KeysInsideHome()

    def write_sheet(self, case: CaseId, sheet: bytes) -> None:
        """Put the sheet into every place, durable and read back."""
        for place in self.sheets:
            _write_private(place / f"{case}.keysheet", sheet)

    def read_sheets(self, case: CaseId) -> list[bytes]:
        """The sheet as each reachable place has it.

        Raises:
            KeySheetMissing: no place has one.
        """
        found = [place / f"{case}.keysheet" for place in self.sheets]
        sheets = [path.read_bytes() for path in found if path.is_file()]
        if not sheets:
            raise KeySheetMissing(places=len(self.sheets))
        return sheets

    def write_secret(self, case: CaseId, secret: bytes) -> None:
        """Keep the unattended secret."""
        _write_private(self.secrets / f"{case}.secret", secret.hex().encode())

    def read_secret(self, case: CaseId) -> bytes | None:
        """The unattended secret; None when it is not kept on this computer."""
        path = self.secrets / f"{case}.secret"
        return bytes.fromhex(path.read_text().strip()) if path.is_file() else None

    def write_head(self, case: CaseId, note: str) -> None:
        """Keep the last signed head of the ledger beside every sheet."""
        for place in self.sheets:
            _write_private(place / f"{case}.head", note.encode())

    def read_heads(self, case: CaseId) -> list[str]:
        """The last signed head as each place has it."""
        found = [place / f"{case}.head" for place in self.sheets]
        return [path.read_text(encoding="utf-8") for path in found if path.is_file()]


def _write_private(path: Path, octets: bytes) -> None:
    _make_folder(path.parent)
    part = path.with_suffix(path.suffix + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(octets)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    _sync(path.parent)


def _make_folder(folder: Path) -> None:
    """The folder, on the disk with everything above it that was not there."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
