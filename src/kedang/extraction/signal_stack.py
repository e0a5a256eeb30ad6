"""A signal stack that is large enough for every library in the process.

OpenVINO's CPU plugin gives the thread that loads it an alternate signal stack of 11.5 KB. The Go runtime
(format identification runs on it) uses whatever it finds for its own frequent signals and needs more:
the overflow ends the process with SIGSEGV, at random. A larger one of our own takes its place.
"""

from __future__ import annotations

import ctypes
import mmap
import sys

SIZE_BYTES = 256 * 1024

_kept: list[mmap.mmap] = []  # a stack in use must never be freed


class _Stack(ctypes.Structure):
    """`stack_t` of Linux."""

    _fields_ = (
        ("ss_sp", ctypes.c_void_p),
        ("ss_flags", ctypes.c_int),
        ("ss_size", ctypes.c_size_t),
    )


def signal_stack_bytes() -> int | None:
    """The size of this thread's alternate signal stack; 0 when it has none, None where it cannot be told."""
    if not sys.platform.startswith("linux"):
        return None
    now = _Stack()
    failed = ctypes.CDLL(None).sigaltstack(None, ctypes.byref(now))
    return None if failed else int(now.ss_size)


def enlarge_signal_stack() -> None:
    """See that an alternate signal stack of this thread, if there is one, is large; harmless elsewhere."""
    size = signal_stack_bytes()
    if not size or size >= SIZE_BYTES:
        return
    memory = mmap.mmap(-1, SIZE_BYTES)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    wanted = _Stack(ss_sp=start, ss_flags=0, ss_size=SIZE_BYTES)
    if ctypes.CDLL(None).sigaltstack(ctypes.byref(wanted), None) == 0:
        _kept.append(memory)
