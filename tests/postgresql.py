"""A PostgreSQL server for the tests: one that is named, or Debian's in a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
NOBODY = 65534  # root may not run the server; this user owns nothing
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "log_statement": "all",
    "logging_collector": "off",
}


def _as_nobody() -> tuple[str, ...]:
    if os.getuid() != 0:
        return ()
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


@contextmanager
def server(programs: Path) -> Iterator[tuple[str, Path]]:
    """The address of a new server (without a database name), and its folder; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kedang-pg-"))
    if os.getuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    data, log = folder / "data", folder / "log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = _as_nobody()
    make = [str(programs / "initdb"), "-D", str(data), "-U", "kedang", "-A", "trust", "-E", "UTF8"]
    subprocess.run([*run, *make, "--locale=C.UTF-8"], check=True, capture_output=True, cwd="/")
    options = " ".join(f"-c {name}={value!r}" for name, value in SETTINGS.items())
    control = [str(programs / "pg_ctl"), "-D", str(data), "-l", str(log), "-w", "-t", "60"]
    subprocess.run(
        [*run, *control, "-o", f"-p {port} {options}", "start"], check=True, capture_output=True, cwd="/"
    )
    try:
        yield f"postgresql://kedang@127.0.0.1:{port}", folder
    finally:
        subprocess.run([*run, *control, "-m", "immediate", "stop"], check=False, capture_output=True, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)
