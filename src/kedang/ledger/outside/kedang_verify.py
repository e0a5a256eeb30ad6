#!/usr/bin/env python3
"""Checks receipts, certificates and ledgers of kedang 客档 without kedang.

    python3 kedang_verify.py FILE... [--key KEY] [--code CODE]... [--extract FOLDER]

One file, Python 3.8 or later, standard library only, no network. FILE is any number of: receipts,
certificates and growth proofs (kedang-proof/1), exported ledgers (kedang-ledger/1), signed heads. All
are checked, and against each other. Nothing in them is trusted but the key: compare it with the printed one.

Exit status: 0 proven 成立, 1 wrong 有不符, 2 not readable 无法读取, 3 not wrong, but not all connected 尚未相互印证.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import hmac
import json
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # of short codes
# --- Ed25519 (RFC 8032 §5.1.7) ---------------------------------------------------------------------------
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _add(one: tuple[int, ...], two: tuple[int, ...]) -> tuple[int, ...]:
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point(octets: bytes) -> tuple[int, ...]:
    """The point of 32 bytes. ValueError when there is none."""
    number = int.from_bytes(octets, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if len(octets) != 32 or y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("no point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point(bytes([0x58]) + bytes([0x66]) * 31)


def ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's for the message. ValueError when the key is no point."""
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= ORDER:
        return False
    x, y, _, t = point(key)
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    k = int.from_bytes(digest, "little") % ORDER
    minus = (P - x, y, 1, P - t)
    table = {(1, 0): BASE, (0, 1): minus, (1, 1): _add(BASE, minus)}
    total: tuple[int, ...] = (0, 1, 1, 0)
    for bit in range(252, -1, -1):  # s·B − k·A, both at once
        total = _add(total, total)
        chosen = (s >> bit & 1, k >> bit & 1)
        if chosen != (0, 0):
            total = _add(total, table[chosen])
    inverse = pow(total[2], P - 2, P)
    reached = total[1] * inverse % P | (total[0] * inverse % P & 1) << 255
    return reached.to_bytes(32, "little") == signature[:32]


# --- Merkle tree (RFC 6962 §2.1, RFC 9162 §2.1) ----------------------------------------------------------
def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """Grows leaf by leaf; knows its root."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def append(self, data: bytes) -> None:
        found, merges = hashlib.sha256(b"\0" + data).digest(), self.size
        while merges & 1:
            found, merges = _node(self.peaks.pop(), found), merges >> 1
        self.peaks.append(found)
        self.size += 1

    def root(self) -> bytes:
        peaks = self.peaks[::-1] or [hashlib.sha256().digest()]
        return functools.reduce(lambda right, left: _node(left, right), peaks)


def included(leaf_hash: bytes, n: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Whether the proof leads from the n-th leaf to the root of a tree of this size."""
    if not 0 <= n < size or any(len(step) != 32 for step in [leaf_hash, *proof]):
        return False
    reached, last = leaf_hash, size - 1
    for step in proof:
        if last == 0:
            return False
        if n & 1 or n == last:
            reached = _node(step, reached)
            while not n & 1 and n:
                n, last = n >> 1, last >> 1
        else:
            reached = _node(reached, step)
        n, last = n >> 1, last >> 1
    return last == 0 and reached == root


def continues(old: Head, new: Head, proof: list[bytes]) -> bool:
    """Whether the proof shows that the new tree begins with the old one."""
    if old.size == new.size:
        return old.root == new.root and not proof
    if not 0 < old.size < new.size or not proof or any(len(step) != 32 for step in proof):
        return False
    rest = list(proof) if old.size & (old.size - 1) else [old.root, *proof]
    first, last = old.size - 1, new.size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    inner = outer = rest.pop(0)
    for step in rest:
        if last == 0:
            return False
        if first & 1 or first == last:
            inner, outer = _node(step, inner), _node(step, outer)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            outer = _node(outer, step)
        first, last = first >> 1, last >> 1
    return last == 0 and inner == old.root and outer == new.root


