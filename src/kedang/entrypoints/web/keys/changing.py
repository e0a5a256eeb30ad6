"""The way in for every page that changes keys: one at a time, and what a crash left behind is mended first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest

from kedang.entrypoints.web.desk import Desk
from kedang.entrypoints.web.texts import say
from kedang.holdings.actions.rotating import Carrying, Rotated, mend, rotate
from kedang.vault.slots import SlotChanges


@contextmanager
def changing_keys(desk: Desk) -> Iterator[None]:
    """Nobody else changes the keys of the home meanwhile.

    Raises:
        HomeBusy: somebody does.
    """
    with desk.archive.home.holding("keys"):
        mend(desk.archive, now=desk.now())
        yield


def changed(request: HttpRequest, desk: Desk, changes: SlotChanges) -> Rotated:
    """A new epoch with these changes, told to whoever asked. New secrets are in memory only, so it is no job."""
    outcome = rotate(desk.archive, Carrying(desk.now), changes=changes)
    messages.success(request, say("keys.changed", desk.language, epoch=outcome.epoch))
    tell_missed(request, desk, outcome.places_missed, outcome.copies_missed)
    return outcome


def tell_missed(
    request: HttpRequest, desk: Desk, places: tuple[str, ...], copies: tuple[str, ...] = ()
) -> None:
    """What was not reached."""
    if places:
        messages.warning(request, say("keys.places-missed", desk.language, count=len(places)))
    if copies:
        messages.warning(request, say("keys.copies-missed", desk.language, count=len(copies)))
