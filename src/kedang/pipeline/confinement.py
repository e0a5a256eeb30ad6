"""What a parsing process is not allowed to do, set by itself before it sees the first byte."""

from __future__ import annotations

import ctypes
import resource
import sys

CLONE_NEWUSER = 0x10000000  # linux/sched.h
CLONE_NEWNET = 0x40000000
PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h
PR_SET_DUMPABLE = 4
FILE_BYTES = 64 * 1024**3  # one spool file holds one member


def confine(*, max_memory_bytes: int) -> None:
    """Give up network, core dumps, new privileges and more memory than `max_memory_bytes`."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_FSIZE, FILE_BYTES)
    if max_memory_bytes:
        _lower(resource.RLIMIT_AS, max_memory_bytes)
    if sys.platform == "linux":
        _leave_network()
    sys.addaudithook(_refuse_network)


def _lower(limit: int, most: int) -> None:
    """Set a limit to `most`, or leave it where somebody has set it lower."""
    held = resource.getrlimit(limit)[1]
    most = most if held == resource.RLIM_INFINITY else min(most, held)
    resource.setrlimit(limit, (most, most))


def keep_secrets() -> None:
    """For a process that holds keys: no core dump, not readable by other processes of the user."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _leave_network() -> None:
    """A network namespace with nothing in it, where the kernel lets this process have one."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.unshare(CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _refuse_network(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _NETWORK_EVENTS:
        raise PermissionError("a parsing process has no network")


_NETWORK_EVENTS = frozenset(
    {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
)
