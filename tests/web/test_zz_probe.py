from tests.web.test_review import *  # noqa
from tests.web.test_review import door, signed_in
def test_probe(door, browser):
    with signed_in(browser, door, "bo") as page:
        page.goto(door.page("review/"))
        for r in page.locator("table.ck-lines tbody tr").all():
            print("ROW", r.inner_text().replace("\n"," ")[:120], r.locator(".kd-good").count())
        print(page.inner_text(".ck-chips"), [a.get_attribute("href") for a in page.locator(".ck-chips a").all()])
