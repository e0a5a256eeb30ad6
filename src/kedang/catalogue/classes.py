"""The class schemes: the six classes under the titles of either usual scheme, mapped to each other."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kedang.catalogue.errors import ClassSchemeUnknown
from kedang.records.content import RecordClass

SPOKEN = "basic-first"
"""The scheme whose titles kedang itself uses, on every page, in lists and on labels: the other one calls a class by
the name of a grade of sensitivity (个人信息)."""


@dataclass(frozen=True, slots=True)
class ClassTitle:
    """One class under the title that a scheme gives it."""

    record_class: RecordClass
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ClassScheme:
    """Six classes with titles, in the scheme's order."""

    name: str
    zh: str
    en: str
    titles: tuple[ClassTitle, ...]

    def title(self, record_class: RecordClass) -> ClassTitle:
        """What this scheme calls a class."""
        return next(title for title in self.titles if title.record_class is record_class)

    def class_titled(self, text: str) -> RecordClass:
        """The class that this scheme gives the title to, in Chinese or English.

        Raises:
            ClassSchemeUnknown: the scheme has no such title.
        """
        for title in self.titles:
            if text.strip() in {title.zh, title.en}:
                return title.record_class
        raise ClassSchemeUnknown(scheme=self.name)


@cache
def class_schemes() -> Mapping[str, ClassScheme]:
    """Both class schemes by name."""
    text = files("kedang.catalogue").joinpath("classes.toml").read_text(encoding="utf-8")
    return {
        name: ClassScheme(
            name=name,
            zh=entry["zh"],
            en=entry["en"],
            titles=tuple(ClassTitle(RecordClass(value), zh, en) for value, zh, en in entry["titles"]),
        )
        for name, entry in tomllib.loads(text)["schemes"].items()
    }


def class_scheme(name: str) -> ClassScheme:
    """The class scheme of this name.

    Raises:
        ClassSchemeUnknown: there is none.
    """
    try:
        return class_schemes()[name]
    except KeyError as error:
        raise ClassSchemeUnknown(schemes=len(class_schemes())) from error


def mapped_title(text: str, *, from_scheme: str, to_scheme: str) -> ClassTitle:
    """What the second scheme calls the class that the first gives this title to.

    Raises:
        ClassSchemeUnknown: no such scheme or title.
    """
    return class_scheme(to_scheme).title(class_scheme(from_scheme).class_titled(text))
