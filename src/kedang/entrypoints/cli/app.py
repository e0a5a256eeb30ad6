"""The command `kedang` and how it ends."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import NoReturn

import typer
from django.db import DatabaseError, connections
from typer._click.exceptions import NoArgsIsHelpError, UsageError

from kedang.entrypoints.cli.help import misused
from kedang.entrypoints.cli.outputs import drop_unwritten, reader_gone
from kedang.entrypoints.cli.speaking import EXIT_BROKEN_PIPE, EXIT_GOOD, EXIT_STATUS, Voice
from kedang.entrypoints.cli.verbs import AllVerbs
from kedang.entrypoints.errors import fault_of
from kedang.records.errors import KedangError, Kind


def run() -> int:
    """Run one command; its exit status."""
    try:
        ended = AllVerbs()(standalone_mode=False)
        sys.stdout.flush()
    except KedangError as error:
        return Voice(as_json="--json" in sys.argv).failed(error)
    except typer.Exit as ended_early:
        return ended_early.exit_code
    except NoArgsIsHelpError:
        return EXIT_STATUS[Kind.MALFORMED]  # asking for the help has printed it
    except UsageError as error:
        err = Voice().err
        for line in misused(error):
            err.print(line)
        return EXIT_STATUS[Kind.MALFORMED]
    except BrokenPipeError as error:
        return EXIT_BROKEN_PIPE if reader_gone() else _fault(error)
    except SystemExit:  # how typer ends when it has seen the broken pipe first
        if reader_gone():
            return EXIT_BROKEN_PIPE
        raise
    except (OSError, DatabaseError) as error:
        return _fault(error)
    except (KeyboardInterrupt, typer.Abort):
        voice = Voice()
        voice.err.print(voice.say("interrupted"))
        return EXIT_STATUS[Kind.UNAVAILABLE]
    return ended if isinstance(ended, int) else EXIT_GOOD


def leave(status: int) -> NoReturn:
    """End with this status.

    What is to be done at an end is done here, because Python would then take every module apart, one by one:
    a twentieth of what a short command costs. Where threads are left it does so after all, and waits for them.
    """
    connections.close_all()
    atexit._run_exitfuncs()
    drop_unwritten()
    if threading.active_count() > 1:
        sys.exit(status)
    os._exit(status)


def _fault(error: OSError | DatabaseError) -> int:
    status = Voice(as_json="--json" in sys.argv).failed(fault_of(error))
    drop_unwritten()
    return status
