"""What a parsing process cannot do, seen from beside it and tried by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kedang.pipeline.items import Item
from kedang.pipeline.messages import ExamineRequest, WorkerSetup, receive, send
from kedang.pipeline.processes import WorkerProcess

TRIES = """
import socket, subprocess, sys
from kedang.pipeline.confinement import confine
confine(max_memory_bytes=1 << 30)
outcomes = []
for kind, place in ((socket.AF_INET, ("127.0.0.1", 9)), (socket.AF_INET6, ("::1", 9)), (socket.AF_UNIX, "/x")):
    try:
        socket.socket(kind).connect(place)
    except OSError as error:
        outcomes.append(type(error).__name__)
try:
    socket.getaddrinfo("example.com", 80)
except OSError as error:
    outcomes.append(type(error).__name__)
try:
    bytearray(2 << 30)
except MemoryError:
    outcomes.append("MemoryError")
interfaces = [line.split(":")[0].strip() for line in open("/proc/self/net/dev").readlines()[2:]]
print(outcomes, interfaces, open("/proc/self/limits").read().count("Max core file size        0"))
"""


def setup() -> WorkerSetup:
    """What a real worker is given here."""
    return WorkerSetup(bytes(32), "", (), (), name_model=False, understand=True, max_memory_bytes=3 * 1024**3)


@pytest.fixture
def worker(tmp_path: Path) -> WorkerProcess:
    """A real parsing process that has examined something."""
    started = WorkerProcess("kedang.pipeline.worker", setup(), home=tmp_path / "home")
    send(started.connection, ExamineRequest((Item(1, "a.txt", (), 3, data=b"abc"),)))
    assert receive(started.connection).examined[0].size_bytes == 3
    return started


def test_a_confined_process_reaches_nobody_and_stays_within_its_memory() -> None:
    ran = subprocess.run([sys.executable, "-c", TRIES], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith(
        "['PermissionError', 'PermissionError', 'PermissionError', 'PermissionError', 'MemoryError']"
    )
    assert ran.stdout.rstrip().endswith("1")
    if os.getuid() == 0:
        assert "['lo']" in ran.stdout, "a network of its own, with nothing in it"


def test_a_worker_has_no_network_no_environment_and_no_file_but_its_socket(worker: WorkerProcess) -> None:
    pid = worker.process.pid
    try:
        if os.getuid() == 0:
            own, ours = Path(f"/proc/{pid}/ns/net").readlink(), Path("/proc/self/ns/net").readlink()
            assert own != ours
        names = {
            line.split(b"=")[0] for line in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") if line
        }
        assert not {name for name in names if name.startswith((b"KEDANG", b"DJANGO", b"SSH", b"PG"))}
        kept = {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()}
        assert all(target.startswith(("socket:", "/dev/null", "anon_inode:")) for target in kept), kept
        limits = Path(f"/proc/{pid}/limits").read_text(encoding="utf-8")
        assert "Max address space         3221225472" in limits
        assert "Max core file size        0" in limits
    finally:
        worker.kill()


def test_a_worker_ends_when_the_coordinator_is_gone(worker: WorkerProcess) -> None:
    worker.connection.close()
    assert worker.process.wait(20) == 0
