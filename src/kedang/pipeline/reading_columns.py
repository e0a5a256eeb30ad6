"""Who is named in a record when its columns mean what a person says; whoever stands where he stood keeps his number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kedang.pipeline.derived import Derived
from kedang.pipeline.examination import numbered_keys
from kedang.pipeline.kept_mentions import KeptMention, encode_numbered
from kedang.pipeline.messages import MentionKeys
from kedang.resolution.columns import Overrides
from kedang.resolution.links import Own
from kedang.resolution.mentions import Mention, mentions_of


@dataclass(frozen=True, slots=True)
class MentionsAgain:
    """The mentions of a record made anew."""

    payload: bytes = field(repr=False)
    """As they are kept; empty for nobody."""
    keys: tuple[MentionKeys, ...] = field(repr=False)
    names: Mapping[int, str] = field(repr=False)
    """All mentions that there are now: number, and the name as it is written."""

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of all."""
        return frozenset(self.names)


def mentions_again(
    derived: Derived, before: Iterable[KeptMention], own: Own, overrides: Overrides
) -> MentionsAgain | None:
    """The mentions with these meanings of columns; None of a record that has no tables or could not be read."""
    if derived.appraisal is None or not derived.extraction.tables:
        return None
    path = (*derived.folders, derived.name)
    found = mentions_of(derived.extraction, derived.appraisal, path=path, overrides=overrides)
    numbered = sorted(_numbered(found, before, own), key=lambda one: one[0])
    names = {at: mention.raw for at, mention in numbered}
    return MentionsAgain(encode_numbered(numbered, own), numbered_keys(numbered, own), names)


_Place = tuple[int, int, str, str, tuple[int, int] | None]


def _numbered(
    mentions: Iterable[Mention], before: Iterable[KeptMention], own: Own
) -> Iterator[tuple[int, Mention]]:
    """Each mention with the number that it had; new ones behind all that there were."""
    known: dict[_Place, list[int]] = {}
    following = 0
    for kept in before:
        known.setdefault(_place(kept.mention), []).append(kept.at)
        following = max(following, kept.at + 1)
    for mention in mentions:
        if own.is_own(mention):
            continue
        here = known.get(_place(mention))
        if here:
            yield here.pop(0), mention
        else:
            yield following, mention
            following += 1


def _place(mention: Mention) -> _Place:
    return mention.start, mention.end, mention.kind.value, mention.raw, mention.row
