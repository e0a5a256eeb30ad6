"""HTML as a tree: text put into it can never become markup."""

from __future__ import annotations

from xml.etree import ElementTree as ET  # written, never parsed

from kedang.entrypoints.legible import clean

Child = ET.Element | str | int | None
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def element(tag: str, *children: Child, **attributes: str | int | None) -> ET.Element:
    """An element with its children in order; None is left out.

    Attribute names: a leading underscore is dropped (`_class`), others become hyphens
    (`aria_hidden`), `viewBox` and the like keep their case.
    """
    made = ET.Element(tag)
    for name, value in attributes.items():
        if value is not None:
            made.set(name.removeprefix("_").replace("_", "-"), clean(str(value)))
    for child in children:
        _append(made, child)
    return made


def _append(parent: ET.Element, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, ET.Element):
        parent.append(child)
        return
    text = clean(str(child))
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text


def name(text: str) -> ET.Element:
    """A name from outside, which keeps its own writing direction to itself."""
    return element("bdi", text)


def css_string(text: str) -> str:
    """The text as a CSS string that ends neither early nor the style element."""
    escaped = (char if char.isalnum() else f"\\{ord(char):06x}" for char in clean(text))
    return '"' + "".join(escaped) + '"'


def fragment(drawn: ET.Element) -> str:
    """One element as text, to stand in a page that is made elsewhere."""
    return ET.tostring(drawn, encoding="unicode", method="html")


def head_alone(title: str, style: str, *, scripts: str = "") -> list[ET.Element]:
    """The head of a page that is one file: it fetches nothing, and says nothing to those it links to.

    `scripts` is what the policy says of them, such as "script-src 'sha256-…'"; without it none runs.
    """
    policy = "; ".join(filter(None, (POLICY, scripts)))
    return [
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex, nofollow"),
        element("title", title),
        element("style", style),
    ]


def document(language: str, head: list[ET.Element], body: list[Child]) -> str:
    """The whole page."""
    page = element("html", element("head", *head), element("body", *body), lang=language)
    return "<!DOCTYPE html>\n" + ET.tostring(page, encoding="unicode", method="html") + "\n"
