"""`kedang keys` and `kedang rotate`: who opens the case, where its key sheet lies, and a new epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kedang.entrypoints.cli import resealing
from kedang.entrypoints.cli.changing import changing_keys
from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.help import Verb, Verbs
from kedang.entrypoints.cli.new_secrets import SlotChoice, Wanted, new_slot
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD
from kedang.entrypoints.cli.texts import about, either
from kedang.holdings.actions import rotating, slots
from kedang.holdings.actions.epochs import newest_sheet
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import CaseLocked
from kedang.holdings.queries.keys import KeysStatus, ShownPlace, ShownSlot, keys_status, locked_keys_status
from kedang.vault.places import PlaceKind, Standing, place_text
from kedang.vault.slots import NO_CHANGES, SlotChanges

keys_app = typer.Typer(
    name="keys",
    cls=Verbs,
    help=about("keys"),
    invoke_without_command=True,
)
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file", help=either("新口令所在的文件。", "File that holds the new passphrase.")
    ),
]
Module = Annotated[
    str | None,
    typer.Option("--module", help=either("令牌的 PKCS#11 模块。", "PKCS#11 module of the token's maker.")),
]
TokenLabel = Annotated[str | None, typer.Option("--token", help=either("令牌的标签。", "The token's label."))]
AnyOf = Annotated[
    str | None,
    typer.Option("--quorum", help=either("几份中的几份，如 2/3。", "How many of how many cards: 2/3.")),
]
Groups = Annotated[
    list[str] | None,
    typer.Option(
        "--group",
        help=either("一组保管人，如 2/3；可多次给出。", "A group of keepers: 2/3; may be repeated."),
    ),
]
GroupsNeeded = Annotated[
    int, typer.Option("--groups-needed", min=1, help=either("须有几组到场。", "How many groups are needed."))
]
Cards = Annotated[
    Path | None, typer.Option("--out", help=either("份额卡写成 PDF。", "Write the cards as a PDF."))
]
Words = Annotated[
    Path | None,
    typer.Option("--shares-out", help=either("份额写成文本文件。", "Write the shares as a text file.")),
]


@keys_app.callback()
def keys(ctx: typer.Context, case: Case = None, as_json: Json = False) -> int:
    """Who opens the case, where its key sheet lies, and what is to be done."""
    if ctx.invoked_subcommand is not None:
        return EXIT_GOOD
    return show_keys(case, as_json=as_json)


@keys_app.command(
    "status",
    cls=Verb,
    help=either(
        "密钥槽、密钥页的登记地点与下一步。", "Slots, places of the key sheet, and what is to be done."
    ),
)
def status(case: Case = None, as_json: Json = False) -> int:
    """Slots, places and what is to be done."""
    return show_keys(case, as_json=as_json)


@keys_app.command(
    "add", cls=Verb, help=either("增加一种开启方式。", "Add a slot: one more way to open the case.")
)
def add(
    kind: Annotated[SlotChoice, typer.Argument(help=either("以何开启。", "What opens it."))],
    passphrase_file: PassphraseFile = None,
    module: Module = None,
    token: TokenLabel = None,
    quorum: AnyOf = None,
    group: Groups = None,
    groups_needed: GroupsNeeded = 1,
    out: Cards = None,
    shares_out: Words = None,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """One more way to open the case."""
    context = new_context(as_json=as_json, fonds_code=case)
    given = tuple(group or ())
    wanted = Wanted(kind, passphrase_file, module, token, quorum, given, groups_needed, out, shares_out)
    with changing_keys(context) as archive:
        slots.require_no_change(archive)
        new = new_slot(context, wanted, fonds_code=archive.case.fonds_code)
        slot, missed = slots.add_slot(archive, new, clock=context.now)
    if as_json:
        context.print_json({"slot": slot, "kind": kind.value, "places_missed": list(missed)})
    else:
        context.print("keys-added", slot=slot[:12], kind=kind_said(context, slots.kind_of(new)))
        tell_missed(context, missed, ())
    return EXIT_FINDINGS if missed else EXIT_GOOD


@keys_app.command(
    "remove",
    cls=Verb,
    help=either("移除一种开启方式，随即更换密钥期。", "Remove a slot; the keys of the case change with it."),
)
def remove(
    slot: Annotated[
        str, typer.Argument(help=either("密钥槽编号的前几位。", "First digits of the slot's id."))
    ],
    case: Case = None,
    as_json: Json = False,
) -> int:
    """The slot goes, and a new epoch begins that it never had."""
    context = new_context(as_json=as_json, fonds_code=case)
    with changing_keys(context) as archive:
        found = slots.find_slot(newest_sheet(archive), slot)
        slots.require_other(archive, found)
        return changed(context, archive, SlotChanges(removed=frozenset((found.slot,))))


@keys_app.command(
    "replace",
    cls=Verb,
    help=either("换新一种开启方式，随即更换密钥期。", "Replace a slot; the keys of the case change with it."),
)
def replace(
    slot: Annotated[
        str, typer.Argument(help=either("密钥槽编号的前几位。", "First digits of the slot's id."))
    ],
    kind: Annotated[SlotChoice, typer.Argument(help=either("以何开启。", "What opens it."))],
    passphrase_file: PassphraseFile = None,
    module: Module = None,
    token: TokenLabel = None,
    quorum: AnyOf = None,
    group: Groups = None,
    groups_needed: GroupsNeeded = 1,
    out: Cards = None,
    shares_out: Words = None,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """The slot goes and another takes its place; a new epoch begins."""
    context = new_context(as_json=as_json, fonds_code=case)
    given = tuple(group or ())
    wanted = Wanted(kind, passphrase_file, module, token, quorum, given, groups_needed, out, shares_out)
    with changing_keys(context) as archive:
        found = slots.find_slot(newest_sheet(archive), slot)
        rotating.require_ready(archive)
        new = new_slot(context, wanted, fonds_code=archive.case.fonds_code)
        return changed(context, archive, SlotChanges(replaced={found.slot: new}))


def rotate(
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help=either("把中断的更换做完。", "Carry an interrupted change of keys through."),
        ),
    ] = False,
    reseal: Annotated[
        bool,
        typer.Option(
            "--reseal",
            help=either(
                "全部内容用新密钥重新密封：旧密钥页连同旧密钥分页已外流时用。",
                "Seal everything anew under fresh keys: for when an old key sheet and old key pages are out.",
            ),
        ),
    ] = False,
    agreed: Annotated[
        bool,
        typer.Option(
            "--yes", help=either("已读过 --reseal 的说明，开始。", "What --reseal says was read: begin.")
        ),
    ] = False,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """A new epoch of the keys without destruction; with --reseal, all content under fresh keys."""
    context = new_context(as_json=as_json, fonds_code=case)
    if reseal or (resume and resealing.is_unfinished(context)):
        return resealing.reseal(context, agreed=agreed)
    with changing_keys(context) as archive:
        if not resume:
            return changed(context, archive, NO_CHANGES)
        row = rotating.unfinished(archive)
        if row is None:
            return _told_nothing(context)
        with TerminalProgress(context.err, context.language) as progress:
            outcome = rotating.resume(archive, row, rotating.Carrying(context.now, progress))
        return tell_rotated(context, outcome)


def show_keys(case: str | None, *, as_json: bool) -> int:
    """How the keys are kept; a locked case tells what stands in clear."""
    context = new_context(as_json=as_json, fonds_code=case)
    try:
        with context.reading(ask=False) as archive:
            found = keys_status(archive)
    except CaseLocked:
        found = locked_keys_status(context.fonds_code, context.places)
    if as_json:
        context.print_json(found.to_json())
    else:
        _print_status(context, found)
    return EXIT_GOOD if found.level == "green" and not found.next_steps else EXIT_FINDINGS


def changed(context: Context, archive: Archive, changes: SlotChanges) -> int:
    """A new epoch with these changes, told."""
    with TerminalProgress(context.err, context.language) as progress:
        outcome = rotating.rotate(archive, rotating.Carrying(context.now, progress), changes=changes)
    return tell_rotated(context, outcome)


def tell_rotated(context: Context, outcome: rotating.Rotated) -> int:
    """How the change ended; the exit status."""
    if context.as_json:
        context.print_json(outcome.to_json())
    elif outcome.given_up:
        context.print("rotate-given-up")
    else:
        context.print("rotate-done", epoch=outcome.epoch)
        tell_missed(context, outcome.places_missed, outcome.copies_missed)
        context.print("rotate-limit")
    left = outcome.given_up or outcome.places_missed or outcome.copies_missed
    return EXIT_FINDINGS if left else EXIT_GOOD


def tell_missed(context: Context, places: tuple[str, ...], copies: tuple[str, ...]) -> None:
    """What was not reached."""
    if places:
        context.print("keys-places-missed", count=len(places))
    if copies:
        context.print("destroy-copies-outstanding", count=len(copies))


def kind_said(context: Context, kind: str) -> str:
    """A kind of slot as people say it."""
    return context.say(f"slot-{kind}")


def _told_nothing(context: Context) -> int:
    if context.as_json:
        context.print_json({"epoch": None})
    else:
        context.print("rotate-nothing-unfinished")
    return EXIT_GOOD


def _print_status(context: Context, found: KeysStatus) -> None:
    context.print(f"keys-level-{found.level}", holding=found.holding, epoch=found.epoch)
    context.print("keys-slots")
    for slot in found.slots:
        context.out.print(f"  {_slot_line(context, slot)}")
    if any(slot.kind == "unattended" for slot in found.slots):
        context.print("status-unattended")
    context.print("keys-places")
    for place in found.places:
        context.out.print(f"  {_place_line(context, place)}")
    for step in found.next_steps:
        context.print(f"keys-next-{step}")
    if found.locked:
        context.print("keys-locked")


def _slot_line(context: Context, slot: ShownSlot) -> str:
    said = [slot.slot[:12], kind_said(context, slot.kind)]
    if slot.shares is not None:
        said.append(
            context.say("slot-quorum-of", threshold=slot.threshold, shares=slot.shares, set=f"{slot.set:05d}")
        )
    said.append(slot.added[:10] if slot.added else context.say("slot-date-unknown"))
    if slot.opened:
        said.append(context.say("slot-opened"))
    return "  ".join(said)


def _place_line(context: Context, place: ShownPlace) -> str:
    if place.number is None:
        return f"?  {context.say('place-unregistered')}  {place.path}"
    kind = place_text(PlaceKind(place.kind), context.language)
    standing = place_text(Standing(place.standing), context.language)
    return f"{place.number}  {kind}  {standing}  {place.path or ''}".rstrip()
