"""Patterns of many words: a tree of their letters, which is several times faster to match than a list of words."""

from __future__ import annotations

import re
from collections.abc import Iterable

_Tree = dict[str, "_Tree"]
_END = ""  # key that marks the end of a word


def any_of(words: Iterable[str]) -> str:
    """A regular expression for the longest of `words` at a place."""
    tree: _Tree = {}
    for word in words:
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[_END] = {}
    return f"(?:{_branches(tree)})"


def _branches(tree: _Tree) -> str:
    """The continuations of a node, one branch a letter."""
    return "|".join(
        re.escape(letter) + _tail(node) for letter, node in sorted(tree.items()) if letter != _END
    )


def _tail(node: _Tree) -> str:
    further = [letter for letter in node if letter != _END]
    if not further:
        return ""
    return f"(?:{_branches(node)})" + ("?" if _END in node else "")
