"""Which writer makes a format of the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PIL import Image

from examples.sample_company import marks
from examples.sample_company.marks import marked_values, plain
from examples.sample_company.paper import Paper, Written
from examples.sample_company.papers.parts import Setting
from examples.sample_company.writers import (binary_office, chats, einvoice, layout, mail, open_document, outlook, pages, pictures, portable, scans, sheets, slide_show, sound, text, word)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A paper as bytes, with what a reader of these bytes should see."""

    payload: bytes
    extension: str
    format: str
    paper: Paper
    text: str | None = None
    findings: list[tuple[str, str]] | None = None
    text_source: str = "embedded"
    inside: list[Written] = field(default_factory=list)


Writer = Callable[[Paper, str, Setting], Rendered]


def render(paper: Paper, style: str, setting: Setting) -> Rendered:
    """The paper in the style of the plan: `docx`, `txt/gbk`, `scan-pdf/90` …"""
    name, _, option = style.partition("/")
    return WRITERS[name](paper, option, setting)


def _txt(paper: Paper, option: str, setting: Setting) -> Rendered:
    fitted = text.fitting(paper, option)
    payload = text.txt(fitted, charset=option, newline="\r\n" if setting.random.random() < 0.5 else "\n")
    return Rendered(payload, "txt", "txt", fitted)


def _csv(paper: Paper, option: str, setting: Setting) -> Rendered:
    fitted = text.untitled(text.fitting(paper, option))
    return Rendered(text.comma_separated(fitted, charset=option), "csv", "csv", fitted)


def _md(paper: Paper, option: str, setting: Setting) -> Rendered:
    return Rendered(text.markdown(paper, charset=option), "md", "md", paper)


def _json(paper: Paper, option: str, setting: Setting) -> Rendered:
    return Rendered(text.json_text(paper, charset=option), "json", "json", paper)


def _xml(paper: Paper, option: str, setting: Setting) -> Rendered:
    fitted = text.fitting(paper, option)
    return Rendered(text.xml(fitted, charset=option), "xml", "xml", fitted)


def _html(paper: Paper, option: str, setting: Setting) -> Rendered:
    fitted = text.fitting(paper, option)
    return Rendered(text.html(fitted, charset=option, random=setting.random), "html", "html", fitted)


def _docx(paper: Paper, option: str, setting: Setting) -> Rendered:
    return Rendered(word.docx(paper), "docx", "docx", paper)


def _xlsx(paper: Paper, option: str, setting: Setting) -> Rendered:
    return Rendered(sheets.xlsx(paper, numeric=option == "float"), "xlsx", "xlsx", paper)


def _xls(paper: Paper, option: str, setting: Setting) -> Rendered:
    return Rendered(sheets.xls(paper, numeric=option == "float"), "xls", "xls", paper)


def _et(paper: Paper, option: str, setting: Setting) -> Rendered:
    return Rendered(sheets.xls(paper), "et", "et", paper)


def _pdf(paper: Paper, option: str, setting: Setting) -> Rendered:
    return Rendered(portable.pdf(paper, sans=setting.random.random() < 0.5), "pdf", "pdf", paper)


def _plain_pdf(paper: Paper, option: str, setting: Setting) -> Rendered:
    return Rendered(portable.plain_pdf(paper), "pdf", "pdf", paper)


def envelope(setting: Setting) -> mail.Envelope:
    """A mail between one of the staff and the customer's contact, one way or the other."""
    who, staff = setting.customer.human, setting.choose(*setting.world.staff)
    parties = ((staff, setting.world.own.email), (who.name, who.email))
    sender, recipient = parties if setting.random.random() < 0.5 else parties[::-1]
    key = f"{setting.random.getrandbits(64):016x}"
    return mail.Envelope(sender, recipient, mail.sent_at(setting.random, setting.day), key)


def mail_truth(paper: Paper, letter: mail.Envelope) -> str:
    """The marked text of a mail: its head, then its body."""
    head = [f"{marks.person(name)} {marks.email(address)}" for name, address in (letter.sender, letter.recipient)]
    return "\n".join([*head, *paper.lines()])


def _eml(paper: Paper, option: str, setting: Setting) -> Rendered:
    letter = envelope(setting)
    charset = "utf-8" if option in ("web", "utf-8") else "gb18030" if option == "gb18030" else "gb2312"
    fitted = text.fitting(paper, charset)
    if charset != "utf-8":
        charset_safe = tuple((name.encode(charset, "replace").decode(charset), address) for name, address in (letter.sender, letter.recipient))
        letter = mail.Envelope(charset_safe[0], charset_safe[1], letter.sent, letter.key)
    payload = mail.eml(fitted, letter, charset=charset, web=option == "web")
    seen = mail_truth(fitted, letter)
    return Rendered(payload, "eml", "eml", fitted, text=plain(seen), findings=marked_values(seen))


