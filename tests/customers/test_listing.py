"""A list of customers opens the records of those on its page alone, whatever may be seen, by an index."""

from __future__ import annotations

import json
import sys
from typing import Any

from tests.world import World

SCRIPT = """
import json, os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.settings"
django.setup()
from django.db import connection
from django.test.utils import CaptureQueriesContext
from kedang.entrypoints.cli.context import new_context
from kedang.holdings.models import Customer, Record
from kedang.holdings.queries.customer_scope import EVERYTHING, CustomerScope
from kedang.holdings.queries.customers import CustomerFilter, list_customers
archive = new_context().unlock()
every = CustomerScope(Customer.objects.filter(case_id=archive.case_id), Record.objects.filter(case_id=archive.case_id))
said = {"lines": [], "plans": [], "asked": []}
for scope in (EVERYTHING, every, CustomerScope(records=Record.objects.none())):
    for wanted in ({}, {"name": "王"}, {"record_class": "contract"}, {"order": "records"}):
        list_customers(archive, CustomerFilter(**wanted), limit=3, scope=scope)
        with CaptureQueriesContext(connection, ) as asked:
            total, lines = list_customers(archive, CustomerFilter(**wanted), limit=3, scope=scope)
        said["lines"].append([total, [one.to_json() for one in lines]])
        said["asked"].append(len(asked))
        if scope is every and not {"record_class", "order"} & wanted.keys():
            for query in asked.captured_queries:
                if any(f'FROM "holdings_{one}"' in query["sql"][:200] for one in ("link", "record")):
                    with connection.cursor() as cursor:
                        cursor.execute("EXPLAIN QUERY PLAN " + query["sql"])
                        said["plans"].append([row[3] for row in cursor.fetchall()])
print(json.dumps(said))
"""
MOST_QUERIES = 8
BY_ONE = ("(case_id=? AND customer_id=?)", "(id=?)")
"""How rows are found: by an index that holds what is asked for, never by reading a case."""


def test_the_records_of_a_page_are_looked_up_by_customer_and_nobody_elses(compared: World) -> None:
    ran = compared.run("-c", SCRIPT, program=(sys.executable,))
    assert ran.status == 0, ran.said
    said: dict[str, Any] = json.loads(ran.text)
    everything, every, none = (said["lines"][start : start + 4] for start in (0, 4, 8))
    assert everything == every
    assert everything[0][0] == 6
    assert [(total, {line["links"] for line in lines}) for total, lines in none] == [
        (6, {0}),
        (2, {0}),
        (0, set()),
        (6, {0}),
    ]
    assert max(said["asked"]) <= MOST_QUERIES
    assert said["plans"]
    for plan in said["plans"]:
        looked = [step for step in plan if "holdings_" in step]
        assert looked
        assert all("SEARCH" in step and step.endswith(BY_ONE) for step in looked), plan
