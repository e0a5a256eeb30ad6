"""The standing world of the tests: fictional people, and archives that the real command line works on.

Lin may see what her office keeps, Bo of the same office may after approval, Chen of elsewhere may not.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests import postgresql, standby

REPOSITORY = Path(__file__).parents[1]
REAL_MIXED = REPOSITORY / ".." / "shared" / "data" / "real-mixed"
KEDANG = str(Path(sys.executable).with_name("kedang"))
PASSPHRASE = "七月 流火 九月 授衣"
COMPANY = "云溪样例商贸有限公司"
COMMAND_SECONDS = 240.0
STARTED = (
    "tests/acceptance/test_canary",
    "tests/acceptance/test_exit_status",
    "tests/acceptance/test_own_places",
    "tests/acceptance/test_terminal",
    "tests/attacks/test_machines",
    "tests/attacks/test_outputs",
    "tests/attacks/test_substituted_bytes",
    "tests/attacks/test_territory",
    "tests/server/",
)
"""Tests whose every command is a program started anew, because starting, environment or limits are what they test."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works with the archive."""

    name: str
    office: str


LIN = Person("林知夏", "清算组")
BO = Person("薄雁秋", "清算组")
CHEN = Person("谌北川", "别处")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    status: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Standard output."""
        return self.out.decode()

    @property
    def said(self) -> str:
        """Standard error."""
        return self.err.decode(errors="replace")

    @property
    def json(self) -> Any:
        """The JSON document that the command printed, and nothing else."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class World:
    """One archive with its keys and everything else that its commands may write to."""

    root: Path
    wrapping: tuple[str, ...] = ()
    """A program and its arguments that start the command, such as setpriv."""
    environment: dict[str, str] = field(default_factory=dict)
    address: str = ""
    """Of the catalogue, when it is in PostgreSQL."""

    @property
    def home(self) -> Path:
        """KEDANG_HOME."""
        return self.root / "home"

    @property
    def keys(self) -> Path:
        """Where the key sheet lies."""
        return self.root / "keys"

    @property
    def secrets(self) -> Path:
        """Where the unattended secret lies."""
        return self.root / "keys-unattended"

    @property
    def database(self) -> Path:
        """The catalogue, when it is SQLite."""
        return self.home / "kedang.sqlite3"

    def sheet(self) -> Path:
        """The key sheet of the only case."""
        return next(self.keys.glob("*.keysheet"))

    def surroundings(self) -> dict[str, str]:
        """The whole environment of a command: nothing of the person who runs the tests."""
        user = self.root / "user"
        kept = {name: os.environ[name] for name in standby.KEPT_ENVIRONMENT if name in os.environ}
        return (
            kept
            | {
                "HOME": str(user),
                "XDG_CACHE_HOME": str(user / "cache"),
                "XDG_CONFIG_HOME": str(user / "config"),
                "TMPDIR": str(self.root / "tmp"),
                "KEDANG_HOME": str(self.home),
                "KEDANG_KEYS": str(self.keys),
                "KEDANG_LANG": "zh",
                "LANG": "C.UTF-8",
                "PYTHONDONTWRITEBYTECODE": "1",
            }
            | ({"KEDANG_DATABASE_URL": self.address} if self.address else {})
            | self.environment
        )

    def start(self, *arguments: str | Path, program: Sequence[str] = (KEDANG,)) -> subprocess.Popen[bytes]:
        """The command, running in a session of its own."""
        for folder in ("tmp", "user"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [*self.wrapping, *program, *(str(argument) for argument in arguments)],
            env=self.surroundings(),
            cwd=self.root,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: str | Path, program: Sequence[str] = (KEDANG,)) -> Ran:
        """The command, to its end."""
        if standby.can_be_forked(program) and not self.wrapping and not _starts_anew():
            return self._forked(program, *arguments)
        process = self.start(*arguments, program=program)
        try:
            out, err = process.communicate(timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            kill_all(process.pid)
            raise
        return Ran(process.returncode, out, err)

    def _forked(self, program: Sequence[str], *arguments: str | Path) -> Ran:
        for folder in ("tmp", "user"):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        return Ran(
            *standby.forked(
                program,
                [str(argument) for argument in arguments],
                environment=self.surroundings(),
                folder=self.root,
                seconds=COMMAND_SECONDS,
            )
        )

    def ask(self, *arguments: str | Path) -> Any:
        """What a command that must end well says as JSON."""
        ran = self.run(*arguments, "--json")
        if ran.status != 0:
            raise AssertionError(f"kedang {arguments[0]} ended with {ran.status}: {ran.text} {ran.said}")
        return ran.json

    def init(self, *options: str) -> Ran:
        """A new case; its shares are in a file beside the home."""
        return self.run("init", "--name", COMPANY, "--shares-out", str(self.root / "shares.txt"), *options)

    def intake(self, *paths: Path, workers: int = 2) -> Any:
        """What taking in says as JSON. Name model and resolving stay out: they change nothing here but seconds."""
        return self.ask("intake", *paths, "--no-name-model", "--no-resolve", "--workers", str(workers))

    def catalogue(self) -> list[dict[str, Any]]:
        """Every record with its text, facts, findings, reasons and reckoning."""
        ran = self.run("catalogue", "--format", "json", "--with-text")
        if ran.status != 0:
            raise AssertionError(ran.said)
        records: list[dict[str, Any]] = ran.json
        return records

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the catalogue, read beside kedang; `?` stands for a value."""
        if self.address:
            return postgresql.rows(self.address, query, values)
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def change(self, statement: str, *values: object) -> int:
        """Change rows of the catalogue behind kedang's back; how many."""
        if self.address:
            return postgresql.change(self.address, statement, values)
        with closing(sqlite3.connect(self.database)) as connection, connection:
            return connection.execute(statement, values).rowcount

    def objects(self, kind: str) -> list[Path]:
        """Stored objects of a kind ("packs", "ring"), in the order of their names."""
        return sorted(path for path in (self.home / "vault" / kind).rglob("*") if path.is_file())

    def copied(self, root: Path) -> World:
        """The same archive once more, at another place."""
        shutil.copytree(self.root, root, dirs_exist_ok=True)
        address = postgresql.copied(self.address) if self.address else ""
        return replace(self, root=root, address=address)

    def lose_home(self) -> None:
        """The machine burns: home and catalogue are gone, keys and copies are elsewhere."""
        shutil.rmtree(self.home)
        if self.address:
            postgresql.emptied(self.address)


def _starts_anew() -> bool:
    return os.environ.get("PYTEST_CURRENT_TEST", "").startswith(STARTED)


def descendants(pid: int) -> list[int]:
    """The processes below a process, nearest first; those of zombies left out."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents.setdefault(int(parent), []).append(int(entry.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = parents.get(waiting.pop(0), [])
        found += below
        waiting += below
    return found


def programs_below(pid: int, module: str) -> list[int]:
    """The processes below a process that run a module of kedang."""
    return [one for one in descendants(pid) if module.encode() in command_line(one)]


def command_line(pid: int) -> bytes:
    """How a process was started; empty when it has gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def kill_all(pid: int) -> None:
    """Kill a process and everything below it, as a power cut would."""
    for one in (pid, *descendants(pid)):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


def files_below(*folders: Path) -> Iterator[Path]:
    """Every regular file below the folders."""
    for folder in folders:
        for place, _, names in os.walk(os.fsencode(folder)):
            for name in names:
                path = Path(os.fsdecode(os.path.join(place, name)))
                if path.is_file() and not path.is_symlink():
                    yield path
