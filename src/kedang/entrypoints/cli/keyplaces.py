"""`kedang keys places`: registering where the key sheet lies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kedang.entrypoints.cli.changing import changing_keys
from kedang.entrypoints.cli.context import new_context
from kedang.entrypoints.cli.help import Verb, Verbs
from kedang.entrypoints.cli.keys import keys_app, tell_missed
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD
from kedang.entrypoints.cli.texts import either
from kedang.holdings.actions import keyplacing
from kedang.holdings.actions.epochs import newest_sheet
from kedang.vault.places import PlaceKind

places_app = typer.Typer(
    name="places",
    cls=Verbs,
    no_args_is_help=True,
    help=either(
        "密钥页的登记地点：登记、注销、刷新、确认。",
        "Places of the key sheet: add, remove, refresh, confirm.",
    ),
)
keys_app.add_typer(places_app)
Named = Annotated[
    str, typer.Argument(help=either("地点编号，见 kedang keys。", "Number of the place, see kedang keys."))
]


@places_app.command(
    "add", cls=Verb, help=either("登记一处并存入密钥页。", "Register a folder and put the key sheet there.")
)
def add(
    path: Annotated[Path, typer.Argument(help=either("文件夹。", "The folder."))],
    kind: Annotated[
        PlaceKind | None,
        typer.Option(
            "--kind",
            help=either("哪一类地点；不写则自行判断。", "What sort of place; told from it if not given."),
        ),
    ] = None,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Register a folder and put the key sheet there."""
    context = new_context(as_json=as_json, fonds_code=case)
    with changing_keys(context) as archive:
        sheet = newest_sheet(archive)
        row = keyplacing.add_place(archive, path, sheet, kind=kind, clock=context.now)
    if as_json:
        context.print_json(
            {"place": row.id, "number": row.ordinal, "kind": row.kind, "leaves_remains": row.leaves_remains}
        )
        return EXIT_GOOD
    context.print("place-added", number=row.ordinal, path=path)
    if row.leaves_remains:
        context.print("place-leaves-remains")
    if path.resolve() not in [one.resolve() for one in context.places.sheets]:
        context.print("place-not-named", path=path)
    return EXIT_GOOD


@places_app.command(
    "remove",
    cls=Verb,
    help=either("注销一处，取走那里的密钥页。", "Give a place up and take the sheet away there."),
)
def remove(place: Named, case: Case = None, as_json: Json = False) -> int:
    """Give a place up."""
    context = new_context(as_json=as_json, fonds_code=case)
    with changing_keys(context) as archive:
        emptied = keyplacing.remove_place(archive, place, clock=context.now)
    if as_json:
        context.print_json({"emptied": emptied})
    else:
        context.print("place-removed" if emptied else "place-removed-unreached")
    return EXIT_GOOD if emptied else EXIT_FINDINGS


@places_app.command(
    "refresh",
    cls=Verb,
    help=either("把现行密钥页写入每一处。", "Put the current key sheet into every place that is there."),
)
def refresh(case: Case = None, as_json: Json = False) -> int:
    """Put the current sheet into every place that is there."""
    context = new_context(as_json=as_json, fonds_code=case)
    with changing_keys(context) as archive:
        missed = keyplacing.spread(archive, newest_sheet(archive), now=context.now())
    if as_json:
        context.print_json({"places_missed": list(missed)})
    else:
        context.print("places-refreshed")
        tell_missed(context, missed, ())
    return EXIT_FINDINGS if missed else EXIT_GOOD


@places_app.command(
    "confirm",
    cls=Verb,
    help=either(
        "由人确认：该处已无任何旧密钥页。", "Say, as a person, that no old key sheet is left at a place."
    ),
)
def confirm(place: Named, case: Case = None, as_json: Json = False) -> int:
    """A person vouches that no old sheet is left there."""
    context = new_context(as_json=as_json, fonds_code=case)
    with changing_keys(context) as archive:
        row = keyplacing.confirm_place(archive, place, clock=context.now)
    if as_json:
        context.print_json({"place": row.id, "number": row.ordinal, "serial": row.confirmed_serial})
    else:
        context.print("place-confirmed", number=row.ordinal)
    return EXIT_GOOD
