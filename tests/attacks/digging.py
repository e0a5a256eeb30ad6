"""Native code in a parsing process looks around: `python -m tests.attacks.digging SOURCE WORK KEYS PID`.

Prints what it could do, as JSON.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from kedang.pipeline.confinement import confine
from kedang.pipeline.territory import ground_around, stay_within


def can(do: Callable[[], object]) -> bool:
    """Whether it is allowed."""
    try:
        do()
    except OSError:
        return False
    return True


def main() -> None:
    """Give up what a parsing process gives up, then try."""
    source, work, keys, pid = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    confine(max_memory_bytes=0)
    ground = ground_around(os.fsencode(source), (os.fsencode(keys),))
    kept = stay_within(reading=ground.readable, listing=ground.listed, writing=(os.fsencode(work),))
    secret = keys / "a.secret"
    could = {
        "kept": kept,
        "read the source": can((source / "a.txt").read_bytes),
        "list the source": can(lambda: list(source.iterdir())),
        "write into the source": can(lambda: (source / "b.txt").write_bytes(b"x")),
        "remove the source": can((source / "a.txt").unlink),
        "write into the work folder": can(lambda: (work / "b").write_bytes(b"x")),
        "remove from the work folder": can((work / "b").unlink),
        "make a pipe": can(lambda: os.mkfifo(work / "pipe")),
        "make a link": can(lambda: (work / "link").symlink_to(secret)),
        "read the secret": can(secret.read_bytes),
        "list the keys": can(lambda: list(keys.iterdir())),
        "write over the secret": can(lambda: secret.write_bytes(b"x")),
        "remove the secret": can(secret.unlink),
        "read the secret by a hard link": can(lambda: os.link(secret, work / "hard")),
        "signal": can(lambda: os.kill(pid, 0)),
        "read memory": can(lambda: Path(f"/proc/{pid}/mem").open("rb").close()),
        "read an environment": can(Path(f"/proc/{pid}/environ").read_bytes),
        "run a program": can(lambda: os.posix_spawn("/bin/true", ["true"], {})),
        "read by a program": os.waitstatus_to_exitcode(
            os.waitpid(os.posix_spawn("/bin/cat", ["cat", str(secret)], {}), 0)[1]
        )
        == 0,
    }
    could["connect"] = can(lambda: socket.socket().connect(("127.0.0.1", 9)))
    sys.stdout.write(json.dumps(could))


if __name__ == "__main__":
    main()
