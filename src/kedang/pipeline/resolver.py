"""The program that compares mentions: `python -m kedang.pipeline.resolver <socket>`.

It is given names in clear and no key, keeps them in memory only, and has neither network nor a place to write to.
"""

from __future__ import annotations

import gc
import os
import sys
from multiprocessing.connection import Connection
from typing import NoReturn

import pyarrow as pa

from kedang.pipeline.confinement import confine, keep_secrets
from kedang.pipeline.messages import receive, send
from kedang.pipeline.resolution import Resolution
from kedang.pipeline.resolving_messages import (
    KeptSegment,
    LookWider,
    NamedRecords,
    ResolveNow,
    ResolverSetup,
)
from kedang.pipeline.territory import stay_within

OBJECTS_BETWEEN_COLLECTIONS = 500_000
"""Mentions and ties come by the hundred thousand, and none is of a cycle."""


def prepare_memory() -> None:
    """Look for garbage seldom, and never through what was imported; what Arrow has let go, the system has again at once."""
    pa.set_memory_pool(pa.system_memory_pool())
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 100)


def main() -> NoReturn:
    """Take records until it is asked, answer, and serve until the coordinator hangs up."""
    connection = Connection(int(sys.argv[1]))
    setup: ResolverSetup = receive(connection)
    keep_secrets()
    prepare_memory()
    confine(max_memory_bytes=0)
    stay_within(reading=(), writing=())
    resolution = Resolution(setup)
    while True:
        try:
            request = receive(connection)
            match request:
                case KeptSegment(payload):
                    resolution.remember(payload)
                case NamedRecords(records):
                    resolution.add(records)
                case LookWider():
                    send(connection, resolution.look_wider(request))
                case ResolveNow():
                    for answer in resolution.resolve(request):
                        send(connection, answer)
        except (EOFError, OSError):
            os._exit(0)


if __name__ == "__main__":
    main()
