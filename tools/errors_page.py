"""Writes docs/errors.md from every room's errors.toml: `python tools/errors_page.py` from the repository's root."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from kedang.records.errors import CodeText, code_texts

PAGE = Path(__file__).parents[1] / "docs" / "errors.md"
ROOMS = {
    "A": ("accession", "接收"),
    "B": ("preservation", "保管"),
    "C": ("catalogue", "编目"),
    "D": ("disposition", "期限与处置"),
    "E": ("extraction", "读取"),
    "F": ("records", "基本类型"),
    "G": ("appraisal", "鉴定"),
    "H": ("holdings", "库藏"),
    "K": ("entrypoints", "命令与界面"),
    "L": ("ledger", "台账"),
    "N": ("resolution", "归户"),
    "P": ("package", "离线包"),
    "S": ("access", "检索利用"),
    "V": ("vault", "封存"),
    "W": ("pipeline", "流水线"),
}
HEAD = """# Codes 代码表

Made by `tools/errors_page.py` from the rooms' `errors.toml`; not edited by hand.
由 `tools/errors_page.py` 依各室 `errors.toml` 生成，不手工改。

A code is a fault of a command, a reason for refusal, or a question 核对问题. Codes never change their meaning. Where a question **blocks** (须先解决), its record is sealed and searchable but gets
no reference code until somebody has answered.
"""


def page() -> str:
    """The whole page, as it should be."""
    codes = sorted(code_texts().values(), key=lambda entry: entry.code)
    parts = [HEAD]
    for letter, some in groupby(codes, key=lambda entry: entry.code[3]):
        english, chinese = ROOMS[letter]
        parts.append(
            f"\n## {letter} {english} {chinese}\n\n| code | 说明 → 下一步 | what → what next |\n|---|---|---|\n"
        )
        parts += [_row(entry) for entry in some]
    return "".join(parts)


def _row(entry: CodeText) -> str:
    blocks = "<br>**blocks 须先解决**" if entry.blocking else ""
    texts = " | ".join(_cell(entry, language) for language in ("zh", "en"))
    return f'| <a id="{entry.code.lower()}"></a>`{entry.code}`{blocks} | {texts} |\n'


def _cell(entry: CodeText, language: str) -> str:
    following = entry.next_step(language)
    said = entry.said(language) + (f"<br>→ {following}" if following else "")
    return said.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
