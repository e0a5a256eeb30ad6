"""Commands that begin with their libraries loaded: a process that has imported them stands by and is forked for each.

Most of what a short command takes is importing the same libraries. What stands by has imported libraries, rooms and
what reads a command line, nothing that reads the environment, a setting or a home, and has opened nothing. A command
gets a process, session, environment, folder and standard streams of its own, runs `main()` and ends as any program
does. What it starts itself (workers, the comparing process) is started as always. Where starting itself is what is
tested (`tests.world.STARTED`), nothing is forked.

    python -m tests.standby <socket>
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
KEPT_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH")
LOADED = (
    "cryptography.hazmat.backends.openssl.backend",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.kdf.hkdf",
    "django.conf",
    "django.contrib.auth.hashers",
    "django.core.management",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.recorder",
    "django.db.models",
    "django.db.models.sql.compiler",
    "kedang.access.deciding",
    "kedang.access.index",
    "kedang.accession.survey",
    "kedang.appraisal.said_facts",
    "kedang.catalogue.classes",
    "kedang.catalogue.numbering",
    "kedang.catalogue.rebuilt_workbook",
    "kedang.catalogue.structured_list",
    "kedang.disposition.explanation",
    "kedang.disposition.stored",
    "kedang.entrypoints.cli.app",
    "kedang.ledger.appending",
    "kedang.ledger.checkpoints",
    "kedang.ledger.proof_files",
    "kedang.ledger.verification",
    "kedang.pipeline.compared_before",
    "kedang.pipeline.confinement",
    "kedang.pipeline.messages",
    "kedang.pipeline.pool",
    "kedang.pipeline.processes",
    "kedang.pipeline.reading_columns",
    "kedang.pipeline.territory",
    "kedang.preservation.copy_plans",
    "kedang.preservation.drills",
    "kedang.preservation.fixity",
    "kedang.preservation.leaf_bundles",
    "kedang.preservation.schedules",
    "kedang.preservation.snapshots",
    "kedang.records.errors",
    "kedang.resolution.links",
    "kedang.resolution.risks",
    "kedang.resolution.row_sets",
    "kedang.vault.column",
    "kedang.vault.folder_store",
    "kedang.vault.hpke",
    "kedang.vault.keysheet",
    "kedang.vault.marks",
    "kedang.vault.object_store",
    "kedang.vault.pack",
    "kedang.vault.places",
    "kedang.vault.ring",
    "kedang.vault.stream",
    "kedang.vault.unlocking",
    "msgspec",
    "rich._emoji_codes",
    "rich.progress",
    "segno",
    "typer._adapters",
    "xml.etree.ElementTree",
)


def forked(
    program: Sequence[str],
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    seconds: float,
) -> tuple[int, bytes, bytes]:
    """The exit status of a program (as `subprocess` says it), and what it wrote to its output and errors.

    It is `kedang`, or Python with the path of a script.
    Raises:
        subprocess.TimeoutExpired: it took longer, and was killed with its session.
    """
    near, far = socket.socketpair()
    out, err = (os.memfd_create(name) for name in ("out", "err"))
    with os.fdopen(out, "rb") as written, os.fdopen(err, "rb") as told, near:
        with far:
            request = {
                "program": [*program, *arguments],
                "environment": environment,
                "folder": str(folder),
            }
            socket.send_fds(_standing_by(), [json.dumps(request).encode()], [far.fileno(), out, err])
        near.settimeout(seconds)
        pid = _number(near)
        try:
            status = _number(near)
        except TimeoutError as error:
            os.killpg(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired([*program, *arguments], seconds) from error
        for stream in (written, told):
            stream.seek(0)
        return status, written.read(), told.read()


def can_be_forked(program: Sequence[str]) -> bool:
    """Whether it is `kedang`, or Python with the path of a script."""
    match program:
        case [kedang]:
            return kedang == str(Path(sys.executable).with_name("kedang"))
        case [python, script, *_]:
            return python == sys.executable and script.endswith(".py")
    return False


def _number(control: socket.socket) -> int:
    said = control.recv(_NUMBER_BYTES)
    if not said:
        raise ConnectionError("what stood by has gone")
    return int.from_bytes(said, "big", signed=True)


@cache
def _standing_by() -> socket.socket:
    """The process that stands by for this one, and ends with it."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    with far:
        standing_by = subprocess.Popen(
            [sys.executable, "-m", "tests.standby", str(far.fileno())],
            env=kept | {"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=REPOSITORY,
            pass_fds=(far.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    atexit.register(_dismiss, standing_by, near)
    return near


def _dismiss(standing_by: subprocess.Popen[bytes], near: socket.socket) -> None:
    near.close()
    standing_by.wait()


def main() -> None:
    """Stand by: fork a command for each request, until nobody asks any more. In a forked process: be the command."""
    for module in LOADED:
        import_module(module)
    gc.freeze()
    asking = socket.socket(fileno=int(sys.argv[1]))
    while True:
        said, descriptors, _, _ = socket.recv_fds(asking, _REQUEST_BYTES, 3)
        _reap_keepers()
        if not said:
            return
        if not os.fork():
            asking.close()
            _keep(json.loads(said), *descriptors)
            return
        for one in descriptors:
            os.close(one)


def _reap_keepers() -> None:
    """Wait for those that have ended: the time of their commands then counts as that of the test run."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _keep(request: dict[str, Any], control: int, out: int, err: int) -> None:
    """Start the command, wait for it and say how it ended; returns in the command, and when all is said."""
    if pid := os.fork():
        with socket.socket(fileno=control) as told:
            told.sendall(pid.to_bytes(_NUMBER_BYTES, "big", signed=True))
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            told.sendall(status.to_bytes(_NUMBER_BYTES, "big", signed=True))
        os._exit(0)
    _become(request, out, err)


def _become(request: dict[str, Any], out: int, err: int) -> None:
    """Be a process that was just started so; then the command, whose end is that of the program."""
    os.setsid()
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.closerange(3, _MOST_DESCRIPTORS)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    tempfile.tempdir = None
    random.seed()
    sys.path.pop(0)  # of `python -m`
    # By its package typer would call the command `python -m tests.kedang`.
    sys.modules["__main__"].__package__ = None
    sys.argv = list(request["program"])
    if sys.argv[0] == sys.executable:
        del sys.argv[0]
        sys.path.insert(0, str(Path(sys.argv[0]).parent))
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        import_module("kedang.entrypoints.cli").main()


_NUMBER_BYTES = 8
_REQUEST_BYTES = 1 << 20
_MOST_DESCRIPTORS = 1024
if __name__ == "__main__":
    main()
