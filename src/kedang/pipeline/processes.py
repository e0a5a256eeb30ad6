"""Worker processes: started clean, limited, killed when they overrun.

A worker is spawned (never forked) before or after unlock alike: it inherits no memory, no environment but
what is listed here, no file but its socket. Its home is a folder that is thrown away.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from kedang.pipeline.messages import send

KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
SINGLE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class WorkerProcess:
    """One running worker and the connection to it."""

    def __init__(self, module: str, setup: object, *, home: Path, patience_seconds: int = 0) -> None:
        """Start `module`; a message that stands still that long in either direction is an OSError."""
        home.mkdir(parents=True, exist_ok=True)
        near, far = socket.socketpair()
        if patience_seconds:
            most = struct.pack("ll", patience_seconds, 0)
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, most)
            near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, most)
        environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        environment |= SINGLE_THREAD | {
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home),
            "TMPDIR": str(home),
        }
        with far:
            self.process = subprocess.Popen(
                # -P: never a module out of the folder that the command was given in, which may be a source.
                [sys.executable, "-P", "-m", module, str(far.fileno())],
                pass_fds=(far.fileno(),),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.connection = Connection(near.detach())
        send(self.connection, setup)

    def kill(self) -> None:
        """End the worker and everything it started, at once."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.connection.close()

    def memory_bytes(self) -> int:
        """Resident memory of the worker now; 0 when the system does not say."""
        try:
            fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        except OSError:
            return 0
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
