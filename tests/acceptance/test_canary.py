"""Nothing personal is ever stored in clear: marker names go in everywhere, and no byte written holds one."""

from __future__ import annotations

import base64
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from random import Random
from subprocess import Popen
from threading import Event, Thread

import pytest

from tests.acceptance.markers import (
    MARKED,
    NEEDLES,
    PERSON,
    Trace,
    distinct,
    forms,
    traces_below,
    traces_in,
)
from tests.acceptance.sources import BORN_DIGITAL, SCANNED, letter, mailbox, put, rendered, settle, zipped
from tests.sharing import made_once
from tests.world import PASSPHRASE, World, command_line, descendants, files_below, kill_all

LARGE = 8_600_000  # bytes; above what travels in memory between processes
SILENT_COMMANDS = ("intake", "verify", "status")
Seen = Queue[tuple[str, bytes] | None]
WRITING = os.O_WRONLY | os.O_RDWR
KILLED_AFTER = (0.9, 1.3, 1.8, 2.6)  # seconds: while surveying, examining, unpacking, ordering


@dataclass(slots=True)
class Watch:
    """What was seen on disk and of processes while a command ran."""

    traces: set[Trace] = field(default_factory=set)
    workers: set[int] = field(default_factory=set)
    environments: dict[int, bytes] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    """Regular files that one of the processes had open for writing."""
    spools: int = 0
    looks: int = 0


@dataclass(frozen=True, slots=True)
class Life:
    """One archive's life with everything that was observed of it."""

    world: World
    source: Path
    watch: Watch
    said: dict[str, bytes]
    catalogue: list[dict[str, object]]