def _msg(paper: Paper, option: str, setting: Setting) -> Rendered:
    letter = envelope(setting)
    seen = mail_truth(paper, letter)
    return Rendered(outlook.msg(paper, letter), "msg", "msg", paper, text=plain(seen), findings=marked_values(seen))


def _einvoice(paper: Paper, option: str, setting: Setting) -> Rendered:
    found = einvoice.fields(paper, setting)
    seen = einvoice.marked_text(found)
    return Rendered(einvoice.xml(found), "xml", "einvoice-xml", paper, text=plain(seen), findings=marked_values(seen))


def _ofd(paper: Paper, option: str, setting: Setting) -> Rendered:
    if option != "invoice":
        return Rendered(layout.ofd(paper), "ofd", "ofd", paper)
    attached = _einvoice(paper, "", setting)
    member = Written("original_invoice.xml", attached.payload, "einvoice-xml", paper, text=attached.text, findings=attached.findings)
    payload = layout.ofd(paper, attachment=("original_invoice.xml", attached.payload))
    return Rendered(payload, "ofd", "ofd", paper, inside=[member])


def _whole(write: Callable[[Paper], bytes], extension: str) -> Writer:
    def writer(paper: Paper, option: str, setting: Setting) -> Rendered:
        return Rendered(write(paper), extension, extension, paper)

    return writer


def _chat(write: Callable[[Paper], bytes], extension: str, kind: str) -> Writer:
    def writer(paper: Paper, option: str, setting: Setting) -> Rendered:
        seen, findings = chats.seen(paper if kind != "chat-csv" else text.untitled(paper))
        return Rendered(write(paper), extension, kind, paper, text=seen, findings=findings)

    return writer


def _vcf(paper: Paper, option: str, setting: Setting) -> Rendered:
    return Rendered(chats.vcard(paper, setting, old=option == "old"), "vcf", "vcf", paper)


def _ics(paper: Paper, option: str, setting: Setting) -> Rendered:
    return Rendered(chats.calendar(paper, setting), "ics", "ics", paper)


def _wav(paper: Paper, option: str, setting: Setting) -> Rendered:
    title, artist = plain(paper.title), setting.customer.name
    seen = f"{paper.title}\n{marks.organisation(artist) if setting.customer.company else marks.person(artist)}"
    payload = sound.wav(title, artist, setting.day.isoformat(), setting.random)
    return Rendered(payload, "wav", "wav", paper, text=plain(seen), findings=marked_values(seen), text_source="none")


def _scan(paper: Paper, kind: str, option: str, setting: Setting) -> Rendered:
    """Pages through the scanner: quarters turned by the option, or slanted; contracts and receipts are sealed."""
    drawn = pages.for_drawing(paper)
    random = setting.random
    clean = [pictures.licence(drawn)] if "licence" in paper.kind else pages.draw_pages(drawn, face=setting.choose("Serif", "Sans"))
    if paper.record_class in ("contract", "transaction", "other"):
        caption = "合同专用章" if paper.record_class == "contract" else "财务专用章"
        clean[-1] = pages.stamped(clean[-1], setting.world.own.name, caption, random)
    turn = int(option) if option.isdigit() else 0
    skew = random.choice((-1.6, -1.1, 1.2, 1.8)) if option == "skew" else random.uniform(-0.5, 0.5)
    if kind == "tiff":
        payload = scans.tiff([pages.faxed(page).rotate(turn, expand=True) for page in clean])
    elif kind == "pdf":
        payload = scans.picture_pdf([pages.scanned(page, random, turn=turn, skew=skew) for page in clean])
    else:
        page = pages.scanned(_joined(clean), random, turn=turn, skew=skew)
        payload = scans.jpeg(page) if kind == "jpg" else scans.png(page)
    return Rendered(payload, kind, f"scan-{kind}", drawn, text_source="ocr")


def _joined(clean: list[Image.Image]) -> Image.Image:
    """Pages below each other, as a telephone's scanner app joins them."""
    if len(clean) == 1:
        return clean[0]
    sheet = Image.new("RGB", (clean[0].width, sum(page.height for page in clean)), (255, 255, 255))
    top = 0
    for page in clean:
        sheet.paste(page, (0, top))
        top += page.height
    return sheet


