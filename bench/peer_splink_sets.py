"""Plain Splink on a labelled set of others, in a process of its own: `python -m bench.peer_splink_sets FOLDER NAME`.

Settings as in Splink's documentation for FEBRL 4 and for its thousand: name, date of birth, postcode, e-mail address by
its comparison library, exact number and place; prior from deterministic rules, u by random sampling, two passes of EM;
all mentions in one table, as kedang gets them. Prints the figures of its clusters as JSON.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from bench.linkage_quality import quality
from bench.linkage_sets import SETS, labelled
from kedang.resolution.comparable import Comparable

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
DEFAULT = 0.5
_FEBRL = (
    cl.NameComparison("given"), cl.NameComparison("surname"),
    cl.DateOfBirthComparison("dob", input_is_string=True), cl.DamerauLevenshteinAtThresholds("number", [1, 2]),
    cl.ExactMatch("door").configure(term_frequency_adjustments=True), cl.PostcodeComparison("town"),
    cl.ExactMatch("street").configure(term_frequency_adjustments=True),
)  # fmt: skip
_FEBRL_RULES = (
    block_on("given", "surname"), block_on("number"), block_on("dob"), block_on("surname", "town"),
    block_on("given", "town"), block_on("street", "door"),
)  # fmt: skip
_THOUSAND = (
    cl.NameComparison("given"), cl.NameComparison("surname"), cl.DateOfBirthComparison("dob", input_is_string=True),
    cl.ExactMatch("town").configure(term_frequency_adjustments=True), cl.EmailComparison("email"),
)  # fmt: skip
_THOUSAND_RULES = (block_on("given"), block_on("surname"), block_on("dob"), block_on("email"))


def _table(said: list[Comparable]) -> pa.Table:
    columns = {
        "unique_id": [one.id for one in said],
        "given": [one.given_name for one in said],
        "surname": [one.surname for one in said],
        "dob": [one.birth_date for one in said],
        "number": ["".join(one.keys) for one in said],
        "email": ["".join(one.emails) for one in said],
        "door": [one.address.number for one in said],
        "street": [one.address.street for one in said],
        "town": [one.address.city for one in said],
    }
    return pa.table(
        {name: pa.array([value or None for value in values], pa.string()) for name, values in columns.items()}
    )


def measure(folder: Path, name: str) -> dict[str, Any]:
    """Seconds and quality at the default and the best threshold."""
    said = list(labelled(folder, name))
    febrl = name.startswith("FEBRL")
    database = duckdb.connect()
    database.register("given_mentions", _table([one for one, _ in said]))
    database.execute("create table mentions as select * from given_mentions")
    started = time.perf_counter()
    comparisons, rules = (_FEBRL, _FEBRL_RULES) if febrl else (_THOUSAND, _THOUSAND_RULES)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=list(comparisons),
        blocking_rules_to_generate_predictions=list(rules),
    )
    linker = Linker(DuckDBAPI(connection=database).register("mentions"), settings, log_level="CRITICAL")
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("number" if febrl else "email"), block_on("given", "surname", "dob")], recall=0.8
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6)
    training.estimate_parameters_using_expectation_maximisation(block_on("dob"))
    training.estimate_parameters_using_expectation_maximisation(block_on("number" if febrl else "email"))
    predictions = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    numbers = {person: place for place, person in enumerate(sorted({person for _, person in said}))}
    true = {one.id: numbers[person] for one, person in said}
    found = {}
    for threshold in THRESHOLDS:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold)
        groups = database.execute(
            f"select list(unique_id) from {clusters.physical_name} group by cluster_id"
        ).fetchall()
        got = quality((group for (group,) in groups), true)
        found[threshold] = {figure: getattr(got, figure) for figure in got.__slots__}
    best = max(found.values(), key=lambda one: one["f1"])
    return {"default": found[DEFAULT], "best": best, "seconds": time.perf_counter() - started}


def main() -> int:
    """Measure one set."""
    warnings.simplefilter("ignore")
    folder, name = Path(sys.argv[1]), sys.argv[2]
    if name not in SETS:
        return 2
    print(json.dumps(measure(folder, name)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