def marked_source(folder: Path) -> None:
    """Every format with the markers in it, and the markers in every kind of name."""
    for number, style in enumerate((*BORN_DIGITAL, *SCANNED), start=1):
        made = rendered(style, MARKED, number)
        put(folder, [(f"{style.replace('/', '-')}/{PERSON}{number}.{made.extension}", made.payload)])
    text = f"{PERSON} {MARKED.mobile}\n".encode()
    random = Random(3)
    padded = b"".join(text + random.randbytes(65536) for _ in range(LARGE // 65536))
    inner = zipped([(f"{PERSON}/内.txt", text * 3), ("甲.txt", f"{MARKED.email}\n".encode())])
    put(
        folder,
        [
            (f"{PERSON}的文件夹/乙.txt", text * 2),
            (PERSON.encode("gbk") + b".txt", text * 4),
            (PERSON.encode("gbk") + b"/" + PERSON.encode("big5") + b".dat", text * 5 + b"\0\xff"),
            (f"{PERSON}.zip", zipped([(f"{PERSON}.zip", inner), (f"{PERSON}.bin", padded)], "gbk")),
            (f"{PERSON}.eml", letter(MARKED, [(f"{PERSON}.zip", inner), (f"{PERSON}.txt", text * 6)])),
            (f"{PERSON}.mbox", mailbox([letter(MARKED, [(f"{PERSON}.txt", text)], 2), letter(MARKED)])),
            (f"{PERSON}坏.docx", rendered("docx", MARKED, 99).payload[:900]),
            (f"{PERSON}密.zip", zipped([(f"{PERSON}.txt", text)], password=b"12345")),
        ],
    )
    (folder / f"{PERSON}.lnk").symlink_to(f"/nowhere/{PERSON}")
    settle(folder)


def looked_at(watch: Watch, world: World, process: Popen[bytes], ended: Event, seen: Seen) -> None:
    """Look at all files and processes again and again until the command has ended."""
    states: dict[Path, tuple[int, int]] = {}
    while not ended.is_set():
        watch.looks += 1
        for pid in (process.pid, *descendants(process.pid)):
            _look_at_process(watch, pid)
        for path in files_below(world.home / "work", world.root):
            try:
                status = path.stat()
                if states.get(path) == (status.st_size, status.st_mtime_ns):
                    continue
                states[path] = (status.st_size, status.st_mtime_ns)
                seen.put((str(path), path.read_bytes()))
            except OSError:
                continue
            watch.spools += path.suffix == ".spool"
    seen.put(None)


def searched(watch: Watch, seen: Seen) -> None:
    """Search what was seen; apart, because looking must be quick."""
    while (found := seen.get()) is not None:
        place, octets = found
        watch.traces.update(traces_in(place, octets + b"\n" + os.fsencode(place)))


def _look_at_process(watch: Watch, pid: int) -> None:
    watch.written.update(_open_for_writing(pid))
    line = command_line(pid)
    if b"kedang.pipeline" not in line:
        return
    watch.workers.add(pid)
    try:
        watch.environments[pid] = Path(f"/proc/{pid}/environ").read_bytes() + line
    except OSError:
        return


def _open_for_writing(pid: int) -> Iterator[str]:
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return
    for descriptor in descriptors:
        try:
            target = str(descriptor.readlink())
            flags = int(re.findall(r"flags:\s*(\d+)", _about(descriptor))[0], 8)
        except (OSError, IndexError):
            continue
        if target.startswith("/") and not target.startswith(("/dev/", "/memfd:")) and flags & WRITING:
            yield target


def _about(descriptor: Path) -> str:
    return (descriptor.parents[1] / "fdinfo" / descriptor.name).read_text()


def watched(world: World, watch: Watch, *arguments: str | Path) -> tuple[int, bytes, bytes]:
    """A command with everything it does looked at meanwhile."""
    process = world.start(*arguments)
    ended, seen = Event(), Seen()
    threads = [
        Thread(target=looked_at, args=(watch, world, process, ended, seen)),
        Thread(target=searched, args=(watch, seen)),
    ]
    for thread in threads:
        thread.start()
    try:
        out, err = process.communicate(timeout=240)
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    return process.returncode, out, err


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The marked source, beside every archive."""

    def marked(place: Path) -> Path:
        marked_source(place / "source")
        return place / "source"

    return made_once(tmp_path_factory, "canary", marked)


@pytest.fixture(scope="module")
def life(opened_case: World, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """The whole job on the marked source, by passphrase, observed from beside."""
    return made_once(tmp_path_factory, "life", lambda place: _lived(opened_case, source, place))


def _lived(opened_case: World, source: Path, place: Path) -> Life:
    world = opened_case.copied(place / "world")
    watch = Watch()
    said: dict[str, bytes] = {}
    status, out, err = watched(world, watch, "intake", source, "--desk", PERSON)
    assert status == 0, err.decode()
    said["intake"], said["intake, errors"] = out, err
    catalogue = world.run("catalogue", "--format", "json", "--with-text").json
    commands = [
        ("search", PERSON),
        ("questions",),
        ("customers",),
        ("customers", "list", "--name", PERSON),
        ("customers", "show", "1"),
        ("customers", "judge"),
        ("customers", "merge", "1", "--into", "2", "--reason", PERSON),
        ("customers", "audit", "--size", "3"),
        ("verify", "--deep"),
        ("status",),
        ("open", str(catalogue[0]["record_id"]), "--out", "-"),
        ("show", PERSON),
        ("search", f'"{PERSON}'),
        ("intake", f"/nowhere/{PERSON}"),
    ]
    for number, command in enumerate(commands):
        ran = world.run(*command)
        said[f"{command[0]} {number}, errors"] = ran.err
        if command[0] in SILENT_COMMANDS:
            said[f"{command[0]} {number}"] = ran.out
    return Life(world, source, watch, said, catalogue)


def test_every_form_of_a_marker_would_be_found() -> None:
    for word, form, raw in NEEDLES:
        assert len(raw) >= 6, (word, form)
        assert traces_in("here", b"before " + raw + b" behind")
    spoken = f"客户 {PERSON} 来电".encode()
    for shift in range(3):
        coded = base64.b64encode(b"x" * shift + spoken)
        assert any("base64" in trace.form for trace in traces_in("here", coded)), shift
    assert dict(forms(PERSON))["big5"] == PERSON.encode("big5")


def test_the_markers_are_read_in_every_format(life: Life) -> None:
    """Otherwise finding none of them would say nothing."""
    read = {
        style
        for record in life.catalogue
        for style in (*BORN_DIGITAL, *SCANNED)
        if f"{style.replace('/', '-')}/" in str(record["occurrences"])
        and (PERSON in str(record["text"]) or PERSON in str(record["metadata"]))
    }
    assert set(BORN_DIGITAL) | set(SCANNED) == read


def test_names_of_all_kinds_are_read(life: Life) -> None:
    paths = "\n".join(str(record["occurrences"]) for record in life.catalogue)
    for path in (
        f"{PERSON}的文件夹/乙.txt",
        f"{PERSON}.txt",
        f"{PERSON}.zip/{PERSON}.zip/{PERSON}/内.txt",
        f"{PERSON}.eml/{PERSON}.txt",
        f"{PERSON}.zip/{PERSON}.bin",
    ):
        assert path in paths


def test_no_byte_written_holds_a_marker(life: Life) -> None:
    assert distinct(traces_below(life.world.root)) == []


def test_no_byte_held_a_marker_while_it_ran(life: Life) -> None:
    assert life.watch.looks > 20
    assert life.watch.spools > 0, "large members must have gone through spool files"
    assert distinct(life.watch.traces) == []


def test_nothing_is_written_anywhere_else(life: Life) -> None:
    own = str(life.world.root.resolve()) + "/"
    assert any(path.startswith(own) for path in life.watch.written)
    assert [path for path in life.watch.written if not path.startswith(own)] == []


def test_nothing_that_is_logged_holds_a_marker(life: Life) -> None:
    found = [trace for name, octets in life.said.items() for trace in traces_in(name, octets)]
    assert distinct(found) == []


def test_worker_processes_carry_nothing_in_their_surroundings(life: Life) -> None:
    assert len(life.watch.workers) >= 3
    assert life.watch.environments
    for octets in life.watch.environments.values():
        assert traces_in("process", octets) == []
        assert b"KEDANG_" not in octets
        assert os.fsencode(life.world.keys) not in octets


def test_a_passphrase_never_reaches_a_worker_or_the_disk(opened_case: World, tmp_path: Path) -> None:
    world = World(tmp_path / "world", environment={"KEDANG_PASSPHRASE": PASSPHRASE})
    world.root.mkdir()
    assert world.init("--no-unattended").status == 0
    put(tmp_path / "source", [(f"{n}.txt", b"text %d" % n) for n in range(3)])
    watch = Watch()
    status, _, _ = watched(world, watch, "intake", tmp_path / "source", "--no-name-model", "--no-resolve")
    assert status == 0
    assert watch.environments
    forms_of_it = [raw for _, raw in forms(PASSPHRASE)]
    for octets in watch.environments.values():
        assert not any(raw in octets for raw in forms_of_it)
    for path in files_below(world.root):
        assert not any(raw in path.read_bytes() for raw in forms_of_it), path


def test_killed_runs_leave_no_marker(opened_case: World, source: Path, tmp_path: Path) -> None:
    world = opened_case.copied(tmp_path / "world")
    left_work = 0
    for seconds in KILLED_AFTER:
        process = world.start("intake", source, "--no-name-model", "--no-resolve")
        time.sleep(seconds)
        kill_all(process.pid)
        out, err = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL)
        left_work += sum(1 for _ in files_below(world.home / "work"))
        assert distinct([*traces_below(world.root), *traces_in("said", out + err)]) == []
    ran = world.run("intake", source, "--no-name-model", "--no-resolve", "--json")
    assert ran.status == 0, ran.said
    assert distinct([*traces_below(world.root), *traces_in("said", ran.out + ran.err)]) == []
    assert not list(files_below(world.home / "work"))
