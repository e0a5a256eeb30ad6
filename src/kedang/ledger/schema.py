"""The closed schema of acts: reads acts.toml and writes the facts and objects of a leaf by it.

Every type's alphabet is free of characters that JSON escapes, so writing a value is putting quotes
around it; nothing but a value of its type can get into a leaf.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from kedang.ledger.errors import ActUnknown, FactsMalformed, ObjectsMalformed, SchemaMalformed

FactValue = str | int | bool | Sequence[str] | Sequence[int]
Writer = Callable[[object], str | None]
"""The JSON text of a value, or None when the value is not of the type."""

COUNT_MAX = 2**53 - 1  # RFC 8785 §3.2.2.3: the largest whole number that every JSON reader keeps
_ID = re.compile(r"[0-9a-f]{32}")
_OBJECT = re.compile(r"([a-z][a-z-]{0,31}):[0-9a-f]{32}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_ACT = re.compile(r"[a-z][a-z-]{0,31}")
_CHOICE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_PATTERNS = {
    "id": _ID,
    "digest": re.compile(r"[0-9a-f]{64}"),
    "commitment": re.compile(r"[0-9a-f]{64}"),
    "code": re.compile(r"KD-[A-Z][0-9]{3}"),
    "rule": re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*"),
    "token": re.compile(r"[a-z0-9][a-z0-9.-]{0,63}"),
    "reference-code": re.compile(r"[A-Z0-9]+(?:[-·][A-Z0-9]+){1,15}"),
}
_DATE_CHARACTERS = 10  # 2026-11-21
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_TEXT_MAX = 128  # characters of any one value; the longest, a 档号, has room to spare
_CARDINALITY = {"one": (1, 1), "optional": (0, 1), "many": (1, None), "any": (0, None)}


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the schema: its names for people, what it is about and what it states."""

    name: str
    zh: str
    en: str
    objects: tuple[tuple[str, int, int | None], ...]
    """(kind, at least, at most) in the order of the leaf."""
    facts: tuple[tuple[str, bool, Writer], ...]
    """(name, required, writer) in the order of canonical JSON."""

    def written_objects(self, objects: Sequence[str]) -> str:
        """The JSON text of the objects.

        Raises:
            ObjectsMalformed: not "kind:id", or not the kinds, order and numbers of the act.
        """
        position = 0
        for kind, least, most in self.objects:
            prefix = kind + ":"
            first = position
            while position < len(objects) and objects[position].startswith(prefix):
                position += 1
            count = position - first
            if count < least or (most is not None and count > most):
                raise ObjectsMalformed(act=self.name, object_kind=kind, count=count)
        if position != len(objects) or not all(map(_OBJECT.fullmatch, objects)):
            raise ObjectsMalformed(act=self.name, position=position)
        return '["' + '","'.join(objects) + '"]' if objects else "[]"

    def written_facts(self, facts: Mapping[str, object]) -> str:
        """The JSON text of the facts, names in order.

        Raises:
            FactsMalformed: a fact is missing, unknown or not of its type.
        """
        parts = []
        for name, required, write in self.facts:
            if name not in facts:
                if required:
                    raise FactsMalformed(act=self.name, fact=name)
                continue
            written = write(facts[name])
            if written is None:
                raise FactsMalformed(act=self.name, fact=name)
            parts.append(f'"{name}":{written}')
        if len(parts) != len(facts):
            raise FactsMalformed(act=self.name, facts=len(facts), known=len(parts))
        return "{" + ",".join(parts) + "}"


@cache
def acts() -> Mapping[str, Act]:
    """Every act of acts.toml by name."""
    text = files("kedang.ledger").joinpath("acts.toml").read_text(encoding="utf-8")
    return read_acts(text)


def act_named(name: str) -> Act:
    """The act of this name.

    Raises:
        ActUnknown: the schema has no such act.
    """
    try:
        return acts()[name]
    except KeyError as error:
        raise ActUnknown(length=len(name)) from error


