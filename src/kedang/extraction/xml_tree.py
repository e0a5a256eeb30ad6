"""XML parsed without entities, external references or network, and without trees too deep to walk."""

from __future__ import annotations

from lxml import etree

from kedang.extraction.errors import Damaged, LimitExceeded
from kedang.extraction.limits import Limits

Element = etree._Element


def tree_of(raw: bytes, limits: Limits) -> Element:
    """The root element, as much of it as could be saved.

    Raises:
        Damaged: nothing could be saved.
    """
    return parsed(raw, limits)[0]


def parsed(raw: bytes, limits: Limits) -> tuple[Element, bool]:
    """The root element, and whether the file was well formed.

    lxml's own ceilings hold (256 levels, 10 MB a text, no entity growth): `huge_tree` stays off.

    Raises:
        Damaged: nothing could be saved.
        LimitExceeded: it is nested too deeply, or its tree would take too much memory.
    """
    if len(raw) > limits.max_tree_bytes:
        raise LimitExceeded(limit="max_tree_bytes")
    try:
        return etree.fromstring(raw, _parser(recover=False)), True
    except etree.XMLSyntaxError as error:
        if "depth" in str(error):
            raise LimitExceeded(limit="max_depth") from error
    except ValueError as error:
        raise Damaged(reason="xml") from error
    try:
        root = etree.fromstring(raw, _parser(recover=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Damaged(reason="xml") from error
    if root is None:
        raise Damaged(reason="xml")
    return root, False


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )


def local(tag: object) -> str:
    """The tag's name without its namespace; empty for an entity or a comment."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def depth_checked(depth: int, limits: Limits) -> None:
    """Stop a walk that goes too deep."""
    if depth > limits.max_depth:
        raise LimitExceeded(limit="max_depth")
