"""One key at a time from a person at a terminal."""

from __future__ import annotations

import os
import sys
import termios
import tty

INTERRUPT = "\x03"


def pressed() -> str:
    """The next key, without waiting for a line to end.

    Raises:
        KeyboardInterrupt: the person wants to stop; EOFError: nobody is there any more.
    """
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        said = os.read(descriptor, 8)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
    if not said:
        raise EOFError
    key = said.decode(errors="replace")[0]
    if key == INTERRUPT:
        raise KeyboardInterrupt
    return key
