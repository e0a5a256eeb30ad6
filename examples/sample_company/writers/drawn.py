"""The styles that are pictures: scans, id cards, screenshots, photographs."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from examples.sample_company.marks import marked_values, plain
from examples.sample_company.paper import Paper
from examples.sample_company.papers.parts import Setting
from examples.sample_company.writers import pages, pictures, scans
from examples.sample_company.writers.rendering import Job, Rendered, Writer


def _scan(paper: Paper, kind: str, option: str, setting: Setting) -> Rendered:
    """Pages through the scanner: turned or slanted by the option; contracts and receipts are sealed."""
    drawn = pages.for_drawing(paper)
    random = setting.random
    clean = (
        [pictures.licence(drawn)]
        if "licence" in paper.kind
        else pages.draw_pages(drawn, face=setting.choose("Serif", "Sans"))
    )
    if len(clean) == 1:
        clean = [pages.slip(clean[0])]
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
    return lambda job: _scan(job.paper, kind, job.option, job.setting)


def _mixed_pdf(job: Job) -> Rendered:
    """A PDF whose first half is text and whose second half was scanned."""
    drawn = pages.for_drawing(job.paper)
    middle = len(drawn.blocks) // 2
    first, second = (
        replace(drawn, blocks=drawn.blocks[:middle]),
        replace(drawn, title="", header="", blocks=drawn.blocks[middle:]),
    )
    images = [pages.scanned(page, job.setting.random) for page in pages.draw_pages(second)]
    return Rendered(
        scans.mixed_pdf(scans.text_pages(first), images), "pdf", "mixed-pdf", drawn, text_source="mixed"
    )


def _id_card(kind: str) -> Writer:
    def writer(job: Job) -> Rendered:
        drawn = pages.for_drawing(job.paper)
        page = pages.scanned(
            pictures.id_card(drawn, job.setting.random),
            job.setting.random,
            skew=job.setting.random.uniform(-1, 1),
        )
        payload = scans.jpeg(page) if kind == "jpg" else scans.png(page)
        return Rendered(payload, kind, f"scan-{kind}", drawn, text_source="ocr")

    return writer


def _image(paper: Paper, kind: str, setting: Setting) -> Rendered:
    """Pictures that nobody scanned."""
    if kind == "scene":
        return Rendered(
            scans.jpeg(pictures.scene(setting.random)), "jpg", "jpg", paper, text="", text_source="none"
        )
    drawn = pages.for_drawing(paper)
    if kind == "screenshot":
        lines = pictures.marked_screen(drawn)
        shown = "\n".join(lines)
        payload = scans.png(pictures.screenshot(drawn))
        return Rendered(
            payload, "png", "png", drawn, text=plain(shown), findings=marked_values(shown), text_source="ocr"
        )
    page = pages.slip(pages.draw_pages(drawn)[0])
    if kind == "photo":
        payload, extension = scans.jpeg(pictures.photograph(page, setting.random)), "jpg"
    else:
        payload, extension = {"bmp": scans.bmp, "gif": scans.gif, "webp": scans.webp}[kind](page), kind
    return Rendered(payload, extension, extension, drawn, text_source="ocr")


def _picture(kind: str) -> Writer:
    return lambda job: _image(job.paper, kind, job.setting)


DRAWN: dict[str, Writer] = {
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
