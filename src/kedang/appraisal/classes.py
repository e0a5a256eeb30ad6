"""Which of the six classes a record belongs to, with reasons a person can check, and its accounting kind."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kedang.appraisal import errors
from kedang.appraisal.class_shapes import Shape, columns_of, is_personal, shapes_of
from kedang.appraisal.word_patterns import any_of
from kedang.records.content import Family, Finding, Format, Problem, Reason, RecordClass, Table

_HEAD_CHARACTERS = 4000  # what a person would read to tell the class; later pages repeat it
_TITLE_LINES = 3
_TITLE_LENGTH = 32
_SPACED_LETTERS = re.compile(
    r"(?<=[\u4e00-\u9fa5])[ ]{1,3}(?=[\u4e00-\u9fa5](?:[ ]|$))"
)  # 收 据, as forms print it
_FIELD = re.compile(
    r"[:：]\s*\S|[\t。；，]|\d{7}"
)  # a line with a labelled value, cells or a sentence is no title
_SURE_ENOUGH = 0.6  # below this confidence a person decides
_LEAST_SCORE = 1.3  # below this there is no sign worth the name
_TEXT_SPEAKS = 60  # characters from which a text that never says what the file's name says belies it
_BELIED = 0.3  # what the name of such a file still counts
_NAMED_BY_PEOPLE = frozenset({RecordClass.CONTRACT, RecordClass.PERSONAL})
_LONG_TEXT = 400  # characters in which a paper about a customer would have named him
_ABOUT_NOBODY = Reason(
    "正文较长，其中没有任何人的姓名、号码，也没有业务字样",
    "a long text that names nobody and no business",
    1.0,
)
_CHAT_LINE = re.compile(
    r"^(?:\[?\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]+\d{1,2}:\d{2}(?::\d{2})?\]?[ \t]+\S{1,12}|\S{1,16}[ \t]+(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[ ])?\d{1,2}:\d{2}(?::\d{2})?[ \t]*$)",
    re.MULTILINE,
)
_WHERE_ZH = {
    "title": "名称或标题",
    "text": "正文",
    "folder": "文件夹名",
    "columns": "表头",
    "format": "文件形式",
}
_WHERE_EN = {
    "title": "the name or title",
    "text": "the text",
    "folder": "a folder's name",
    "columns": "the head of a table",
    "format": "the form of the file",
}


@dataclass(frozen=True, slots=True)
class ClassDecision:
    """The class, how sure it is, why, and the question when it is not sure."""

    record_class: RecordClass
    confidence: float
    reasons: tuple[Reason, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Clues:
    """The parts of a record by which it is classed; all folded."""

    head: str
    titles: tuple[str, ...]
    """File stem, title or subject, first lines: each one phrase."""
    folders: tuple[str, ...]
    form: Format
    has_text: bool
    columns: str = ""
    """The headers of the tables, parted by tabs."""
    shapes: tuple[Shape, ...] = ()
    """What the arrangement of the record says beside its words."""
    names_somebody: bool = False
    """A person or a number of one is found."""
    about_nobody: bool = False
    """A text of some length in which no person and no number of one is found."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One entry of classes.toml."""

    record_class: RecordClass
    where: str
    weight: float
    pattern: re.Pattern[str]
    words: frozenset[str]
    why: str


@cache
def class_table() -> dict[str, object]:
    """classes.toml as it stands."""
    return tomllib.loads((files("kedang.appraisal") / "classes.toml").read_text(encoding="utf-8"))


@cache
def signs() -> tuple[Sign, ...]:
    """The signs of classes.toml, compiled."""
    table = class_table()["sign"]
    if not isinstance(table, list):
        raise TypeError("classes.toml: [[sign]] is a list of tables")
    return tuple(
        Sign(
            record_class=RecordClass(entry["class"]),
            where=entry["where"],
            weight=float(entry["weight"]),
            pattern=re.compile(any_of(entry["words"])),
            words=frozenset(entry["words"]),
            why=entry["why"],
        )
        for entry in table
    )


