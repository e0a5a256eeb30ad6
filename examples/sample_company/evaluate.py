"""Hold a catalogue against the truth: `python -m examples.sample_company.evaluate TRUTH CATALOGUE`.

CATALOGUE is what `kedang catalogue --format json --with-text` writes. Prints files by outcome, text recall,
class, personal data, customers, retention, and the worst failures. Things found in several places count once.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Pairs = set[tuple[str, str]]
GRAM = 4  # characters
SAME_NUMBER = {"taxpayer_number": "credit_code"}  # one number under two labels
LOOSE = {"address", "organisation_name", "person_name"}
LOOSE_SHARE = (
    0.6  # a found name or place that covers this much of the true one, or is covered by it, is right
)
WORST = 10
FLAGS = ("accounting", "sensitivity", "retention_rule", "retention_until")
CELLS = re.compile("[\\n\\t]")


@dataclass(slots=True)
class Score:
    """Hits, misses and false alarms."""

    right: int = 0
    missed: int = 0
    wrong: int = 0
    missed_values: Counter[str] = field(default_factory=Counter)
    wrong_values: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        """Of what was found, the share that is right."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Of what is there, the share that was found."""
        return self.right / max(1, self.right + self.missed)


@dataclass(slots=True)
class Result:
    """Everything that was measured."""

    outcomes: Counter[str] = field(default_factory=Counter)
    text: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    class_right: int = 0
    class_total: int = 0
    flags: dict[str, list[int]] = field(default_factory=lambda: {name: [0, 0] for name in FLAGS})
    findings: defaultdict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    customers: Score = field(default_factory=Score)
    failures: list[tuple[float, str]] = field(default_factory=list)


def normal(text: str) -> str:
    """The text without what formats add or take: width, case, blanks and the separators of cells."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if not char.isspace() and char not in "|,\"'#-*_\u200b\ufeff")


def normal_value(category: str, value: str) -> str:
    """A found value as it is compared: numbers without groups and country code."""
    bare = normal(value)
    if category in ("mobile_phone", "landline"):
        bare = bare.removeprefix("+86").removeprefix("0086") if len(bare) > len("13800000000") else bare
        bare = "".join(char for char in bare if char.isdigit())
    return bare.replace("·", "")


def runs(bare: str) -> list[str]:
    """A normal text's runs of four characters; the whole of it when it is shorter."""
    return [bare[start : start + GRAM] for start in range(max(1, len(bare) - GRAM + 1))]


def text_recall(expected: str, found: str) -> float:
    """The share of each expected line's or cell's runs that were found, in whatever order cells come."""
    pieces = [bare for bare in (normal(piece) for piece in CELLS.split(expected)) if bare]
    if not pieces:
        return 1.0
    body = normal(found)
    wanted, got = Counter(run for piece in pieces for run in runs(piece)), Counter(runs(body))
    right = sum(
        min(count, got[run] if len(run) == GRAM else body.count(run)) for run, count in wanted.items()
    )
    return right / sum(wanted.values())


class Catalogue:
    """The records of a catalogue, found by digest or by place."""

    def __init__(self, records: list[Json]) -> None:
        self.records = records
        self._by_digest = {
            str(record.get("sha256", "")).removeprefix("sha256:"): record for record in records
        }
        self._by_place: dict[str, Json] = {}
        for record in records:
            for place in places(record):
                self._by_place[place] = record

    def find(self, entry: Json) -> Json | None:
        """The record of a truth entry."""
        found = self._by_digest.get(entry["sha256"])
        if found is not None or "inside" not in entry:
            return found or next(
                (self._by_place[place] for place in self._by_place if place.endswith(entry["path"])), None
            )
        return self._most_alike(entry)

    def _most_alike(self, entry: Json) -> Json | None:
        """A mailbox's mails have other bytes inside than alone: take the most alike one."""
        below = {
            id(record): record
            for place, record in self._by_place.items()
            if entry["path"] in place and not place.endswith(entry["path"])
        }
        scored = [
            (text_recall(entry["text"], str(record.get("text") or "")), number)
            for number, record in below.items()
        ]
        best = max(scored, default=(0.0, 0))
        return below[best[1]] if best[0] > LOOSE_SHARE else None


def places(record: Json) -> list[str]:
    """The paths of a record."""
    found = record.get("occurrences") or []
    return (
        found.split(" | ")
        if isinstance(found, str)
        else [str(place.get("path", "")) if isinstance(place, dict) else str(place) for place in found]
    )


def found_values(record: Json) -> set[tuple[str, str]]:
    """The personal data that a record reports, as categories with the values at their spans."""
    text = str(record.get("text") or "")
    findings = record.get("findings") or []
    if isinstance(findings, str):
        return set()
    found = set()
    for finding in findings:
        category = SAME_NUMBER.get(finding["category"], finding["category"])
        found.add((category, normal_value(category, text[finding["start"] : finding["end"]])))
    return found


def compare_findings(result: Result, entry: Json, record: Json, neutral: list[str], inner: Pairs) -> None:
    """Count hits and misses by category."""
    expected = _pairs(entry)
    found = found_values(record)
    for category, value in expected:
        score = result.findings[category]
        if (category, value) in found or any(_alike(category, value, kind, other) for kind, other in found):
            score.right += 1
        else:
            score.missed += 1
            score.missed_values[value] += 1
    for category, value in found - expected - inner:
        alike = any(_alike(category, value, kind, other) for kind, other in expected)
        if not alike and not any(normal(word) in value or value in normal(word) for word in neutral):
            result.findings[category].wrong += 1
            result.findings[category].wrong_values[value] += 1


