"""How fast fifty thousand customers are listed and searched, on the rows and in the page's own query.

    python bench/customer_list.py --customers 50000

Everything is made up: member lists, and orders of the members. Each question is asked of an unlocked case as the page
asks it, with and without limits on what may be seen; the first one of each process, which opens keys, is told apart.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

LISTS, ORDERS, ROWS = 50, 10, 10_000  # member lists, order books, orders in each
REPEATED = 20
PAGE = 50
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "安宁远舟书言知行景明若水青山晚照秋实春和子墨修竹清越长风听雨望舒怀瑾云帆"


def write_sources(folder: Path, customers: int, seed: int = 11) -> None:
    """Member lists and order books of so many customers."""
    chance = random.Random(seed)
    people: list[tuple[str, str]] = []
    for place in range(customers):
        name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
        people.append((name, f"139{place * 1999 % 10**8:08d}"))
    folder.mkdir()
    size = -(-customers // LISTS)
    for place in range(LISTS):
        members = people[place * size : (place + 1) * size]
        _write(folder / f"会员名单{place:02d}.csv", ("会员姓名", "手机"), members)
    for place in range(ORDERS):
        some = [(f"D{place}{row:06d}", *chance.choice(people), row % 900 + 1) for row in range(ROWS)]
        _write(folder / f"订单{place:02d}.csv", ("订单编号", "客户姓名", "手机", "金额"), some)


def _write(path: Path, headers: tuple[str, ...], rows: list[Any]) -> None:
    with path.open("w", newline="", encoding="utf-8") as sink:
        csv.writer(sink).writerows([headers, *rows])


def asked(scopes: dict[str, Any]) -> dict[str, Callable[[Any], tuple[int, list[Any]]]]:
    """Every question by its name."""
    from kedang.holdings.queries.customers import CustomerFilter, list_customers  # noqa: PLC0415 - Django first

    def question(scope: Any, offset: int = 0, **wanted: Any) -> Callable[[Any], tuple[int, list[Any]]]:
        return lambda archive: list_customers(
            archive, CustomerFilter(**wanted), limit=PAGE, offset=offset, scope=scope
        )

    found = {}
    for name, scope in scopes.items():
        found[f"{name}: first page"] = question(scope)
        found[f"{name}: page 900"] = question(scope, 899 * PAGE)
        found[f"{name}: a name"] = question(scope, name="若水")
        found[f"{name}: a number"] = question(scope, number=12_345)
        found[f"{name}: a class"] = question(scope, record_class="transaction")
        found[f"{name}: most records first"] = question(scope, order="records")
        found[f"{name}: by name"] = question(scope, order="name")
        found[f"{name}: to judge"] = question(scope, to_judge=True)
    return found


def measure() -> None:
    """Ask everything in this process; milliseconds as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    from kedang.entrypoints.cli.context import new_context  # noqa: PLC0415 - Django first
    from kedang.holdings.models import Record  # noqa: PLC0415
    from kedang.holdings.queries.customer_scope import EVERYTHING, CustomerScope  # noqa: PLC0415

    out: dict[str, Any] = {}
    with new_context().reading() as archive:
        lists = Record.objects.filter(case_id=archive.case_id, record_class="personal")
        scopes = {"everything": EVERYTHING, "one class of records": CustomerScope(records=lists)}
        for name, question in asked(scopes).items():
            spent = []
            for _ in range(REPEATED + 1):
                began = time.perf_counter()
                total, _ = question(archive)
                spent.append((time.perf_counter() - began) * 1000)
            first, *rest = spent
            rest.sort()
            out[name] = {
                "fit": total,
                "first_ms": round(first),
                "median_ms": round(rest[len(rest) // 2]),
                "most_ms": round(rest[-1]),
            }
    print(json.dumps(out, ensure_ascii=False, indent=1))


def main() -> None:
    """A case made and asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=50_000)
    parser.add_argument("--measure", action="store_true", help="ask the case of KEDANG_HOME")
    options = parser.parse_args()
    if options.measure:
        measure()
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_sources(root / "desk", options.customers)
        environment = os.environ | {"KEDANG_HOME": str(root / "home"), "KEDANG_KEYS": str(root / "keys")}
        command = str(Path(sys.executable).with_name("kedang"))
        for arguments in (
            ("init", "--name", "甲公司", "--shares-out", str(root / "shares.txt")),
            ("intake", str(root / "desk"), "--no-name-model", "--no-resolve"),
            ("customers", "list", "--json"),
        ):
            subprocess.run((command, *arguments), env=environment, check=True, stdout=subprocess.DEVNULL)
        subprocess.run((sys.executable, __file__, "--measure"), env=environment, check=True)


if __name__ == "__main__":
    main()
