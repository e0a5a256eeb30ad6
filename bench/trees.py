"""The trees that are measured on: made once for a work folder, the same bytes for the same numbers."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

from examples.sample_company.bulk import KINDS
from examples.sample_company.company import truth_path, write_company
from examples.sample_company.habits import typed
from examples.sample_company.tree import BUILDERS, setting_for
from examples.sample_company.world import build_world
from examples.sample_company.writers.choice import render

SEED = 1
WRITTEN = 1_600_000_000  # long ago: a file written just now is waited for
FILES_A_FOLDER = 500
CUSTOMERS = "客户合同订单付款发票送货维修记录电话地址公司服务协议编号日期金额数量产品型号经办审核备注签字盖章"


def born_digital(folder: Path, scale: int) -> Path:
    """Office files, mails, PDF with text and text files of the sample company: no scan, no sound, none broken."""
    out = folder / f"born-digital-{scale}"
    if out.exists():
        return out
    whole = folder / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    write_company(whole, seed=SEED, scale=scale)
    truth = json.loads(truth_path(whole).read_text(encoding="utf-8"))
    for said in truth["files"]:
        source = whole / said["path"]
        if said.get("text_source") == "embedded" and not said.get("problem") and source.is_file():
            _copy(source, out / said["path"])
    shutil.rmtree(whole)
    truth_path(whole).unlink()
    return out


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    os.utime(target, (WRITTEN, WRITTEN))


def small_files(folder: Path, count: int) -> Path:
    """`count` files of 1 to 8 KB of text, each different, 1,000 in a folder."""
    out = folder / f"small-{count}"
    if out.exists():
        return out
    chance = random.Random(SEED)
    words = ["".join(chance.choices(CUSTOMERS, k=chance.randint(2, 5))) for _ in range(4000)]
    for number in range(count):
        size = chance.randint(1000, 8000)
        said = f"{number:07d} {chance.randint(10**9, 10**10)}\n".encode()
        while len(said) < size:
            said += f"{' '.join(chance.choices(words, k=12))} {chance.randint(0, 10**8)}\n".encode()
        _write(out / f"{number // 1000:03d}" / f"{number:07d}.txt", said[:size])
    return out


def large_files(folder: Path, count: int, megabytes: int) -> Path:
    """`count` files of random bytes."""
    out = folder / f"large-{count}x{megabytes}"
    if out.exists():
        return out
    chance = random.Random(SEED)
    for number in range(count):
        _write(out / f"{number}.bin", chance.randbytes(megabytes << 20))
    return out


def texts(folder: Path, count: int) -> Path:
    """`count` business papers of the sample company as plain text, each different."""
    out = folder / f"texts-{count}"
    if out.exists():
        return out
    world = build_world(SEED, max(1, count // 400))
    for number in range(count):
        setting = setting_for(world, f"{SEED}:texts:{number}")
        paper = typed(BUILDERS[KINDS[number % len(KINDS)]](setting), setting.random)
        payload = render(paper, "txt/utf-8", setting).payload
        name = f"{number:06d}_{KINDS[number % len(KINDS)]}.txt"
        _write(out / f"{number // FILES_A_FOLDER:03d}" / name, payload + f"\n{number:06d}\n".encode())
    return out


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (WRITTEN, WRITTEN))
