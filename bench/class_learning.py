"""What answers teach about classes: `python -m bench.class_learning TRUTH CATALOGUE`.

TRUTH is that of `examples.sample_company`, CATALOGUE what `kedang catalogue --format json --with-text` says of the
same company. Records are answered with the truth: at random, or first what the machine asks about and gets wrong, as
people and reviews do. Told are the shares of right classes by the signs alone and with what was learnt, on records
that were not answered.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

from examples.sample_company.evaluate import Catalogue
from kedang.appraisal.learning import Lesson, Told, learn, measure, words_of
from kedang.records.content import Family, Format, RecordClass

ANSWERS = (20, 50, 100, 200, 300)
SEEDS = range(5)
ASKED = frozenset({"KD-G101", "KD-G102", "KD-G103", "KD-D204"})


def lessons(truth: Path, catalogue: Path) -> list[tuple[Lesson, bool]]:
    """Every record whose true class is known, and whether the machine asks about its class."""
    said = json.loads(catalogue.read_text(encoding="utf-8-sig"))
    found = Catalogue(said["records"] if isinstance(said, dict) else said)
    seen: dict[str, tuple[Lesson, bool]] = {}
    for entry in json.loads(truth.read_text(encoding="utf-8"))["files"]:
        record = found.find(entry) if entry.get("class") else None
        if record is not None:
            seen.setdefault(record["record_id"], (_lesson(record, entry["class"]), _is_asked(record)))
    return list(seen.values())


def _lesson(record: dict[str, Any], true_class: str) -> Lesson:
    *folders, name = str(record["occurrences"]).split(" | ")[0].split("/")
    form = Format(record["media_type"], Family.OTHER, record.get("format", ""))
    told = Told(
        words_of(name, folders, str(record.get("text") or ""), form),
        RecordClass(record["class"]),
        float(record["class_confidence"]),
    )
    return Lesson(told, RecordClass(true_class))


def _is_asked(record: dict[str, Any]) -> bool:
    return bool(ASKED & set(str(record.get("question_codes", "")).split(";")))


def main() -> None:
    """All figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("truth", type=Path)
    parser.add_argument("catalogue", type=Path)
    given = parser.parse_args()
    everything = lessons(given.truth, given.catalogue)
    shown = [one for one, asked in everything if asked or one.told.machine is not one.said]
    print(
        json.dumps(
            {
                "records": len(everything),
                "at_random": {
                    count: _on_the_rest([one for one, _ in everything], count) for count in ANSWERS
                },
                "left_out_in_turn": _in_turn([one for one, _ in everything]),
                "left_out_in_turn_of_what_people_are_shown": _in_turn(shown),
            },
            indent=2,
        )
    )


def _on_the_rest(known: list[Lesson], count: int) -> dict[str, float]:
    """So many answered at random: the shares right of the others, the mean of some draws."""
    before = after = left = 0
    for seed in SEEDS:
        mixed = random.Random(seed).sample(known, len(known))
        model, rest = learn(mixed[:count]), mixed[count:]
        before += sum(one.told.machine is one.said for one in rest)
        after += sum(model.propose(one.told)[0] is one.said for one in rest)
        left += len(rest)
    return {"signs": round(before / left, 4), "learnt": round(after / left, 4)}


def _in_turn(known: list[Lesson]) -> dict[str, float]:
    mixed = random.Random(1).sample(known, len(known))
    lift = measure(mixed)
    return {
        "answers": lift.answers,
        "signs": round(lift.right_before / lift.answers, 4),
        "learnt": round(lift.right_after / lift.answers, 4),
    }


if __name__ == "__main__":
    main()
