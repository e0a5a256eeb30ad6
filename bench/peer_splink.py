"""Plain Splink with its documented defaults, in a process of its own: `python -m bench.peer_splink FILE`.

Comparisons and training as in Splink's documentation for persons (NameComparison, DateOfBirthComparison,
EmailComparison, exact matches with term frequencies; prior from deterministic rules, u by random sampling, two passes of
EM), its own clustering. It gets the same normal forms as kedang, the first of each list. Prints its figures as JSON.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from bench.linkage_files import truth
from bench.linkage_quality import quality
from bench.machine import peak_megabytes

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 0.9999)
DEFAULT = 0.95  # of the tutorial's clustering
_TABLE = """
create table mentions as select id as unique_id, nullif(name, '') as name, nullif(birth_date, '') as dob,
 mobiles[1] as mobile, emails[1] as email, certain[1] as official,
 landlines[1] as landline, accounts[1] as account, keys[1] as member,
 nullif(city, '') as city, nullif(street, '') || number || ' ' || room as address from read_parquet(?)
"""
_RULES = (
    block_on("official"),
    block_on("mobile"),
    block_on("email"),
    block_on("account"),
    block_on("member"),
    block_on("name", "dob"),
    block_on("name", "address"),
    block_on("name", "city"),
)


def _settings() -> SettingsCreator:
    def exact(column: str) -> Any:
        return cl.ExactMatch(column).configure(term_frequency_adjustments=True)

    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("name"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.EmailComparison("email"),
            *(exact(column) for column in ("official", "mobile", "landline", "account", "member", "city")),
            cl.JaroWinklerAtThresholds("address", [0.95, 0.88]),
        ],
        blocking_rules_to_generate_predictions=list(_RULES),
        retain_matching_columns=False,
    )


def measure(path: Path) -> dict[str, Any]:
    """Seconds, memory, and quality at each threshold."""
    started, processor = time.perf_counter(), time.process_time()
    database = duckdb.connect()
    database.execute("set threads=2")
    database.execute(_TABLE, [str(path)])
    api = DuckDBAPI(connection=database)
    linker = Linker(api.register("mentions"), _settings())
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [block_on("official"), block_on("name", "mobile")], recall=0.7
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6)
    training.estimate_parameters_using_expectation_maximisation(block_on("name", "city"))
    training.estimate_parameters_using_expectation_maximisation(block_on("mobile"))
    predictions = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, DEFAULT)
    seconds, used = time.perf_counter() - started, time.process_time() - processor
    figures: dict[str, Any] = {
        "seconds": seconds,
        "processor": used,
        "megabytes": peak_megabytes(),
    }
    true = truth(path)
    figures["default"] = _quality(database, clusters, true)
    for threshold in THRESHOLDS:
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold)
        figures[str(threshold)] = _quality(database, found, true)
    figures["best"] = max((figures[str(one)] for one in THRESHOLDS), key=lambda one: one["f1"])
    return figures


def _quality(database: duckdb.DuckDBPyConnection, clusters: Any, true: dict[str, int]) -> dict[str, float]:
    groups = database.execute(
        f"select list(unique_id) from {clusters.physical_name} group by cluster_id"
    ).fetchall()
    got = quality((group for (group,) in groups), true)
    return {name: getattr(got, name) for name in got.__slots__}


def main() -> int:
    """Measure one file."""
    warnings.simplefilter("ignore")
    print(json.dumps(measure(Path(sys.argv[1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