# --- signed heads (C2SP signed-note, tlog-checkpoint), short codes ---------------------------------------
class Head:
    """A head in a signed note, its signature checked. ValueError when it is none of this key."""

    def __init__(self, note: str, key: str) -> None:
        text, _, signatures = note.rpartition("\n\n")
        self.note, self.text = note, text + "\n"
        self.origin, size, root = self.text.split("\n")[:3]
        self.size, self.root = int(size), b64decode(root)
        name, key_id, encoded = key.split("+", 2)
        public = b64decode(encoded)
        digest = hashlib.sha256(name.encode() + b"\n" + public).digest()
        if public[:1] != b"\1" or digest[:4].hex() != key_id or name != self.origin or str(self.size) != size:
            raise ValueError("key")
        start = "\u2014 " + name + " "
        lines = [b64decode(line[len(start) :]) for line in signatures.split("\n") if line.startswith(start)]
        good = [ed25519(public[1:], self.text.encode(), one[4:]) for one in lines if one[:4] == digest[:4]]
        if len(self.root) != 32 or not good or not all(good):
            raise ValueError("signature")


def short_code(text: str, size: int) -> str:
    """The printed code of a head without hyphens: 39 characters of its hash and a check character."""
    digest = int.from_bytes(hashlib.sha256(b"kedang short code 1\n" + text.encode()).digest(), "big")
    said = "".join(ALPHABET[digest >> 256 - 5 * place & 31] for place in range(1, 40))
    total = 0
    for place, character in enumerate(reversed(str(size) + said)):
        value = ALPHABET.index(character) * (1 if place & 1 else 2)
        total += value // 32 + value % 32
    return f"{size}/{said}{ALPHABET[-total % 32]}"


# --- time-stamps (RFC 3161): what they speak of; their signature is for openssl --------------------------
def parts(data: bytes) -> list[tuple[int, bytes]]:
    """The DER elements that stand one after another: tag and content."""
    found, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            at += length & 0x7F
            length = int.from_bytes(data[at - (length & 0x7F) : at], "big")
        if at + length > len(data):
            raise ValueError("DER")
        found.append((tag, data[at : at + length]))
        at += length
    return found


def stamped(reply: bytes, note: str) -> str:
    """The time that the reply states for this note; empty when it speaks of something else."""
    signed = parts(parts(parts(parts(parts(reply)[0][1])[1][1])[1][1])[0][1])
    info = parts(parts(parts(parts(signed[2][1])[1][1])[0][1])[0][1])
    if parts(info[2][1])[1][1] != hashlib.sha256(note.encode()).digest():
        return ""
    time = info[4][1].decode("ascii")
    return f"{time[:4]}-{time[4:6]}-{time[6:8]} {time[8:10]}:{time[10:12]}:{time[12:14]} UTC"


WORDS = """
entry | OK | 第 {0} 条在前 {1} 条之中 | entry {0} is among the first {1}: {2}
no-entry | BAD | 第 {0} 条不在所称的台账之中 | entry {0} is NOT in the ledger as stated
grown | OK | 前 {0} 条原样在前 {1} 条之中 | {1} entries continue {0}
not-grown | BAD | 前 {1} 条并非前 {0} 条的延续 | {1} entries do NOT continue {0}
data | OK | 所附数据与台账条目相符 | the data are those of the ledger entry
no-data | BAD | 所附数据不是台账条目所载 | the data are NOT those of the ledger entry
stamp | OK | 前 {0} 条有时间戳 {1} | the head over {0} entries was stamped at {1}
no-stamp | BAD | 时间戳不是该台账头的 | the time-stamp is not of this head
openssl | note | 时间戳机构的签名请用 openssl 核验 | check the authority's signature: --extract FOLDER; {0}
head | OK | 台账头签名有效：前 {0} 条 | a valid head over {0} entries
leaf | BAD | 第 {0} 条不规范、不在其位或时间倒退 | entry {0} is malformed, misplaced or dated back
root | BAD | 前 {0} 条与台账头不符：条目被改动 | the first {0} entries do NOT give the signed head
cut | BAD | 台账只有 {0} 条，少于台账头的 {1} 条 | {0} entries, but a head covers {1}: cut off
unsigned | ??? | 最后 {0} 条尚无签名台账头 | the last {0} entries are under no signed head
whole | OK | 台账完整：{0} 条，与 {1} 个台账头相符 | the ledger is whole: {0} entries, {1} heads agree
code | OK | 短码相符 | the short code agrees: {0}
no-code | BAD | 短码不符 | the short code is of ANOTHER ledger, or mistyped: {0}
lone-code | ??? | 文件中没有该长度的台账头 | no head of this size is among the files: {0}
two | BAD | 前 {0} 条有两个不同的签名台账头：台账被重建 | TWO different heads over {0} entries: rebuilt
apart | ??? | 台账头尚未证明前后相续 | heads {0} not connected; ask for: kedang ledger prove --since {1}
other-key | BAD | 公钥与已知的不同 | signed by another key than the known one: {0}
key | note | 请与纸面所印公钥核对 | compare the key with the printed one: {0}
invalid | BAD | 文件或签名无效：{0} | the file or its signature is not valid: {1}
"""  # what | mark | Chinese | English


