"""Scenes of committing in a real case, each told as plain values: python -m tests.holdings.committing_scenes SCENE…"""

from __future__ import annotations

from typing import Any

# isort: off
from tests.holdings.checking_scenes import Scenes, clock, play
# isort: on - Django is set up by what was imported

from django.db import transaction

from kedang.holdings.intake.commit import Rows
from kedang.holdings.intake.committing import Committing
from kedang.holdings.models import KeyPage

HOLDER, KEY = "f" * 32, bytes(range(32))


class CommittingScenes(Scenes):
    """Keys whose epoch has gone while their batch was on its way."""

    def moved_on(self) -> dict[str, Any]:
        """The thread leaves them alone; they are committed under the epoch of now by who holds the ring."""
        pages = self.case.write_pages({HOLDER: KEY})
        page = pages[HOLDER]
        page.epoch -= 1
        with transaction.atomic():
            left = self.case.keep_pages(pages, moving=False)
        before = KeyPage.objects.filter(id=page.id).exists()
        committing = Committing(self.case)
        try:
            committing.begin(Rows(), pack=None, pages=pages, now=clock())
            committing.wait()
        finally:
            committing.end()
        kept = KeyPage.objects.get(id=page.id)
        self.case.keyring.forget_pages()
        return {
            "left": left,
            "before": before,
            "moved": kept.stored != page.id,
            "epochs": [kept.epoch, self.case.epoch],
            "opens": self.case.key(page.id, HOLDER) == KEY,
        }

    def as_they_are(self) -> dict[str, Any]:
        """Keys of the present epoch are committed by the thread, as they lie."""
        pages = self.case.write_pages({HOLDER: KEY})
        committing = Committing(self.case)
        try:
            committing.begin(Rows(), pack=None, pages=pages, now=clock())
            committing.wait()
        finally:
            committing.end()
        kept = KeyPage.objects.get(id=pages[HOLDER].id)
        return {"moved": kept.stored != kept.id, "seconds": committing.seconds > 0}


if __name__ == "__main__":
    play(CommittingScenes)
