from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

pytest.importorskip("pyspark", reason="the extra `cluster` is not installed")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java", allow_module_level=True)

from pyspark.sql import SparkSession

from bench.linkage_customers import customers
from kedang.resolution.comparable_columns import columns_of
from kedang.resolution.mentions import MentionKind
from kedang.resolution.resolving import resolve
from kedang.resolution.spark import spark_engine


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    builder = SparkSession.builder.master("local[2]").appName("kedang")
    for name, value in {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.autoBroadcastJoinThreshold": "-1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.driver.memory": "512m",
        # So few rows are counted before a better compiler pays, and nothing is worth a collector of its own.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }.items():
        builder = builder.config(name, value)
    started = builder.getOrCreate()
    yield started
    started.stop()


@pytest.mark.filterwarnings("ignore")
def test_spark_and_duckdb_give_the_same_customers(session: SparkSession) -> None:
    said = [one for one, _ in customers(150, seed=21) if one.kind is MentionKind.PERSON]
    here = resolve(columns_of(said))
    there = resolve(columns_of(said), models=here.models, engine=spark_engine(session))
    assert list(there.clusters()) == list(here.clusters())
    assert any(len(group) > 1 for group in here.clusters())
    for mine, theirs in zip(here.to_judge(), there.to_judge(), strict=True):
        assert (mine.left, mine.right, mine.levels) == (theirs.left, theirs.right, theirs.levels)
        assert mine.bits == pytest.approx(theirs.bits, abs=1e-9)