class Check:
    """Everything that was found in all files."""

    def __init__(self, key: str, extract: str) -> None:
        self.extract, self.pinned = extract, key.split("+")[0]
        self.keys = {self.pinned: key} if key else {}
        self.marks: list[str] = []
        self.heads: dict[str, Head] = {}
        self.links: list[tuple[str, int, int]] = []
        self.whole: dict[str, int] = {}

    def say(self, what: str, *facts: object) -> None:
        mark, zh, en = next(row.split(" | ")[1:] for row in WORDS.split("\n") if row.startswith(what + " | "))
        self.marks.append(mark)
        line = f"{mark:4} {zh.format(*facts)} / {en.format(*facts)}"
        print("".join(one if one.isprintable() else "?" for one in line))  # noqa: T201 - what it is for

    def key(self, said: dict[str, Any]) -> str:
        """The file's key, which must be the known one when its ledger is known."""
        key = str(said["verification_key"])
        name = key.split("+")[0]
        if self.keys.setdefault(name, key) != key or (self.pinned and name != self.pinned):
            self.say("other-key", key)
        return key

    def head(self, note: str, key: str) -> Head:
        if note not in self.heads:
            self.heads[note] = Head(note, key)
        return self.heads[note]

    def proof_file(self, said: dict[str, Any]) -> None:
        key = self.key(said)
        for one in said["receipts"]:
            self.receipt(one["leaf"], one["proof"], key)
        if "growth" in said:
            old, new = (self.head(said["growth"][which], key) for which in ("old", "new"))
            good = continues(old, new, [b64decode(one) for one in said["growth"]["proof"]])
            self.say("grown" if good else "not-grown", old.size, new.size)
            self.links += [(old.origin, old.size, new.size)] if good else []
        if "data" in said:
            binding, data = said["binding"], said["data"].encode()
            salt = bytes.fromhex(binding["salt"]) if "salt" in binding else None
            digest = hashlib.sha256(data) if salt is None else hmac.new(salt, data, hashlib.sha256)
            stated = json.loads(said["receipts"][binding["receipt"]]["leaf"])["facts"][binding["fact"]]
            self.say("data" if stated == digest.hexdigest() == said["data_digest"] else "no-data")
        for one in said.get("witnesses", ()):
            self.witness(one, key)

    def receipt(self, leaf: str, proof: str, key: str) -> None:
        front, _, note = proof.partition("\n\n")
        lines = [line for line in front.split("\n")[1:] if not line.startswith("extra ")]
        head, n, said = self.head(note, key), int(lines[0][len("index ") :]), json.loads(leaf)
        hash_ = hashlib.sha256(b"\0" + leaf.encode()).digest()
        good = included(hash_, n, head.size, [b64decode(one) for one in lines[1:]], head.root)
        shown = " ".join([said["time"], said["act"], *said["objects"]])
        self.say("entry" if good and said["n"] == n else "no-entry", n, head.size, shown)

    def witness(self, said: dict[str, str], key: str) -> None:
        head, reply = self.head(said["checkpoint"], key), b64decode(said["token"])
        name = f"head-{head.size}"
        time = stamped(reply, head.note)
        self.say("stamp" if time else "no-stamp", head.size, time)
        self.say("openssl", f"openssl ts -verify -data {name}.note -in {name}.tsr -CAfile ROOT.pem")
        if self.extract:
            (Path(self.extract) / (name + ".note")).write_bytes(head.note.encode())
            (Path(self.extract) / (name + ".tsr")).write_bytes(reply)

    def ledger(self, said: dict[str, Any], leaves: Any) -> None:
        key, origin, before = self.key(said), said["origin"], self.marks.count("BAD")
        signed = [self.head(note, key).size for note in said["checkpoints"]]
        for one in said.get("witnesses", ()):
            self.witness(one, key)
        heads = sorted((head.size, head.root) for head in self.heads.values() if head.origin == origin)
        count, tree, last_time = len(heads), Tree(), ""
        for line in leaves:
            heads = self.meet(heads, tree)
            last_time = self.leaf(line.rstrip("\n"), tree, last_time)
        heads = self.meet(heads, tree)
        for size, _ in heads:
            self.say("cut", tree.size, size)
        if tree.size > max([0, *signed]):
            self.say("unsigned", tree.size - max([0, *signed]))
        if self.marks.count("BAD") == before:
            self.whole[origin] = tree.size
            self.say("whole", tree.size, count)

    def leaf(self, line: str, tree: Tree, last_time: str) -> str:
        tree.append(line.encode())
        try:
            said = json.loads(line)
            written = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            if written == line and said["n"] == tree.size - 1 and said["time"] >= last_time:
                return str(said["time"])
        except (ValueError, KeyError, TypeError):
            pass
        self.say("leaf", tree.size - 1)
        return last_time

    def meet(self, heads: list[tuple[int, bytes]], tree: Tree) -> list[tuple[int, bytes]]:
        while heads and heads[0][0] == tree.size:
            if heads[0][1] != tree.root():
                self.say("root", tree.size)
            heads = heads[1:]
        return heads

    def codes(self, codes: list[str]) -> None:
        known = {short_code(head.text, head.size) for head in self.heads.values()}
        for typed in codes:
            code = typed.upper().replace("KEDANG/", "").translate(str.maketrans("OIL", "011", "- "))
            there = any(one.startswith(code.partition("/")[0] + "/") for one in known)
            self.say("code" if code in known else "no-code" if there else "lone-code", code)

    def connect(self, origin: str) -> None:
        """Heads of one size must be equal; those of different sizes, proven to continue each other."""
        heads = sorted({(head.size, head.root) for head in self.heads.values() if head.origin == origin})
        for size in {one for (one, _), (two, _) in zip(heads, heads[1:]) if one == two}:  # noqa: B905, RUF007
            self.say("two", size)
        groups = {size: max(size, self.whole.get(origin, -1)) for size, _ in heads}
        for name, old, new in self.links:
            if name == origin:
                one, two = groups[old], groups[new]
                groups = {size: one if group == two else group for size, group in groups.items()}
        if len(set(groups.values())) > 1:
            self.say("apart", ", ".join(map(str, groups)), min(groups))