def clues_of(
    text: str,
    form: Format,
    name: str,
    folders: Sequence[str],
    said_titles: Sequence[str],
    *,
    tables: Sequence[Table] = (),
    findings: Sequence[Finding] = (),
) -> Clues:
    """What the class is told by, from folded text, the file's name, its folders and the titles in its metadata."""
    head = text[:_HEAD_CHARACTERS]
    stem = name.rsplit(".", 1)[0] if "." in name[1:] else name
    lines = [_SPACED_LETTERS.sub("", line.strip()) for line in head[:400].split("\n")]
    first = [line for line in lines if line][:_TITLE_LINES]
    first = [line for line in first if len(line) <= _TITLE_LENGTH and not _FIELD.search(line)]
    titles = tuple(dict.fromkeys(phrase for phrase in (stem, *said_titles, *first) if phrase))
    return Clues(
        head,
        titles,
        tuple(folders),
        form,
        bool(text.strip()),
        columns=columns_of(head, tables),
        shapes=tuple(shapes_of(head, findings)),
        names_somebody=any(map(is_personal, findings)),
        about_nobody=len(text.strip()) >= _LONG_TEXT and not any(map(is_personal, findings)),
    )


def _title_hits(sign: Sign, titles: Sequence[str]) -> dict[str, float]:
    """The words found in titles; the last noun of a Chinese title governs, so words further left weigh less."""
    hits: dict[str, float] = {}
    for place, phrase in enumerate(titles):
        for found in sign.pattern.finditer(phrase):
            behind = len(re.sub(r"[\s\d_\-()（）.]+.*$", "", phrase[found.end() :]))
            share = (1.0 if behind == 0 else 0.75 if behind <= 2 else 0.5) * (1.0 if place < 2 else 0.85)
            hits[found.group()] = max(hits.get(found.group(), 0.0), share)
    return hits


def _strength(sign: Sign, clues: Clues) -> tuple[float, tuple[str, ...]]:
    """How strongly a sign speaks (times its weight), and the words that do."""
    if sign.where == "format":
        forms = {clues.form.family.value, clues.form.name} & sign.words
        return (1.0 if forms else 0.0), tuple(forms)
    if sign.where == "title":
        hits = _title_hits(sign, clues.titles)
        best = sorted(hits, key=lambda word: -hits[word])
        return (hits[best[0]] + 0.15 * min(len(best) - 1, 2) if best else 0.0), tuple(best[:3])
    if sign.where == "folder":
        words = {found for folder in clues.folders for found in sign.pattern.findall(folder)}
        return (1.0 if words else 0.0), tuple(sorted(words))[:2]
    if sign.where == "columns":
        words = set(sign.pattern.findall(clues.columns))
        return (min(1.6, 0.1 + 0.3 * len(words)) if words else 0.0), tuple(sorted(words))[:5]
    words = set(sign.pattern.findall(clues.head))
    return (min(1.7, 0.22 + 0.2 * len(words)) if words else 0.0), tuple(sorted(words))[:5]


def _reason(sign: Sign, words: Sequence[str], weight: float) -> Reason:
    quoted = "、".join(f"“{word}”" for word in words)
    listed = ", ".join(words)
    return Reason(
        zh=f"{_WHERE_ZH[sign.where]}中有{quoted}" if sign.where != "format" else f"文件形式为{listed}",
        en=f"{_WHERE_EN[sign.where]} has {listed}"
        if sign.where != "format"
        else f"the form of the file is {listed}",
        weight=round(weight, 2),
    )


def _belied_by_text(
    clues: Clues, strengths: Sequence[tuple[Sign, float, tuple[str, ...]]]
) -> frozenset[RecordClass]:
    """Classes that only the file's own name tells, while its text, long enough to, says nothing of the kind.

    People call anything 合同 or 客户资料; a contract speaks of parties and duties, a list of customers has some.
    """
    if len(clues.head.strip()) < _TEXT_SPEAKS or clues.form.family is Family.CONTACTS:
        return frozenset()
    spoken = {sign.record_class for sign, strength, _ in strengths if strength and sign.where != "title"}
    spoken |= {shape.record_class for shape in clues.shapes}
    spoken |= {RecordClass.PERSONAL} if clues.names_somebody else set()
    silent = _NAMED_BY_PEOPLE - spoken
    headed = {
        sign.record_class
        for sign, strength, _ in strengths
        if strength
        and sign.where == "title"
        and sign.record_class in silent
        and _title_hits(sign, clues.titles[1:])
    }
    return silent - headed


