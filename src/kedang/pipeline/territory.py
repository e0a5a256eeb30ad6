"""Which files a parsing process can reach: a fence that the kernel keeps, where it knows Landlock.

Linux 5.13 and later (linux/landlock.h). The process may read programs, fonts and the source it is given, and write
into its work folder; it can neither read nor change anything else of its user, the key places above all. It may not
open or accept connections (6.7), nor send signals to processes outside (6.12).
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass

# Numbers of the system calls, the same on every architecture.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION = 1  # flag of CREATE_RULESET: tell the version
PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = 1, 2, 4, 8
TRUNCATE = 1 << 14  # since version 3
DEVICE_CONTROL = 1 << 15  # since version 5
FIRST_RIGHTS = (1 << 13) - 1
RIGHTS_SINCE = ((2, 1 << 13), (3, TRUNCATE), (5, DEVICE_CONTROL))
REMOVE, MAKE_FOLDER, MAKE_FILE = (1 << 4) | (1 << 5), 1 << 7, 1 << 8  # no links, pipes, sockets, devices
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | DEVICE_CONTROL
READING = EXECUTE | READ_FILE | READ_FOLDER
WRITING = READ_FILE | READ_FOLDER | WRITE_FILE | REMOVE | MAKE_FOLDER | MAKE_FILE | TRUNCATE | DEVICE_CONTROL
BIND_AND_CONNECT = 3  # since version 4
SOCKETS_AND_SIGNALS = 3  # abstract sockets and signals of processes outside; since version 6

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/sys", "/nix/store", "/opt")
ABOUT_ITSELF = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def stay_within(*, reading: Iterable[bytes], writing: Iterable[bytes], listing: Iterable[bytes] = ()) -> bool:
    """Give up every file but programs and what lies at or below these places; whether the kernel can.

    For good, and for every process that this one starts. The process must have given up new privileges.
    Below the places of `listing` names may be read, and no file.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(CREATE_RULESET, None, 0, VERSION)
    if version < 1:
        return False
    rights = FIRST_RIGHTS | sum(right for since, right in RIGHTS_SINCE if version >= since)
    attributes = struct.pack("=QQQ", rights, BIND_AND_CONNECT, SOCKETS_AND_SIGNALS)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = libc.syscall(CREATE_RULESET, attributes, size, 0)
    if ruleset < 0:
        return False
    try:
        for place in (*_programs(), *reading):
            _allow(libc, ruleset, place, READING)
        for place in listing:
            _allow(libc, ruleset, place, READ_FOLDER)
        for place in (*map(os.fsencode, DEVICES), *writing):
            _allow(libc, ruleset, place, WRITING & rights)
        return bool(libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


@dataclass(frozen=True, slots=True)
class Ground:
    """What of a source may be read, and below which folders names may be read."""

    readable: tuple[bytes, ...]
    listed: tuple[bytes, ...] = ()


NOTHING = Ground(())


def ground_around(root: bytes, hidden: Iterable[bytes]) -> Ground:
    """All that lies at or below `root`, but for what is hidden; usually nothing of a source is.

    Where something is, the folders on the way to it are opened for their names only, and what lies beside that way
    is named piece by piece: what is put there later cannot be read by who has been fenced in before.
    """
    top = os.path.realpath(root)
    below = {place for place in map(os.path.realpath, hidden) if _is_below(place, top) and place != top}
    if not below:
        return Ground((root,))
    readable: list[bytes] = []
    ways = {top}
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        for name in os.listdir(folder):
            place = os.path.join(folder, name)
            if place in below:
                continue
            if any(_is_below(one, place) for one in below):  # never a link: these are real paths
                ways.add(place)
                waiting.append(place)
            else:
                readable.append(place)
    return Ground(tuple(readable), tuple(sorted(ways)))


def _is_below(place: bytes, folder: bytes) -> bool:
    return place == folder or place.startswith(folder.rstrip(b"/") + b"/")


def _programs() -> list[bytes]:
    """Where Python, its packages and the libraries of the system lie."""
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    places = (*SYSTEM, *ABOUT_ITSELF, sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path, *libraries)
    return [os.fsencode(place) for place in dict.fromkeys(places) if place]


def _allow(libc: ctypes.CDLL, ruleset: int, place: bytes, rights: int) -> None:
    """Allow what lies at or below a place; one that is not there needs no permission."""
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= OF_FILES
        rule = struct.pack("=Qi", rights, descriptor)
        libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
