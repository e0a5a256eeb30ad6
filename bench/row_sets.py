"""Row sets of large tables: seconds and peak memory of making, checking and rebuilding them.

    python bench/row_sets.py --rows 1000000 --customers 50000 --format csv

Everything is made up. Peak memory is that of the command and of its parsing process, sampled.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter

SAMPLED_SECONDS = 0.05
HEADERS = ("订单编号", "客户名称", "联系电话", "金额")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂兰英华玉萍红辉宇鹏飞燕玲梅云"


def rows(count: int, customers: int, seed: int = 7) -> Iterator[tuple[str, str, str, float]]:
    """Orders of customers, in no order."""
    chance = random.Random(seed)
    people = [
        (
            chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN),
            f"13{chance.randrange(10**9):09}",
        )
        for _ in range(customers)
    ]
    for number in range(count):
        name, phone = people[chance.randrange(customers)]
        yield f"D{number:08}", name, phone, chance.randrange(100, 100_000) / 100


def write(path: Path, count: int, customers: int) -> None:
    """The table as a file of the form that its name says."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as out:
            out.write(",".join(HEADERS) + "\r\n")
            out.writelines(f"{a},{b},{c},{d}\r\n" for a, b, c, d in rows(count, customers))
        return
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("订单")
        sheet.write_row(0, 0, HEADERS)
        for at, row in enumerate(rows(count, customers), start=1):
            sheet.write_row(at, 0, row)


def resident(pid: int) -> int:
    """Resident bytes of a process; 0 when it has gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


def below(pid: int) -> list[int]:
    """Every process that a process has started, and those below them."""
    try:
        mine = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [*mine, *(deeper for one in mine for deeper in below(one))]


def measured(environment: dict[str, str], *arguments: str) -> dict[str, float]:
    """Seconds and peak megabytes of one command."""
    began = time.monotonic()
    command = [str(Path(sys.executable).with_name("kedang")), *arguments]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    peak = {"command": 0, "parser": 0}

    def sample() -> None:
        while process.poll() is None:
            peak["command"] = max(peak["command"], resident(process.pid))
            peak["parser"] = max(peak["parser"], max(map(resident, below(process.pid)), default=0))
            time.sleep(SAMPLED_SECONDS)

    sampling = threading.Thread(target=sample)
    sampling.start()
    said, error = process.communicate()
    sampling.join()
    if process.returncode:
        raise RuntimeError(error.decode() + said.decode())
    seconds = round(time.monotonic() - began, 1)
    return {"seconds": seconds, **{f"{name}_mb": round(size / 1e6) for name, size in peak.items()}}


def main() -> None:
    """One table taken in, split, checked and rebuilt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--format", choices=["csv", "xlsx"], default="csv")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        table = root / f"orders.{options.format}"
        write(table, options.rows, options.customers)
        environment = os.environ | {"KEDANG_HOME": str(root / "home"), "KEDANG_KEYS": str(root / "keys")}
        out = {"rows": options.rows, "customers": options.customers, "bytes": table.stat().st_size}
        shares = str(root / "shares.txt")
        out["init"] = measured(environment, "init", "--name", "甲公司", "--shares-out", shares)
        out["intake"] = measured(
            environment, "intake", str(table), "--no-name-model", "--no-resolve", "--workers", "1"
        )
        out["make"] = measured(environment, "rows", "make")
        listed = json.loads(
            subprocess.run(
                [str(Path(sys.executable).with_name("kedang")), "rows", "list", "--json"],
                env=environment, stdout=subprocess.PIPE, check=True,
            ).stdout
        )  # fmt: skip
        out |= {"owned": listed[0]["owned"]}
        out["check"] = measured(environment, "rows", "check", listed[0]["record_id"])
        print(json.dumps(out, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
