"""The forms of leaves as regular expressions: a leaf that matches is one that `read_leaf` reads.

What they let through is canonical and of the schema; what they do not is for `read_leaf` to judge. They leave to
it what is seldom and no regular expression says well: 29 February, numbers of sixteen digits.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

_HEX = "[0-9a-f]"
_NUMBER = "(?:0|[1-9][0-9]{0,14})"  # below 2^53
_DAY = (
    "(?!0000)[0-9]{4}-(?:"
    "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|"
    "02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_TIME = _DAY + r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"
_SHORT = '(?=[^"]{1,128}")'  # as schema._TEXT_MAX
_VALUES: dict[str, str] = {
    "id": f'"{_HEX}{{32}}"',
    "digest": f'"{_HEX}{{64}}"',
    "commitment": f'"{_HEX}{{64}}"',
    "code": '"KD-[A-Z][0-9]{3}"',
    "rule": f'"{_SHORT}[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*"',
    "token": '"[a-z0-9][a-z0-9.-]{0,63}"',
    "reference-code": f'"{_SHORT}[A-Z0-9]+(?:[-·][A-Z0-9]+){{1,15}}"',
    "count": _NUMBER,
    "flag": "(?:true|false)",
    "date": f'"{_DAY}"',
    "time": f'"{_TIME}"',
    "until": f'"(?:permanent|undetermined|{_DAY})"',
}
_TIMES = {"one": "", "optional": "?", "many": "+", "any": "*"}


def leaf_form(act: str) -> re.Pattern[str] | None:
    """The form of an act's leaves, with the groups `n`, `objects` and `time`; None when there is no such act."""
    return _form(act) if act in _schema()["acts"] else None


@cache
def _schema() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files("kedang.ledger").joinpath("acts.toml").read_text(encoding="utf-8"))


@cache
def _form(act: str) -> re.Pattern[str]:
    said, choices = _schema()["acts"][act], _schema()["choices"]
    values = _VALUES | {name: f'"(?:{"|".join(map(re.escape, some))})"' for name, some in choices.items()}
    objects = (
        f'(?:"{kind}:{_HEX}{{32}}"(?:,(?!\\])|(?=\\]))){_TIMES[many]}'
        for kind, many in said["objects"].items()
    )
    facts = _facts(sorted(said["facts"].items()), values)
    return re.compile(
        f'\\{{"act":"{act}","actor":"{_HEX}{{32}}","facts":\\{{{facts}\\}},"n":(?P<n>{_NUMBER}),'
        f'"objects":\\[(?P<objects>{"".join(objects)})\\],"time":"(?P<time>{_TIME})"\\}}'
    )


def _facts(facts: Iterable[tuple[str, str]], values: Mapping[str, str]) -> str:
    """Each ends with a comma that something follows, or where the facts end."""
    written = []
    for name, kind in facts:
        base = kind.removesuffix("?")
        value = values[base.removesuffix("[]")]
        if base.endswith("[]"):
            value = f"\\[(?:{value}(?:,{value})*)?\\]"
        optional = "?" if kind.endswith("?") else ""
        written.append(f'(?:"{name}":{value}(?:,(?!\\}})|(?=\\}}))){optional}')
    return "".join(written)
