"""A restore rehearsed in full: by the command itself, in a process and a home of its own that are gone afterwards.

The restored archive signs a head and moves on; so it gets a copy of the key sheets, never the places of the real ones.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kedang.entrypoints.cli.context import Context
from kedang.entrypoints.errors import SystemFault
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CREDENTIALS, CopyStore

MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - sheets must not be left on a disk; made private below
PROGRAM = "from kedang.entrypoints.cli import main; main()"  # this very program, wherever it is installed


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a full restore came to."""

    records: int
    faults: int
    code: str
    """Why the restore itself failed; empty when it did not."""

    @property
    def passed(self) -> bool:
        """Whether it was restored and every byte of it is right."""
        return not self.code and not self.faults

    def to_json(self) -> dict[str, Any]:
        """For a program."""
        return asdict(self) | {"passed": self.passed}


def rehearse(
    context: Context, archive: Archive, copy: CopyStore, work: Path | None, environment: Mapping[str, str]
) -> Rehearsed:
    """Restore the copy into a temporary home and verify it there in depth."""
    memory = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="kedang-drill-", dir=work) as folder,
        tempfile.TemporaryDirectory(prefix="kedang-drill-", dir=memory) as sheets,
    ):
        for found in context.places.found(archive.case_id):
            for path in found.path.glob(f"{archive.case_id}.*"):
                shutil.copy(path, sheets)
        surroundings = _surroundings(context, copy, Path(folder), Path(sheets), environment)
        restored = _said(surroundings, "restore", copy.address)
        if "error" in restored:
            return Rehearsed(0, 0, str(restored["error"]))
        verified = _said(surroundings, "verify", "--deep")
        if "error" in verified:
            return Rehearsed(int(restored["records"]), 0, str(verified["error"]))
        return Rehearsed(int(restored["records"]), len(verified["faults"]), "")


def _surroundings(
    context: Context, copy: CopyStore, home: Path, sheets: Path, environment: Mapping[str, str]
) -> dict[str, str]:
    given = dict(environment) | {
        "KEDANG_HOME": str(home / "home"),
        "KEDANG_KEYS": str(sheets),
        "KEDANG_UNATTENDED": str(context.places.secrets),
    }
    given.pop("KEDANG_DATABASE_URL", None)  # the rehearsal has a catalogue of its own
    if copy.row.kind != "folder":
        given["AWS_ENDPOINT_URL_S3"], given["AWS_REGION"] = copy.said["endpoint"], copy.said["region"]
        given |= {variable: copy.said.get(name, "") for name, variable in CREDENTIALS.items()}
    return given


def _said(surroundings: dict[str, str], *arguments: str) -> dict[str, Any]:
    """What a command printed as JSON."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments, "--json"],
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    try:
        said: dict[str, Any] = json.loads(ran.stdout)
    except ValueError:
        return {"error": SystemFault.code, "status": ran.returncode}
    return said
