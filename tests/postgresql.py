"""A PostgreSQL server for the tests: one that is named, or Debian's in a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

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


def rows(address: str, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """Rows of a database; `?` stands for a value."""
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        return connection.execute(_marked(query), values).fetchall()


def change(address: str, statement: str, values: Sequence[object]) -> int:
    """Change rows of a database; how many."""
    with closing(psycopg.connect(address, autocommit=True)) as connection:
        return connection.execute(_marked(statement), values).rowcount


def _marked(query: str) -> bytes:
    return query.replace("%", "%%").replace("?", "%s").encode()


def created(server_address: str, name: str, *, template: str = "template1") -> str:
    """The address of a new database of this name, like another one."""
    with closing(psycopg.connect(f"{server_address}/postgres", autocommit=True)) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return f"{server_address}/{name}"


def copied(address: str) -> str:
    """The address of a new database that is like this one."""
    at, _, template = address.rpartition("/")
    return created(at, f"kedang_{uuid.uuid4().hex}", template=template)


def emptied(address: str) -> None:
    """A database of the same name with nothing in it."""
    at, _, name = address.rpartition("/")
    created(at, name)


def files_of(address: str, folder: Path) -> dict[str, Path]:
    """The files of kedang's tables in a database of a server in `folder`, their indexes and long values among them."""
    ours = "SELECT c.oid, c.reltoastrelid FROM pg_class c WHERE relnamespace = 'public'::regnamespace"
    query = f"WITH ours AS ({ours}) SELECT relname, pg_relation_filepath(oid) FROM pg_class \
        WHERE relfilenode <> 0 AND (oid IN (SELECT oid FROM ours) OR oid IN (SELECT reltoastrelid FROM ours))"  # noqa: S608
    return {name: folder / "data" / path for name, path in rows(address, query, ())}
