"""`kedang shares`: new cards for the keepers, and checking cards that were written down."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from kedang.entrypoints.cli.changing import changing_keys
from kedang.entrypoints.cli.context import Context, new_context
from kedang.entrypoints.cli.help import Verb, Verbs
from kedang.entrypoints.cli.keys import AnyOf, Cards, Groups, GroupsNeeded, Words, changed
from kedang.entrypoints.cli.new_secrets import SlotChoice, Wanted, new_slot
from kedang.entrypoints.cli.options import Case, Json
from kedang.entrypoints.cli.speaking import EXIT_FINDINGS, EXIT_GOOD
from kedang.entrypoints.cli.texts import about, either
from kedang.holdings.actions import rotating, slots
from kedang.holdings.actions.epochs import newest_sheet
from kedang.holdings.queries.keys import CardSets, card_sets
from kedang.vault.share_words import EntryCheck, check_entry, check_word, complete
from kedang.vault.shares import CARD_WORDS, share_mark
from kedang.vault.slots import SlotChanges

shares_app = typer.Typer(
    name="shares",
    cls=Verbs,
    no_args_is_help=True,
    help=about("shares"),
)
SlotNamed = Annotated[
    str,
    typer.Option(
        "--slot", help=either("有几套份额时，更换哪一个密钥槽。", "Which slot, where there are several sets.")
    ),
]


@shares_app.command(
    "make",
    cls=Verb,
    help=either("换发新份额；旧份额随即作废。", "Make new shares; the old ones open nothing afterwards."),
)
def make(
    quorum: AnyOf = None,
    group: Groups = None,
    groups_needed: GroupsNeeded = 1,
    out: Cards = None,
    shares_out: Words = None,
    slot: SlotNamed = "quorum",
    case: Case = None,
    as_json: Json = False,
) -> int:
    """New cards; a new epoch begins that the old ones never open."""
    context = new_context(as_json=as_json, fonds_code=case)
    wanted = Wanted(
        SlotChoice.SHARES,
        quorum=quorum,
        groups=tuple(group or ()),
        groups_needed=groups_needed,
        cards=out,
        words=shares_out,
    )
    with changing_keys(context) as archive:
        found = slots.find_slot(newest_sheet(archive), slot)
        rotating.require_ready(archive)
        new = new_slot(context, wanted, fonds_code=archive.case.fonds_code)
        status = changed(context, archive, SlotChanges(replaced={found.slot: new}))
    if not as_json:
        for path in filter(None, (out, shares_out)):
            context.print("shares-made", path=path)
    return status


@shares_app.command(
    "check",
    cls=Verb,
    help=either(
        "核对抄下的份额：逐词输入，或从文件读取。",
        "Check shares that were written down: typed word by word, or from a file.",
    ),
)
def check(
    file: Annotated[
        Path | None,
        typer.Option("--from", help=either("每份一段的文本文件。", "Text file, one share a paragraph.")),
    ] = None,
    case: Case = None,
    as_json: Json = False,
) -> int:
    """Whether the cards are right, of the case's set, and enough."""
    context = new_context(as_json=as_json, fonds_code=case)
    context.prepare()
    sets = card_sets(context.fonds_code, context.places)
    if file is not None:
        typed = list(_cards_in(file.read_text(encoding="utf-8")))
    elif sys.stdin.isatty():
        typed = _typed(context, sets)
    else:
        raise typer.BadParameter(context.say("shares-need-file"))
    checked = [Checked.of(words, sets) for words in typed]
    opens = sets.opened_by([card.words for card in checked if card.right])
    return _tell(context, checked, opens=opens, said_already=file is None)


@dataclass(frozen=True, slots=True)
class Checked:
    """One card, checked."""

    words: str
    entry: EntryCheck
    known: bool
    """Its set is one of the case's."""

    @classmethod
    def of(cls, words: str, sets: CardSets) -> Checked:
        """A card as it was typed."""
        entry = check_entry(words)
        known = entry.share is not None and entry.share.identifier in sets.identifiers
        return cls(words, entry, known)

    @property
    def right(self) -> bool:
        """Every word is right and the card belongs to the case."""
        return self.entry.share is not None and self.known

    def to_json(self) -> dict[str, Any]:
        """What may be said of it: no word of it."""
        share = self.entry.share
        return {
            "right": self.right,
            "of_this_case": self.known,
            "set": share.identifier if share else None,
            "group": share.group + 1 if share else None,
            "number": share.member + 1 if share else None,
            "mark": share_mark(self.words) if share else None,
            "words_missing": self.entry.missing,
            "words_unknown": list(self.entry.unknown),
            "word_suspect": self.entry.suspect,
        }


def _tell(context: Context, checked: list[Checked], *, opens: bool, said_already: bool) -> int:
    if context.as_json:
        context.print_json({"cards": [card.to_json() for card in checked], "opens": opens})
    else:
        for at, card in enumerate([] if said_already else checked, start=1):
            context.print(_said(card), **_facts(card, at))
        context.print("shares-open" if opens else "shares-do-not-open")
    return EXIT_GOOD if checked and all(card.right for card in checked) else EXIT_FINDINGS


def _said(card: Checked) -> str:
    entry = card.entry
    if entry.share is not None:
        return "share-right" if card.right else "share-foreign"
    if entry.unknown:
        return "share-unknown-words"
    if entry.missing:
        return "share-incomplete"
    return "share-suspect" if entry.suspect else "share-wrong"


def _facts(card: Checked, at: int) -> dict[str, object]:
    share, entry = card.entry.share, card.entry
    return {
        "at": at,
        "mark": share_mark(card.words) if share else "",
        "set": f"{share.identifier:05d}" if share else "",
        "places": ", ".join(map(str, entry.unknown)),
        "missing": abs(entry.missing),
        "place": entry.suspect,
    }


def _cards_in(text: str) -> Iterator[str]:
    """The cards of a file: a paragraph each, or a line each where every line is a whole card."""
    for paragraph in text.replace("\r", "").split("\n\n"):
        lines = [" ".join(line.split()) for line in paragraph.split("\n") if line.strip()]
        if any(len(line.split()) != CARD_WORDS for line in lines):
            lines = [" ".join(lines)] if lines else []
        yield from lines


def _typed(context: Context, sets: CardSets) -> list[str]:
    """Cards as a person types them, word by word, until they open the case or he ends it."""
    cards: list[str] = []
    while not sets.opened_by(cards):
        context.print("share-type", number=len(cards) + 1, words=CARD_WORDS)
        card = _typed_card(context)
        if not card:
            break
        checked = Checked.of(card, sets)
        context.print(_said(checked), **_facts(checked, len(cards) + 1))
        if checked.right:
            cards.append(card)
    return cards


def _typed_card(context: Context) -> str:
    """One card; empty when its first word is. What is typed is not shown: a screen has more readers."""
    words: list[str] = []
    while len(words) < CARD_WORDS:
        word = getpass.getpass(f"{len(words) + 1:2}/{CARD_WORDS} ").strip().casefold()
        if not word:
            if not words:
                return ""
            words.pop()
            context.print("share-word-back", number=len(words) + 1)
            continue
        for one in word.split():
            _take(context, words, one)
    return " ".join(words)


def _take(context: Context, words: list[str], word: str) -> None:
    """Keep the word when it is on the list, or its first letters leave no doubt."""
    meant = complete(word)
    if len(meant) == 1:
        words.append(meant[0])
    elif check_word(word).known:
        words.append(word)
    else:
        context.print("share-word-unknown", nearest=", ".join(check_word(word).nearest))
