"""The verbs of `kedang` by name. Only the one that is asked for is imported, and Django only with it.

The help of the whole command comes from the texts, so that it imports none of them.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from importlib import import_module

import typer
from django.apps import apps
from django.conf import settings
from typer._click import Command
from typer._click import Context as ClickContext
from typer.main import get_command, get_group

from kedang.entrypoints.cli.help import Verb, Verbs
from kedang.entrypoints.cli.texts import about

ROOM = "kedang.entrypoints.cli"
VERBS: Mapping[str, str] = {
    "init": "cases:init",
    "status": "standing:status",
    "intake": "taking_in:intake_command",
    "questions": "questions:questions",
    "verify": "checking:verify",
    "catalogue": "exports:catalogue",
    "customers": "customers:customers_app",
    "report": "exports:report",
    "search": "finding:search",
    "show": "finding:show",
    "open": "finding:open_record",
    "destroy": "destroying:destroy",
    "rotate": "keys:rotate",
    "restore": "restoring:restore",
    "backup": "backing_up:backup",
    "drill": "drilling:drill_command",
    "keys": "keyplaces:keys_app",
    "shares": "sharing:shares_app",
    "copies": "copies:copies_app",
    "rows": "row_sets:rows_app",
    "ledger": "ledger_proofs:ledger_app",
    "serve": "serving:serve",
    "people": "people:people_app",
}
"""Where each verb, or group of verbs, stands: module and name."""


class _Named(MutableMapping[str, Command]):
    """The verbs, each imported when it is looked up."""

    def __init__(self) -> None:
        self._loaded: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._loaded:
            self._loaded[name] = _loaded(name, VERBS[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        raise TypeError("verbs are not taken away")

    def __iter__(self) -> Iterator[str]:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)


class AllVerbs(Verbs):
    """The command `kedang` itself."""

    def __init__(self) -> None:
        super().__init__(name="kedang", no_args_is_help=True)
        self.commands = _Named()

    def said_of(self, ctx: ClickContext) -> Iterator[tuple[str, str]]:
        """Each verb and what it is for; none is imported for it."""
        del ctx
        return ((name, about(name)) for name in VERBS)


def _loaded(name: str, place: str) -> Command:
    module, _, attribute = place.partition(":")
    apps.populate(settings.INSTALLED_APPS)
    found: Callable[..., object] | typer.Typer = getattr(import_module(f"{ROOM}.{module}"), attribute)
    gc.freeze()  # what is imported stays
    gc.enable()
    if isinstance(found, typer.Typer):
        return get_group(found)
    alone = typer.Typer(add_completion=False)
    alone.command(name, cls=Verb, help=about(name))(found)
    return get_command(alone)
