"""HTML: what a reader sees, block by block, the title, and its tables as tables."""

from __future__ import annotations

import re
from html import unescape

from lxml import etree

from kedang.extraction.assembly import TextAssembly
from kedang.extraction.chats import messages_of
from kedang.extraction.errors import Damaged
from kedang.extraction.limits import Limits
from kedang.extraction.plain import CHAT_HEADERS, text_of
from kedang.extraction.tables import write_sheet
from kedang.extraction.xml_tree import Element
from kedang.records.content import Content, Extraction, Format, Table

_UNSEEN = frozenset(
    ("script", "style", "noscript", "template", "title", "object", "svg", "iframe", "select", "math")
)
_BLOCKS = frozenset(
    """
    p div section article header footer main nav aside h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table tr thead
    tbody tfoot caption blockquote pre form fieldset address center hr br option body html figure figcaption
    details summary
    """.split()  # noqa: SIM905 - a list of words reads better as words
)
_BLANKS = re.compile(r"[ \t\r\n\f\xa0\u3000]+")
_TAG = re.compile(r"<[^<>]*>")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def read(content: Content, format: Format, *, limits: Limits) -> Extraction:
    """The visible text of a page."""
    assembly = TextAssembly(limits)
    write_html(text_of(content, format, assembly, limits), assembly)
    said = assembly.extraction().text
    chat = messages_of(said)
    if chat and not assembly.tables:
        rows = tuple(message.row for message in chat)
        assembly.tables.append(Table("chat", CHAT_HEADERS, rows, 1, tuple(message.start for message in chat)))
        assembly.tell("kind", "chat")
    return assembly.extraction()


def write_html(page: str, assembly: TextAssembly, *, title: bool = True) -> None:
    """Add what a reader sees of the page. A page nested too deeply loses its lay-out, not its words."""
    page = _XML_DECLARATION.sub("", page.replace("\x00", ""), count=1)
    if not page.strip():
        return
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root: Element | None = etree.fromstring(page.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Damaged(reason="html") from error
    if any("depth" in entry.message for entry in parser.error_log):
        assembly.line(_BLANKS.sub(" ", unescape(_TAG.sub(" ", _without_programs(page)))).strip())
        return
    if root is None:
        return
    if title:
        found = next(root.iter("title"), None)
        words = "" if found is None else "".join(map(str, found.itertext()))
        assembly.tell("title", _BLANKS.sub(" ", words))
    _Visible(assembly).walk(root)


def _without_programs(page: str) -> str:
    """The page without its scripts and style sheets, cut at one that never ends."""
    for name in ("script", "style"):
        kept: list[str] = []
        at = 0
        lowered = page.lower()
        while (start := lowered.find(f"<{name}", at)) >= 0:
            kept.append(page[at:start])
            end = lowered.find(f"</{name}", start)
            at = end if end >= 0 else len(page)
        page = "".join([*kept, page[at:]])
    return page


class _Visible:
    """A walk over a page that gathers lines; white space is one blank, blocks stand on lines of their own."""

    def __init__(self, assembly: TextAssembly) -> None:
        self._assembly = assembly
        self._line: list[str] = []

    def walk(self, root: Element) -> None:
        """Add the page's lines, without recursion: hostile pages nest deeply."""
        waiting: list[tuple[Element, bool]] = [(root, False)]
        while waiting:
            element, left = waiting.pop()
            tag = element.tag if isinstance(element.tag, str) else ""
            if left:
                self._leave(element, tag)
                continue
            if tag in _UNSEEN or not tag or _hidden(element):
                self._words(element.tail)
                continue
            if tag == "table" and self._table(element):
                self._words(element.tail)
                continue
            self._enter(element, tag)
            waiting.append((element, True))
            waiting += [(child, False) for child in reversed(element)]
        self._break()

    def _enter(self, element: Element, tag: str) -> None:
        if tag in _BLOCKS:
            self._break()
        if tag in ("td", "th") and self._line:
            self._line.append("\t")
        if tag == "pre":
            self._assembly.line("".join(map(str, element.itertext())))
            for child in list(element):
                element.remove(child)
            return
        self._words(element.text)
        if tag in ("input", "img"):
            self._words(element.get("value" if tag == "input" and element.get("type") != "hidden" else "alt"))

    def _leave(self, element: Element, tag: str) -> None:
        if tag in _BLOCKS:
            self._break()
        self._words(element.tail)

    def _words(self, text: str | None) -> None:
        if text:
            self._line.append(_BLANKS.sub(" ", text))

    def _break(self) -> None:
        if not self._line:
            return
        said = "".join(self._line)
        self._line = []
        said = "\t".join(re.sub(" +", " ", cell).strip() for cell in said.split("\t")).rstrip()
        if said.strip():
            self._assembly.line(said)

    def _table(self, table: Element) -> bool:
        """Add a table of data and return True; one that only lays out the page is walked like any block."""
        rows = list(table.iter("tr"))
        if (
            len(rows) < 2
            or next((inner for inner in table.iter("table") if inner is not table), None) is not None
        ):
            return False
        cells = [[_cell(cell) for cell in row if cell.tag in ("td", "th")] for row in rows]
        widths = [len(row) for row in cells]
        if max(widths, default=0) < 2 or sum(width >= 2 for width in widths) < len(widths) / 2:
            return False
        self._break()
        write_sheet(self._assembly, "", cells, first_row=1)
        return True


def _cell(cell: Element) -> str:
    return _BLANKS.sub(" ", " ".join(map(str, cell.itertext()))).strip()


def _hidden(element: Element) -> bool:
    return "display:none" in (element.get("style") or "").replace(" ", "").lower()