def _pairs(entry: Json) -> Pairs:
    """The expected personal data of an entry, values in their normal form."""
    named = ((SAME_NUMBER.get(kind, kind), value) for kind, value in entry.get("findings", []))
    return {(kind, normal_value(kind, value)) for kind, value in named}


def _alike(category: str, value: str, kind: str, other: str) -> bool:
    if category != kind or category not in LOOSE or not value or not other:
        return category == kind and value == other
    inside = value in other or other in value
    return inside and min(len(value), len(other)) / max(len(value), len(other)) >= LOOSE_SHARE


def compare_customers(result: Result, entry: Json, record: Json) -> None:
    """Certain customers must be named; uncertain ones may be; nobody else."""
    shown = record.get("customers") or []
    found = {
        normal(name)
        for name in (shown.split(";") if isinstance(shown, str) else map(str, shown))
        if name.strip()
    }
    certain = {normal(customer["name"]) for customer in entry["customers"] if customer["certain"]}
    allowed = {normal(customer["name"]) for customer in entry["customers"]}
    result.customers.right += len(certain & found)
    result.customers.missed += len(certain - found)
    result.customers.wrong += len(found - allowed)
    result.customers.wrong_values.update(found - allowed)
    result.customers.missed_values.update(certain - found)


def evaluate(truth: Json, records: list[Json]) -> Result:
    """Every truth entry against its record."""
    result, catalogue, seen = Result(), Catalogue(records), set[str]()
    members: defaultdict[str, Pairs] = defaultdict(set)  # a record may show what its attachments hold
    for entry in truth["files"]:
        if "inside" in entry:
            members[entry["path"]] |= _pairs(entry)
    for entry in truth["files"]:
        if entry["sha256"] in seen:
            continue
        seen.add(entry["sha256"])
        record = catalogue.find(entry)
        name = " » ".join([entry["path"], *entry.get("inside", [])])
        if record is None:
            result.outcomes["missing" + (f" ({entry['problem']})" if entry["problem"] else "")] += 1
            result.failures.append((2.0, f"not in the catalogue: {name}"))
            continue
        state, codes = record.get("state", "?"), record.get("question_codes") or "no question"
        if entry["problem"]:
            result.outcomes[f"{entry['problem']}: {state}, {codes}"] += 1
            continue
        result.outcomes[f"{state}"] += 1
        if entry["class"] is not None:
            _compare(result, entry, record, name, truth.get("neutral", []), members[entry["path"]])
    return result


def _compare(result: Result, entry: Json, record: Json, name: str, neutral: list[str], inner: Pairs) -> None:
    recall = text_recall(entry["text"], str(record.get("text") or ""))
    result.text[f"{entry['text_source']} {entry['format']}"].append(recall)
    result.failures.append((1 - recall, f"text recall {recall:.2f}: {name}"))
    right = record.get("class") in (entry["class"], *entry["also"])
    result.class_total += 1
    result.class_right += right
    if not right:
        result.confusion[entry["class"], str(record.get("class"))] += 1
        result.failures.append(
            (
                0.4 + float(record.get("class_confidence") or 0) / 10,
                f"{entry['class']} taken for {record.get('class')}: {name}",
            )
        )
    for key in FLAGS:
        if entry[key] is not None:
            result.flags[key][0] += _flag(entry[key]) == _flag(record.get(key))
            result.flags[key][1] += 1
    if entry["note"] != "digits-lost":  # half of a number is neither right nor wrong
        compare_findings(result, entry, record, neutral, inner)
    compare_customers(result, entry, record)


def _flag(value: object) -> str:
    return {"true": "1", "false": "", "none": "", "no": "", "0": ""}.get(
        str(value).lower(), str(value).lower()
    )


def report(result: Result) -> Iterable[str]:
    """The measures as lines of text."""
    yield "outcomes"
    yield from (f"  {count:6d}  {name}" for name, count in sorted(result.outcomes.items()))
    yield "text recall (runs of four characters)"
    for name, values in sorted(result.text.items()):
        yield f"  {sum(values) / len(values):.4f}  lowest {min(values):.4f}  of {len(values):4d}  {name}"
    share = result.class_right / max(1, result.class_total)
    yield f"class {result.class_right}/{result.class_total} = {share:.4f}"
    yield from (
        f"  {count:6d}  {true} taken for {found}" for (true, found), count in result.confusion.most_common()
    )
    for name, (right, total) in result.flags.items():
        yield f"{name} {right}/{total} = {right / max(1, total):.4f}"
    yield "personal data            precision  recall   right  missed  wrong"
    for name, score in [*sorted(result.findings.items()), ("customers", result.customers)]:
        counts = f"{score.right:5d}  {score.missed:6d}  {score.wrong:5d}"
        yield f"  {name:22s} {score.precision:.4f}    {score.recall:.4f}  {counts}"
        for label, counted in (("missed", score.missed_values), ("wrong", score.wrong_values)):
            if counted:
                yield f"      {label}: " + ", ".join(
                    f"{value}×{count}" for value, count in counted.most_common(5)
                )
    yield "worst"
    yield from (
        f"  {name}"
        for weight, name in sorted(result.failures, key=lambda pair: -pair[0])[:WORST]
        if weight > 0
    )


def main() -> int:
    """Print the comparison."""
    parser = argparse.ArgumentParser(prog="python -m examples.sample_company.evaluate", description=__doc__)
    parser.add_argument("truth", type=Path)
    parser.add_argument("catalogue", type=Path)
    arguments = parser.parse_args()
    truth = json.loads(arguments.truth.read_text("utf-8", "surrogateescape"))
    content = json.loads(arguments.catalogue.read_text("utf-8", "surrogateescape"))
    records = content if isinstance(content, list) else content["records"]
    print("\n".join(report(evaluate(truth, records))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
