"""The verbs of `kedang` and how they end."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer
from django.db import DatabaseError
from typer._click.exceptions import NoArgsIsHelpError, UsageError

from kedang.entrypoints.cli import (
    cases,
    checking,
    copies,
    destroying,
    drilling,
    exports,
    finding,
    restoring,
    taking_in,
)
from kedang.entrypoints.cli.context import EXIT_BROKEN_PIPE, EXIT_GOOD, EXIT_STATUS, new_context
from kedang.entrypoints.cli.help import Verb, Verbs, misused
from kedang.entrypoints.cli.keyplaces import places_app
from kedang.entrypoints.cli.keys import keys_app, rotate
from kedang.entrypoints.cli.ledger_proofs import ledger_app
from kedang.entrypoints.cli.outputs import drop_unwritten, reader_gone
from kedang.entrypoints.cli.sharing import shares_app
from kedang.entrypoints.cli.texts import language, text_of
from kedang.entrypoints.errors import fault_of
from kedang.records.errors import KedangError, Kind

app = typer.Typer(
    name="kedang",
    cls=Verbs,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
VERBS: dict[str, Callable[..., object]] = {
    "init": cases.init,
    "status": cases.status,
    "intake": taking_in.intake_command,
    "questions": checking.questions,
    "verify": checking.verify,
    "catalogue": exports.catalogue,
    "customers": exports.customers,
    "report": exports.report,
    "search": finding.search,
    "show": finding.show,
    "open": finding.open_record,
    "destroy": destroying.destroy,
    "rotate": rotate,
    "restore": restoring.restore,
    "backup": copies.backup,
    "drill": drilling.drill_command,
}
for verb, does in VERBS.items():
    app.command(verb, cls=Verb, help=text_of(f"help-{verb}", language()))(does)
keys_app.add_typer(places_app)
for group in (keys_app, shares_app, copies.copies_app, ledger_app):
    app.add_typer(group)


def run() -> int:
    """Run one command; its exit status."""
    try:
        ended = app(standalone_mode=False)
        sys.stdout.flush()
    except KedangError as error:
        return new_context(as_json="--json" in sys.argv).failed(error)
    except typer.Exit as ended_early:
        return ended_early.exit_code
    except NoArgsIsHelpError:
        return EXIT_STATUS[Kind.MALFORMED]  # asking for the help has printed it
    except UsageError as error:
        err = new_context().err
        for line in misused(error):
            err.print(line, markup=False)
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
        new_context().err.print(new_context().say("interrupted"), markup=False)
        return EXIT_STATUS[Kind.UNAVAILABLE]
    return ended if isinstance(ended, int) else EXIT_GOOD


def _fault(error: OSError | DatabaseError) -> int:
    status = new_context(as_json="--json" in sys.argv).failed(fault_of(error))
    drop_unwritten()
    return status
