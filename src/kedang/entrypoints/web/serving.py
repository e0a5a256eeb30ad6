"""The server of this computer: one process with its threads, and the jobs beside it."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import waitress
from django.core import management
from django.db import connection

from kedang.entrypoints.cli.context import new_context
from kedang.entrypoints.cli.offered import offered
from kedang.entrypoints.web import surroundings
from kedang.entrypoints.web.arranging.first import offer_token
from kedang.entrypoints.web.figures import FIGURES
from kedang.entrypoints.web.keeping_watch import Watch
from kedang.entrypoints.web.opened import OpenedCases, hold
from kedang.entrypoints.web.readers import Readers
from kedang.entrypoints.web.running import Runner
from kedang.entrypoints.web.spreading import Spread
from kedang.entrypoints.web.wsgi import application
from kedang.holdings.actions.uploads import tidy_uploads
from kedang.holdings.queries.cases import fonds_codes
from kedang.records.errors import KedangError

THREADS = 8
LARGEST_ANSWER_BYTES = 1024**3  # a larger one would go through a temporary file, in clear
LARGEST_REQUEST_BYTES = 16 * 1024 * 1024  # one piece of an upload with what surrounds it


def main(arguments: list[str]) -> int:
    """Serve until the process is told to end."""
    given = _given(arguments)
    context = new_context()
    context.prepare()
    with context.home.alone():
        _make_tables()
    tidy_uploads(context.home)
    cases = hold(context.home.root, context.places)
    _unlock_all(context, cases)
    readers = Readers(cases, given.processes - 1)
    cases.when_changed = readers.have_changed
    readers.have_changed()
    server = waitress.create_server(
        Spread(application, readers, FIGURES.changes),
        host=given.host,
        port=given.port,
        threads=THREADS,
        max_request_body_size=LARGEST_REQUEST_BYTES,
        inbuf_overflow=2 * LARGEST_REQUEST_BYTES,  # beyond it waitress writes a temporary file, in clear
        outbuf_overflow=LARGEST_ANSWER_BYTES,
        ident=None,
        clear_untrusted_proxy_headers=True,
        **_proxy(),
    )
    context.out.print(context.say("serving", address=f"http://{given.host}:{server.effective_port}/"))
    if token := offer_token():  # on the terminal only; behind #, so that no server and no proxy ever sees it
        address = f"http://{given.host}:{server.effective_port}/first/#{token}"
        context.out.print(context.say("serving-first", address=address))
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, _stop)
    with _beside(cases), suppress(KeyboardInterrupt, SystemExit):
        server.run()
    server.close()
    readers.close()
    cases.lock_all()
    return 0


def _given(arguments: list[str]) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="kedang serve")
    asked.add_argument("--host", default="127.0.0.1")
    asked.add_argument("--port", type=int, default=8642)
    asked.add_argument("--processes", type=int, default=1)
    return asked.parse_args(arguments)


@contextmanager
def _beside(cases: OpenedCases) -> Iterator[None]:
    """Jobs, and the watch over keys and what is due, while people are served."""
    beside = (Runner(cases), Watch(cases))
    for one in beside:
        one.start()
    try:
        yield
    finally:
        for one in reversed(beside):
            one.stop()


def _proxy() -> dict[str, Any]:
    """Whose word counts for the scheme and for where a request comes from: the proxy's that ends https, else nobody's."""
    if not surroundings.HTTPS:
        return {}
    return {
        "trusted_proxy": surroundings.PROXY,
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    }


def _stop(_signal: int, _frame: Any) -> None:
    raise SystemExit(0)


def _make_tables() -> None:
    """Those of sessions and second factors, beside those of the archive."""
    management.call_command("migrate", interactive=False, verbosity=0)
    connection.close()


def _unlock_all(context: Any, cases: OpenedCases) -> None:
    """Open what opens with what is at hand, and say by which slot; the others are unlocked on their page."""
    given = offered(None)
    for code in fonds_codes():
        try:
            archive = cases.unlock(code, given)
        except KedangError as error:
            context.print("serving-locked", code=code, because=error.code)
        else:
            kind, slot = context.say(f"slot-{archive.slot}"), archive.keyring.unlocked.slot[:12]
            context.print("serving-opened", code=code, kind=kind, slot=slot)
