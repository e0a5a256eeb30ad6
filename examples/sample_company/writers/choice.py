"""Which writer makes a format of the plan."""

from __future__ import annotations

from collections.abc import Callable

from examples.sample_company import marks
from examples.sample_company.marks import marked_values, plain
from examples.sample_company.paper import Paper, Written
from examples.sample_company.papers.parts import Setting
from examples.sample_company.writers import (
    binary_office,
    chats,
    einvoice,
    layout,
    mail,
    open_document,
    outlook,
    pages,
    portable,
    sheets,
    slide_show,
    sound,
    text,
    word,
)
from examples.sample_company.writers.drawn import DRAWN
from examples.sample_company.writers.rendering import Job, Rendered, Writer


def render(paper: Paper, style: str, setting: Setting) -> Rendered:
    """The paper in the style of the plan: `docx`, `txt/gbk`, `scan-pdf/90` …"""
    name, _, option = style.partition("/")
    return WRITERS[name](Job(paper, option, setting))


def _txt(job: Job) -> Rendered:
    fitted = text.fitting(job.paper, job.option)
    payload = text.txt(
        fitted, charset=job.option, newline="\r\n" if job.setting.random.random() < 0.5 else "\n"
    )
    return Rendered(payload, "txt", "txt", fitted, charset=job.option)


def _csv(job: Job) -> Rendered:
    fitted = text.untitled(text.fitting(job.paper, job.option))
    return Rendered(
        text.comma_separated(fitted, charset=job.option), "csv", "csv", fitted, charset=job.option
    )


def _md(job: Job) -> Rendered:
    return Rendered(text.markdown(job.paper, charset=job.option), "md", "md", job.paper, charset=job.option)


def _json(job: Job) -> Rendered:
    return Rendered(text.json_text(job.paper, charset=job.option), "json", "json", job.paper)


def _xml(job: Job) -> Rendered:
    fitted = text.fitting(job.paper, job.option)
    return Rendered(text.xml(fitted, charset=job.option), "xml", "xml", fitted, charset=job.option)


def _html(job: Job) -> Rendered:
    fitted = text.fitting(job.paper, job.option)
    return Rendered(
        text.html(fitted, charset=job.option, random=job.setting.random),
        "html",
        "html",
        fitted,
        charset=job.option,
    )


def _docx(job: Job) -> Rendered:
    return Rendered(word.docx(job.paper), "docx", "docx", job.paper)


def _xlsx(job: Job) -> Rendered:
    payload = sheets.xlsx(job.paper, numeric=job.option == "float", hidden=job.option == "hidden")
    return Rendered(payload, "xlsx", "xlsx", job.paper)


def _xls(job: Job) -> Rendered:
    return Rendered(sheets.xls(job.paper, numeric=job.option == "float"), "xls", "xls", job.paper)


def _et(job: Job) -> Rendered:
    return Rendered(sheets.xls(job.paper), "et", "et", job.paper)


def _pdf(job: Job) -> Rendered:
    drawn = pages.for_drawing(job.paper)
    return Rendered(portable.pdf(drawn, sans=job.setting.random.random() < 0.5), "pdf", "pdf", drawn)


def _plain_pdf(job: Job) -> Rendered:
    return Rendered(portable.plain_pdf(job.paper), "pdf", "pdf", job.paper)


def envelope(setting: Setting) -> mail.Envelope:
    """A mail between one of the staff and the customer's contact, one way or the other."""
    who, staff = setting.customer.human, setting.choose(*setting.world.staff)
    parties = ((staff, setting.world.own.email), (who.name, who.email))
    sender, recipient = parties if setting.random.random() < 0.5 else parties[::-1]
    key = f"{setting.random.getrandbits(64):016x}"
    return mail.Envelope(sender, recipient, mail.sent_at(setting.random, setting.day), key)


def mail_truth(paper: Paper, letter: mail.Envelope) -> str:
    """The marked text of a mail: its head, then its body."""
    head = [
        f"{marks.person(name)}\t{marks.email(address)}" for name, address in (letter.sender, letter.recipient)
    ]
    return "\n".join([*head, *paper.lines()])


def _eml(job: Job) -> Rendered:
    letter = envelope(job.setting)
    charset = (
        "utf-8" if job.option in ("web", "utf-8") else "gb18030" if job.option == "gb18030" else "gb2312"
    )
    fitted = text.fitting(job.paper, charset)
    if charset != "utf-8":
        charset_safe = tuple(
            (name.encode(charset, "replace").decode(charset), address)
            for name, address in (letter.sender, letter.recipient)
        )
        letter = mail.Envelope(charset_safe[0], charset_safe[1], letter.sent, letter.key)
    payload = mail.eml(fitted, letter, charset=charset, web=job.option == "web")
    seen = mail_truth(fitted, letter)
    return Rendered(payload, "eml", "eml", fitted, text=plain(seen), findings=marked_values(seen))


def _msg(job: Job) -> Rendered:
    letter = envelope(job.setting)
    seen = mail_truth(job.paper, letter)
    return Rendered(
        outlook.msg(job.paper, letter),
        "msg",
        "msg",
        job.paper,
        text=plain(seen),
        findings=marked_values(seen),
    )


def _einvoice(job: Job) -> Rendered:
    found = einvoice.fields(job.paper, job.setting)
    seen = einvoice.marked_text(found)
    return Rendered(
        einvoice.xml(found), "xml", "einvoice-xml", job.paper, text=plain(seen), findings=marked_values(seen)
    )


def _ofd(job: Job) -> Rendered:
    if job.option != "invoice":
        return Rendered(layout.ofd(job.paper), "ofd", "ofd", job.paper)
    attached = _einvoice(job)
    member = Written(
        "original_invoice.xml",
        attached.payload,
        "einvoice-xml",
        job.paper,
        text=attached.text,
        findings=attached.findings,
    )
    payload = layout.ofd(job.paper, attachment=("original_invoice.xml", attached.payload))
    return Rendered(payload, "ofd", "ofd", job.paper, inside=[member])


def _whole(write: Callable[[Paper], bytes], extension: str) -> Writer:
    def writer(job: Job) -> Rendered:
        return Rendered(write(job.paper), extension, extension, job.paper)

    return writer


def _chat(write: Callable[[Paper], bytes], extension: str, kind: str, charset: str = "utf-8") -> Writer:
    def writer(job: Job) -> Rendered:
        seen, findings = chats.seen(job.paper if kind != "chat-csv" else text.untitled(job.paper))
        return Rendered(
            write(job.paper), extension, kind, job.paper, text=seen, findings=findings, charset=charset
        )

    return writer


def _vcf(job: Job) -> Rendered:
    return Rendered(chats.vcard(job.setting, old=job.option == "old"), "vcf", "vcf", job.paper)


def _ics(job: Job) -> Rendered:
    return Rendered(chats.calendar(job.paper, job.setting), "ics", "ics", job.paper)


def _wav(job: Job) -> Rendered:
    title, artist = plain(job.paper.title), job.setting.customer.name
    shown = marks.organisation(artist) if job.setting.customer.company else marks.person(artist)
    seen = f"{job.paper.title}\n{shown}"
    payload = sound.wav(title, artist, job.setting.day.isoformat(), job.setting.random)
    return Rendered(
        payload, "wav", "wav", job.paper, text=plain(seen), findings=marked_values(seen), text_source="none"
    )


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
    "wecom-txt": _chat(chats.wecom_text, "txt", "chat-txt", "gb18030"),
    "vcf": _vcf,
    "ics": _ics,
    "wav": _wav,
    **DRAWN,
}