def read_acts(text: str) -> dict[str, Act]:
    """The acts of a schema in the form of acts.toml.

    Raises:
        SchemaMalformed: a name, type or cardinality that does not exist.
    """
    table = tomllib.loads(text)
    writers = _writers(table["choices"])
    return {name: _act(name, entry, writers) for name, entry in table["acts"].items()}


def is_id(value: str) -> bool:
    """Whether the value is an opaque id: 32 lower-case hexadecimal digits."""
    return _ID.fullmatch(value) is not None


def _act(name: str, entry: Mapping[str, object], writers: Mapping[str, Writer]) -> Act:
    objects, facts = entry["objects"], entry["facts"]
    if not _ACT.fullmatch(name) or not isinstance(objects, dict) or not isinstance(facts, dict):
        raise SchemaMalformed(act=name)
    for kind, cardinality in objects.items():
        if cardinality not in _CARDINALITY or not _ACT.fullmatch(kind):
            raise SchemaMalformed(act=name, object_kind=kind)
    return Act(
        name=name,
        zh=str(entry["zh"]),
        en=str(entry["en"]),
        objects=tuple((kind, *_CARDINALITY[many]) for kind, many in objects.items()),
        facts=tuple(_fact(name, fact, facts[fact], writers) for fact in sorted(facts)),
    )


def _fact(act: str, name: str, written_type: str, writers: Mapping[str, Writer]) -> tuple[str, bool, Writer]:
    required = not written_type.endswith("?")
    base = written_type.removesuffix("?")
    of_many = base.endswith("[]")
    write = writers.get(base.removesuffix("[]"))
    if write is None or not _NAME.fullmatch(name):
        raise SchemaMalformed(act=act, fact=name)
    return name, required, _many(write) if of_many else write


def _writers(choices: Mapping[str, Iterable[str]]) -> dict[str, Writer]:
    writers: dict[str, Writer] = {name: _matching(form) for name, form in _PATTERNS.items()}
    writers |= {
        "count": _count,
        "flag": _flag,
        "date": _date,
        "time": _time,
        "until": _until,
    }
    for name, values in choices.items():
        if name in writers or not all(_CHOICE.fullmatch(value) for value in values):
            raise SchemaMalformed(choice=name)
        writers[name] = _one_of(frozenset(values))
    return writers


def _matching(pattern: re.Pattern[str]) -> Writer:
    def write(value: object) -> str | None:
        if isinstance(value, str) and len(value) <= _TEXT_MAX and pattern.fullmatch(value):
            return '"' + value + '"'
        return None

    return write


def _one_of(values: frozenset[str]) -> Writer:
    quoted = {value: f'"{value}"' for value in values}

    def write(value: object) -> str | None:
        return quoted.get(value) if isinstance(value, str) else None

    return write


def _many(write: Writer) -> Writer:
    def write_all(value: object) -> str | None:
        if not isinstance(value, (list, tuple)):
            return None
        parts = [write(one) for one in value]
        known = [part for part in parts if part is not None]
        return "[" + ",".join(known) + "]" if len(known) == len(parts) else None

    return write_all


def _count(value: object) -> str | None:
    # A bool is an int to Python, but not a number to a reader of the leaf.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= COUNT_MAX:
        return int.__repr__(value)
    return None


def _flag(value: object) -> str | None:
    return ("true" if value else "false") if isinstance(value, bool) else None


def _date(value: object) -> str | None:
    if not isinstance(value, str) or len(value) != _DATE_CHARACTERS:
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    # Python also reads week dates of the same length; a leaf has one way to write a day.
    return f'"{value}"' if day.isoformat() == value else None


def _time(value: object) -> str | None:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return None
    return f'"{value}"'


def _until(value: object) -> str | None:
    if value in {"permanent", "undetermined"}:
        return f'"{value}"'
    return _date(value)