def read(check: Check, name: str, ledgers: list[str]) -> None:
    """Check one file; ledgers come last, when every head is known."""
    with open(name, encoding="utf-8", newline="\n") as stream:
        first = stream.readline(1 << 26)
        if name in ledgers:
            check.ledger(json.loads(first), stream)
        elif first.startswith('{"format":"kedang-ledger/'):
            check.key(json.loads(first))
            ledgers.append(name)
        elif first.startswith("{"):
            check.proof_file(json.loads(first + stream.read(1 << 26)))
        else:
            head = check.head(first + stream.read(1 << 20), check.keys[first.rstrip("\n")])
            check.say("head", head.size)


def main() -> int:
    """Check the files that the command line names; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--key", default="", help="the verification key, as printed 验证公钥")
    parser.add_argument("--code", action="append", default=[], help="a printed short code 短码")
    parser.add_argument("--extract", default="", help="folder for time-stamps 导出时间戳的文件夹")
    options = parser.parse_args()
    check = Check(options.key, options.extract)
    ledgers: list[str] = []
    for names in (options.files, ledgers):
        for name in list(names):
            try:
                read(check, name, ledgers)
            except OSError as error:
                parser.error(str(error))
            except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
                check.say("invalid", name, repr(error))
    check.codes(options.code)
    for origin in sorted({head.origin for head in check.heads.values()}):
        check.connect(origin)
    if not options.key:
        check.say("key", " ".join(sorted(check.keys.values())))
    return 1 if "BAD" in check.marks else 3 if "???" in check.marks else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # consoles without Unicode
    sys.exit(main())
