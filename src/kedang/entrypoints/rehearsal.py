"""A restore rehearsed in full: by the command itself, in a process and a home of its own that are gone afterwards.

The restored archive signs a head and moves on; so it gets sheets of its own, one for each place of the real ones, and
never those. They open by one slot more, whose passphrase is made for the rehearsal: it goes to the command over a pipe
and stands nowhere, so that the rehearsal does not depend on which secret opened the case here.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from kedang.entrypoints.errors import SystemFault
from kedang.holdings.actions.drilling import FullDrilled, newest_snapshot_id, note_full_drill
from kedang.holdings.actions.epochs import newest_sheet
from kedang.holdings.actions.progress import Progress
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CREDENTIALS, CopyStore
from kedang.holdings.adapters.keyplaces import KeyPlaces
from kedang.preservation.drills import FullDrillResult
from kedang.vault import keysheet, unlocking
from kedang.vault.slots import NewPassphrase

MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - sheets must not be left on a disk; made private below
PROGRAM = "from kedang.entrypoints.cli import main; main()"  # this very program, wherever it is installed
LOOK_SECONDS = 0.5  # how often somebody may stop it
PASSPHRASE_BYTES = 32
OF_ANOTHER_HOME = (
    "KEDANG_DATABASE_URL",
    "KEDANG_PASSPHRASE",
    "KEDANG_SHARES_FILE",
    "KEDANG_TOKEN_MODULE",
    "KEDANG_TOKEN_PIN_FILE",
)
"""What the command must not be told: the rehearsal has a catalogue and a secret of its own."""


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where a rehearsal is played."""

    surroundings: Mapping[str, str] = field(repr=False)
    passphrase: str = field(repr=False)
    progress: Progress

    def said(self, *arguments: str) -> dict[str, Any]:
        """What a command printed as JSON. Whoever stops the rehearsal ends the command."""
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments, "--json"],
            env=dict(self.surroundings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                printed = self._printed(process)
            except BaseException:
                process.kill()
                raise
        try:
            said: dict[str, Any] = json.loads(printed)
        except ValueError:
            return {"error": SystemFault.code, "status": process.returncode}
        return said

    def _printed(self, process: subprocess.Popen[bytes]) -> bytes:
        given: bytes | None = self.passphrase.encode()
        while True:
            try:
                return process.communicate(given, LOOK_SECONDS)[0]
            except subprocess.TimeoutExpired:
                given = None
                self.progress.advance(0, 0)


def rehearse(
    archive: Archive,
    copy: CopyStore,
    *,
    clock: Callable[[], datetime],
    progress: Progress,
    environment: Mapping[str, str],
    work: Path | None = None,
) -> FullDrilled:
    """Restore the copy into a temporary home and verify it there in depth; the result is noted and signed.

    Raises:
        DrillWithoutSnapshot: there was never a backup.
    """
    began, snapshot = clock(), newest_snapshot_id(archive)
    memory = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None
    with (
        _tidy_when_told_to_end(),
        tempfile.TemporaryDirectory(prefix="kedang-drill-", dir=work) as folder,
        tempfile.TemporaryDirectory(prefix="kedang-drill-", dir=memory) as sheets,
    ):
        passphrase = secrets.token_hex(PASSPHRASE_BYTES)
        places = _sheets_of_its_own(archive, Path(sheets), passphrase)
        surroundings = _surroundings(copy, Path(folder), places, environment)
        said = _played(_Stage(surroundings, passphrase, progress), copy.address)
    result = FullDrillResult(
        case=archive.case_id,
        copy=copy.id,
        snapshot=said.get("snapshot") or snapshot,
        began=began,
        ended=clock(),
        records=int(said.get("records", 0)),
        faults=len(said.get("faults", ())),
        code=str(said.get("error", "")),
    )
    return note_full_drill(archive, result, now=clock())


def _played(stage: _Stage, address: str) -> dict[str, Any]:
    """What the restore said, and the verification after it."""
    stage.progress.stage("rehearse-restore", None)
    restored = stage.said("restore", address)
    if "error" in restored:
        return {"error": restored["error"]}
    stage.progress.stage("rehearse-verify", None)
    verified = stage.said("verify", "--deep")
    known = {"records": restored["records"], "snapshot": restored["snapshot"]}
    return known | {name: verified[name] for name in ("faults", "error") if name in verified}


def _sheets_of_its_own(archive: Archive, folder: Path, passphrase: str) -> KeyPlaces:
    """A place for each of the real ones, with its mark and head, and the newest sheet with one slot more.

    Each has its mark: a place that the case knows and that is not named would be written to.
    """
    case = archive.case_id
    sheet = unlocking.add_slot(
        newest_sheet(archive),
        archive.keyring.unlocked,
        NewPassphrase(passphrase),
        random_bytes=archive.random_bytes,
    )
    paths = []
    for number, real in enumerate(archive.places.found(case)):
        path = folder / str(number)
        path.mkdir(mode=0o700)
        (path / f"{case}.keysheet").write_bytes(keysheet.encode(sheet))
        for kind in ("place", "head"):
            beside = real.path / f"{case}.{kind}"
            if beside.is_file():
                (path / beside.name).write_bytes(beside.read_bytes())
        paths.append(path)
    return KeyPlaces(tuple(paths), folder / "unattended")


def _surroundings(
    copy: CopyStore, folder: Path, places: KeyPlaces, environment: Mapping[str, str]
) -> dict[str, str]:
    given = {name: value for name, value in environment.items() if name not in OF_ANOTHER_HOME}
    given |= {
        "KEDANG_HOME": str(folder / "home"),
        "KEDANG_KEYS": os.pathsep.join(map(str, places.sheets)),
        "KEDANG_UNATTENDED": str(places.secrets),
        "KEDANG_PASSPHRASE_FILE": "/dev/stdin",
    }
    if copy.row.kind != "folder":
        given["AWS_ENDPOINT_URL_S3"], given["AWS_REGION"] = copy.said["endpoint"], copy.said["region"]
        given |= {variable: copy.said.get(name, "") for name, variable in CREDENTIALS.items()}
    return given


@contextmanager
def _tidy_when_told_to_end() -> Iterator[None]:
    """Nothing of the rehearsal is left behind when the process is told to end in the middle of it."""

    def end(_signal: int, _frame: Any) -> None:
        raise SystemExit(1)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