def decide_class(clues: Clues) -> ClassDecision:
    """The class with the most weight behind it; a question when none stands out."""
    scores = dict.fromkeys(RecordClass, 0.0)
    reasons: list[tuple[RecordClass, Reason]] = []
    strengths = [(sign, *_strength(sign, clues)) for sign in signs()]
    belied = _belied_by_text(clues, strengths)
    for sign, told, words in strengths:
        strength = told * _BELIED if sign.record_class in belied else told
        if strength:
            scores[sign.record_class] += strength * sign.weight
            reasons.append((sign.record_class, _reason(sign, words, strength * sign.weight)))
    chat_lines = len(_CHAT_LINE.findall(clues.head))
    if chat_lines >= 3:
        scores[RecordClass.COMMUNICATION] += 4.0
        reasons.append(
            (
                RecordClass.COMMUNICATION,
                Reason(f"有 {chat_lines} 行带时间的对话", f"{chat_lines} lines of dated talk", 4.0),
            )
        )
    for shape in clues.shapes:
        scores[shape.record_class] += shape.weight
        reasons.append((shape.record_class, Reason(shape.zh, shape.en, shape.weight)))
    return _decision(scores, reasons, clues)


def _decision(
    scores: dict[RecordClass, float], reasons: list[tuple[RecordClass, Reason]], clues: Clues
) -> ClassDecision:
    ranked = sorted(scores, key=lambda one: -scores[one])
    first, second = ranked[0], ranked[1]
    confidence = _confidence(scores[first], scores[second])
    told_by_one = confidence < _SURE_ENOUGH and scores[second] < scores[first] / 2
    if clues.about_nobody and scores[first] < _LEAST_SCORE:
        return ClassDecision(RecordClass.OTHER, _SURE_ENOUGH + 0.02, (_ABOUT_NOBODY,))
    if scores[first] < _LEAST_SCORE or told_by_one:
        code = errors.TOO_FEW_SIGNS if clues.has_text else errors.NO_TEXT
        proposed = first if scores[first] >= _LEAST_SCORE else RecordClass.OTHER
        return ClassDecision(
            proposed, min(confidence, 0.4), tuple(reason for _, reason in reasons), (Problem(code),)
        )
    told = sorted((reason for one, reason in reasons if one is first), key=lambda reason: -reason.weight)
    problems: tuple[Problem, ...] = ()
    if confidence < _SURE_ENOUGH:
        told += [reason for one, reason in reasons if one is second]
        problems = (Problem(errors.CLASSES_ABOUT_EQUAL, {"first": first.value, "second": second.value}),)
    return ClassDecision(first, confidence, tuple(told), problems)


def _confidence(first: float, second: float) -> float:
    """How often such a lead was right in the labelled records: a logistic curve over lead and strength."""
    lead = 1 / (1 + math.exp(-(0.25 + 1.05 * (first - second))))
    return round(min(0.99, lead * (1 - math.exp(-first / 1.3))), 3)


@dataclass(frozen=True, slots=True)
class AccountingSign:
    """One entry of [[accounting]]."""

    kind: str
    title: re.Pattern[str]
    text: re.Pattern[str]
    need: int


@cache
def accounting_signs() -> tuple[AccountingSign, ...]:
    """The accounting kinds in the order in which they are tried."""
    table = class_table()["accounting"]
    if not isinstance(table, list):
        raise TypeError("classes.toml: [[accounting]] is a list of tables")
    return tuple(
        AccountingSign(
            entry["kind"],
            re.compile(any_of(entry["title"])),
            re.compile(any_of(entry["text"])),
            entry["need"],
        )
        for entry in table
    )


def accounting_kind(clues: Clues, decided: RecordClass) -> str | None:
    """The line of the accounting schedule (会计档案管理办法 annex 1) a record falls under; None when it is no accounting record.

    Letters and agreements that only speak of invoices are none: the voucher itself is.
    """
    if clues.form.family in (Family.MESSAGE, Family.MAILBOX, Family.AUDIO, Family.CONTACTS, Family.CALENDAR):
        return None
    if decided in (RecordClass.CONTRACT, RecordClass.COMMUNICATION):
        return None
    least_more = 0 if decided in (RecordClass.TRANSACTION, RecordClass.OTHER) else 1
    spoken: str | None = None
    for sign in accounting_signs():
        words = set(sign.text.findall(clues.head))
        titled = any(sign.title.search(phrase) for phrase in clues.titles)
        if titled and (words or decided is RecordClass.TRANSACTION):
            return sign.kind
        if spoken is None and len(words) >= sign.need + least_more:
            spoken = sign.kind
    return spoken
