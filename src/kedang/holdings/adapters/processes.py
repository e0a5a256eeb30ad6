"""Which process holds keys, so that one that has died is not waited for until its lease ends."""

from __future__ import annotations

import os
from pathlib import Path

_START = 19  # of the fields after the name in /proc/PID/stat: when the process began, in ticks since the boot


def this_process() -> str:
    """This process of this start of this computer; empty where the system does not tell."""
    started = _started(os.getpid())
    return f"{_boot()}:{os.getpid()}:{started}" if started else ""


def has_died(process: str) -> bool:
    """Whether the process is known to be no more: of this computer, and gone, or of an earlier start of it.

    False when it cannot be told, as of another computer.
    """
    boot, _, rest = process.partition(":")
    pid, _, started = rest.partition(":")
    if not pid or not boot or boot != _boot():
        return False
    return _started(int(pid)) != started


def _boot() -> str:
    """The running system's start and the space that its process numbers are of: containers have their own."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink().name.strip('pid:[]')}"
    except OSError:
        return ""


def _started(pid: int) -> str:
    try:
        after_name = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        )
    except OSError:
        return ""
    return after_name.split()[_START]
