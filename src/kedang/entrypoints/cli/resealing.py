"""`kedang rotate --reseal`: everything that lives sealed anew, after it was said what that does not promise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kedang.entrypoints.cli.context import Context
from kedang.entrypoints.cli.progress import TerminalProgress
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD
from kedang.holdings.actions import sealing_anew
from kedang.holdings.actions.rotating import Carrying
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.queries.resealing import ToSeal, to_seal


def reseal(context: Context, *, agreed: bool) -> int:
    """How much there is and what is not promised; when that is agreed to, or was, it is carried out."""
    with _alone(context) as archive:
        row = sealing_anew.unfinished(archive)
        if row is None and not agreed:
            return _review(context, to_seal(archive))
        if row is None:
            row = sealing_anew.order(archive, now=context.now())
        with TerminalProgress(context.err, context.language) as progress:
            outcome = sealing_anew.carry_out(archive, row, Carrying(context.now, progress))
    return _told(context, outcome)


def is_unfinished(context: Context) -> bool:
    """Whether sealing anew was interrupted; asked without any key."""
    context.prepare()
    return sealing_anew.is_unfinished(context.fonds_code)


@contextmanager
def _alone(context: Context) -> Iterator[Archive]:
    """The case, while nobody takes in, changes keys or writes copies."""
    with context.writing() as archive, context.home.holding("keys"), context.home.holding("copies"):
        yield archive


def _review(context: Context, much: ToSeal) -> int:
    if context.as_json:
        context.print_json(much.to_json())
        return EXIT_FINDINGS
    megabytes = -(-much.size_bytes // 1_000_000)
    context.print("reseal-list", records=much.records, packs=much.packs, megabytes=megabytes)
    context.print("reseal-meanwhile")
    _print_limits(context, much.not_promised)
    context.print("reseal-agree")
    return EXIT_FINDINGS


def _told(context: Context, outcome: sealing_anew.SealedAnew) -> int:
    if context.as_json:
        context.print_json(outcome.to_json())
    else:
        context.print("reseal-done", records=outcome.records, packs=outcome.packs, epoch=outcome.epoch)
        if outcome.places_missed:
            context.print("keys-places-missed", count=len(outcome.places_missed))
        if outcome.copies_outstanding:
            context.print("destroy-copies-outstanding", count=len(outcome.copies_outstanding))
        for copy, count in outcome.old_packs.items():
            context.print("reseal-old-packs", copy=copy[:12], packs=count)
        _print_limits(context, outcome.not_promised)
    left = outcome.places_missed or outcome.copies_outstanding
    return EXIT_FINDINGS if left else EXIT_GOOD


def _print_limits(context: Context, limits: Sequence[str]) -> None:
    context.print("reseal-limits")
    for limit in limits:
        context.out.print(f"  · {context.say(f'reseal-limit-{limit}')}")
