"""Names in the names of folders and files: 客户/杭州云帆贸易/合同/王伟-20240131.docx.

Somebody once filed the record there; it may as well be a template or a mistake. Such mentions have no numbers, found
no customer and are tied by nothing certain.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from kedang.resolution.forms import organisation_form, person_form
from kedang.resolution.mention import Mention, MentionKind
from kedang.resolution.organisation_names import organisation_name_of
from kedang.resolution.person_names import person_name_of, surname_share
from kedang.resolution.roles import Role

_EXTENSION = re.compile(r"(?<=[^.])\.[A-Za-z0-9]{1,5}$")
_PARTS = re.compile(r"(?:[vV]?[0-9]+|[\s_\-—–+&,，.、;；:：()（）\[\]【】《》#@!！])+")
_CUSTOMERS = re.compile(r"客户|会员|业主|学员|买家|customer|client", re.IGNORECASE)
_LONGEST = 60  # characters of a name
_LEAST_BEARERS = 0.0005  # of the population; a rarer surname is more often another word
_SHORT_FIRM = re.compile(
    r"(?:公司|集团|事务所|商行|经营部|合作社|厂|超市|工作室|门市部|批发部|酒店|医院|学校)$"
)


def in_path(path: Sequence[str]) -> Iterator[Mention]:
    """Whom the folders and the file's name (the last of `path`) name, each once."""
    seen: set[str] = set()
    among_customers = False
    for place, component in enumerate(path):
        bare = _EXTENSION.sub("", component) if place == len(path) - 1 else component
        for part in filter(None, _PARTS.split(bare)):
            mention = _named(_kind_of_record().sub("", part), among_customers=among_customers)
            if mention is not None and mention.normalised not in seen:
                seen.add(mention.normalised)
                yield mention
        among_customers = bool(_CUSTOMERS.search(component))


def _named(part: str, *, among_customers: bool) -> Mention | None:
    if len(part) > _LONGEST:
        return None
    organisation = organisation_name_of(part)
    if len(part) >= len("云帆公司") and (
        _SHORT_FIRM.search(part) or (among_customers and organisation.industry)
    ):
        return _mention(MentionKind.ORGANISATION, part, organisation_form(part))
    if part in _no_names() or not 2 <= len(part) <= 4:
        return None
    person = person_name_of(part)
    share = surname_share(person.surname) or 0.0
    likely = share >= _LEAST_BEARERS or (share > 0 and len(person.surname) > 1)
    if likely and not person.is_weak and len(person.given_name) in (1, 2):
        return _mention(MentionKind.PERSON, part, person_form(part))
    return None


def _mention(kind: MentionKind, raw: str, normalised: str) -> Mention:
    return Mention(kind=kind, start=0, end=0, raw=raw, normalised=normalised, role=Role.PATH)


@cache
def _kind_of_record() -> re.Pattern[str]:
    """What sort of paper a file is, at the end of its name: 采购合同, 发票."""
    table = _table()
    before, papers = "|".join(table["before"]), "|".join(sorted(table["papers"], key=len, reverse=True))
    return re.compile(rf"(?:{before})*(?:{papers})$")


@cache
def _no_names() -> frozenset[str]:
    return frozenset(_table()["no_names"])


@cache
def _table() -> dict[str, list[str]]:
    return tomllib.loads((files("kedang.resolution") / "paths.toml").read_text(encoding="utf-8"))