def _scanner(kind: str) -> Writer:
    return lambda paper, option, setting: _scan(paper, kind, option, setting)


def _mixed_pdf(paper: Paper, option: str, setting: Setting) -> Rendered:
    """A PDF whose first half is text and whose second half was scanned."""
    drawn = pages.for_drawing(paper)
    middle = len(drawn.blocks) // 2
    first, second = replace(drawn, blocks=drawn.blocks[:middle]), replace(drawn, title="", header="", blocks=drawn.blocks[middle:])
    images = [pages.scanned(page, setting.random) for page in pages.draw_pages(second)]
    return Rendered(scans.mixed_pdf(scans.text_pages(first), images), "pdf", "mixed-pdf", drawn, text_source="mixed")


def _id_card(kind: str) -> Writer:
    def writer(paper: Paper, option: str, setting: Setting) -> Rendered:
        drawn = pages.for_drawing(paper)
        page = pages.scanned(pictures.id_card(drawn, setting.random), setting.random, skew=setting.random.uniform(-1, 1))
        payload = scans.jpeg(page) if kind == "jpg" else scans.png(page)
        return Rendered(payload, kind, f"scan-{kind}", drawn, text_source="ocr")

    return writer


def _image(paper: Paper, kind: str, setting: Setting) -> Rendered:
    """Pictures that nobody scanned."""
    if kind == "scene":
        return Rendered(scans.jpeg(pictures.scene(setting.random)), "jpg", "jpg", paper, text="", text_source="none")
    drawn = pages.for_drawing(paper)
    if kind == "screenshot":
        lines = pictures.marked_screen(drawn)
        shown = "\n".join(lines)
        payload = scans.png(pictures.screenshot(drawn))
        return Rendered(payload, "png", "png", drawn, text=plain(shown), findings=marked_values(shown), text_source="ocr")
    page = pages.draw_pages(drawn)[0]
    if kind == "photo":
        payload, extension = scans.jpeg(pictures.photograph(page, setting.random)), "jpg"
    else:
        payload, extension = {"bmp": scans.bmp, "gif": scans.gif, "webp": scans.webp}[kind](page), kind
    return Rendered(payload, extension, extension, drawn, text_source="ocr")


def _picture(kind: str) -> Writer:
    return lambda paper, option, setting: _image(paper, kind, setting)


WRITERS: dict[str, Writer] = {
    "txt": _txt,
    "csv": _csv,
    "md": _md,
    "json": _json,
    "xml": _xml,
    "html": _html,
    "docx": _docx,
    "xlsx": _xlsx,
    "xls": _xls,
    "et": _et,
    "pdf": _pdf,
    "plain-pdf": _plain_pdf,
    "eml": _eml,
    "msg": _msg,
    "ofd": _ofd,
    "einvoice": _einvoice,
    "doc": _whole(binary_office.doc, "doc"),
    "wps": _whole(binary_office.doc, "wps"),
    "ppt": _whole(binary_office.ppt, "ppt"),
    "dps": _whole(binary_office.ppt, "dps"),
    "pptx": _whole(slide_show.pptx, "pptx"),
    "odt": _whole(open_document.odt, "odt"),
    "ods": _whole(open_document.ods, "ods"),
    "odp": _whole(open_document.odp, "odp"),
    "rtf": _whole(open_document.rtf, "rtf"),
    "chat-txt": _chat(chats.wechat_text, "txt", "chat-txt"),
    "chat-csv": _chat(chats.wechat_table, "csv", "chat-csv"),
    "chat-html": _chat(chats.wechat_page, "html", "chat-html"),
    "wecom-txt": _chat(chats.wecom_text, "txt", "chat-txt"),
    "vcf": _vcf,
    "ics": _ics,
    "wav": _wav,
    "scan-jpg": _scanner("jpg"),
    "scan-png": _scanner("png"),
    "scan-tiff": _scanner("tiff"),
    "scan-pdf": _scanner("pdf"),
    "mixed-pdf": _mixed_pdf,
    "idcard-jpg": _id_card("jpg"),
    "idcard-png": _id_card("png"),
    "image-screenshot": _picture("screenshot"),
    "image-photo": _picture("photo"),
    "image-scene": _picture("scene"),
    "image-bmp": _picture("bmp"),
    "image-gif": _picture("gif"),
    "image-webp": _picture("webp"),
}
