"""Where key sheets and unattended secrets lie: outside the home, so that a copy of the home opens nothing.

<keys>/<case id>.keysheet              the sheet, in every registered place
<keys>/<case id>.head                  the ledger's last signed head
<keys>/<case id>.place                 the mark of a registered place: its id
<keys>-unattended/<case id>.secret     the unattended secret, apart from the sheet; while it is replaced, both

A place is there when it holds the sheet or the mark: an empty mount point is never taken for the stick.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from kedang.holdings.errors import KeySheetMissing, KeysInsideHome, SecretBesideSheet
from kedang.records.ids import CaseId

KINDS = (".keysheet", ".head", ".secret", ".place")
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place that is there now."""

    path: Path
    place: str
    """Id of the registered place by its mark; empty when it has none."""
    sheet: bytes | None


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

    def require_apart(self) -> None:
        """Nothing when the secret lies apart from every sheet, so that one theft does not take both.

        Raises:
            SecretBesideSheet: one of the two places is, or lies in, the other.
        """
        secrets = self.secrets.resolve()
        for place in self.sheets:
            sheet = place.resolve()
            if secrets.is_relative_to(sheet) or sheet.is_relative_to(secrets):
                raise SecretBesideSheet()

    def everything(self) -> list[Path]:
        """The places that are there and what kedang has put into them: no survey takes these in.

        The files too: a place may itself be what is surveyed, or its files be linked to from elsewhere.
        """
        folders = [place for place in (*self.sheets, self.secrets) if place.is_dir()]
        return folders + [path for folder in folders for kind in KINDS for path in folder.glob(f"*{kind}*")]

    def write_sheet(self, case: CaseId, sheet: bytes) -> None:
        """Put the sheet into every place, durable and read back."""
        for place in self.sheets:
            _write_private(place / f"{case}.keysheet", sheet)

    def renew_sheet(self, case: CaseId, sheet: bytes) -> tuple[Path, ...]:
        """Put a newer sheet into every place that is there, durable and read back; those it did not reach.

        Raises:
            KeySheetMissing: it reached none.
        """
        there = [found.path for found in self.found(case)]
        reached = [place for place in there if _holds(place / f"{case}.keysheet", sheet)]
        if not reached:
            raise KeySheetMissing(places=len(self.sheets))
        return tuple(place for place in self.sheets if place not in reached)

    def read_sheets(self, case: CaseId) -> list[bytes]:
        """The sheet as each reachable place has it.

        Raises:
            KeySheetMissing: no place has one.
        """
        sheets = [found.sheet for found in self.found(case) if found.sheet is not None]
        if not sheets:
            raise KeySheetMissing(places=len(self.sheets))
        return sheets

    def cases(self) -> list[CaseId]:
        """The cases that a sheet lies here of."""
        found = {path.stem for place in self.sheets for path in place.glob("*.keysheet")}
        return [CaseId(one) for one in sorted(found)]

    def found(self, case: CaseId) -> list[FoundPlace]:
        """The places that are there."""
        found = [
            FoundPlace(
                place,
                (_read(place / f"{case}.place") or b"").decode("ascii", errors="replace"),
                _read(place / f"{case}.keysheet"),
            )
            for place in self.sheets
        ]
        return [one for one in found if one.place or one.sheet is not None]

    def with_also(self, paths: Iterable[Path]) -> KeyPlaces:
        """These places and others, each once."""
        known = {place.resolve() for place in self.sheets}
        more = [path for path in paths if path.resolve() not in known]
        return replace(self, sheets=(*self.sheets, *more))

    def mark_place(self, path: Path, case: CaseId, place: str) -> None:
        """Leave the mark of a registered place."""
        _write_private(path / f"{case}.place", place.encode())

    def clear_place(self, path: Path, case: CaseId) -> None:
        """Take sheet, head and mark away, the sheet first."""
        for kind in (".keysheet", ".head", ".place"):
            (path / f"{case}{kind}").unlink(missing_ok=True)
            (path / f"{case}{kind}.part").unlink(missing_ok=True)
        _sync(path)

    def write_secrets(self, case: CaseId, secrets: Iterable[bytes]) -> None:
        """Keep these unattended secrets and no others."""
        lines = [secret.hex() for secret in secrets]
        path = self.secrets / f"{case}.secret"
        if lines:
            _write_private(path, "\n".join(lines).encode())
        elif path.exists():
            path.unlink()
            _sync(path.parent)

    def read_secrets(self, case: CaseId) -> tuple[bytes, ...]:
        """The unattended secrets; none when they are not kept on this computer, or what is kept is none."""
        octets = _read(self.secrets / f"{case}.secret") or b""
        try:
            return tuple(bytes.fromhex(line) for line in octets.decode("ascii").split())
        except ValueError:  # cut or damaged: the passphrase and the shares still open the case
            return ()

    def write_head(self, case: CaseId, note: str) -> None:
        """Keep the last signed head of the ledger beside every sheet that is there, one at least."""
        there = [found.path / f"{case}.head" for found in self.found(case)]
        if not sum(_holds(path, note.encode()) for path in there):
            raise KeySheetMissing(places=len(self.sheets))

    def read_heads(self, case: CaseId) -> list[str]:
        """The last signed head as each place has it."""
        found = [place / f"{case}.head" for place in self.sheets]
        heads = [octets for path in found if (octets := _read(path)) is not None]
        return [octets.decode(errors="replace") for octets in heads]


def _read(path: Path) -> bytes | None:
    """What is there; None when nothing is, or it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _holds(path: Path, octets: bytes) -> bool:
    """Write it; whether it is there now."""
    try:
        _write_private(path, octets)
    except OSError:
        return False
    return _read(path) == octets


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
