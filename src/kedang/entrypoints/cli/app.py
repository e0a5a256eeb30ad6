"""The verbs of `kedang` and how they end."""

from __future__ import annotations

import sys

import typer
from django.db import DatabaseError
from typer._click.exceptions import UsageError

from kedang.entrypoints.cli import cases, checking, exports, finding, taking_in
from kedang.entrypoints.cli.context import EXIT_GOOD, EXIT_STATUS, new_context
from kedang.entrypoints.errors import fault_of
from kedang.records.errors import KedangError, Kind

app = typer.Typer(
    name="kedang",
    help="客档：封存、整理、检索一家注销企业的客户档案。 The sealed, ordered, searchable archive of a closing company.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("init")(cases.init)
app.command("status")(cases.status)
app.command("intake")(taking_in.intake_command)
app.command("questions")(checking.questions)
app.command("verify")(checking.verify)
app.command("catalogue")(exports.catalogue)
app.command("customers")(exports.customers)
app.command("report")(exports.report)
app.command("search")(finding.search)
app.command("show")(finding.show)
app.command("open")(finding.open_record)


def run() -> int:
    """Run one command; its exit status."""
    try:
        ended = app(standalone_mode=False)
    except KedangError as error:
        return new_context(as_json="--json" in sys.argv).failed(error)
    except typer.Exit as ended_early:
        return ended_early.exit_code
    except UsageError as error:
        error.show()
        return EXIT_STATUS[Kind.MALFORMED]
    except (OSError, DatabaseError) as error:
        return new_context(as_json="--json" in sys.argv).failed(fault_of(error))
    except (KeyboardInterrupt, typer.Abort):
        new_context().err.print(new_context().say("interrupted"), markup=False)
        return EXIT_STATUS[Kind.UNAVAILABLE]
    return ended if isinstance(ended, int) else EXIT_GOOD
