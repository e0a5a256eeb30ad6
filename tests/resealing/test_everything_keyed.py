"""Whatever has a key or is sealed is known to sealing anew: a new table cannot be forgotten."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import django, json
django.setup()
from django.apps import apps
from kedang.holdings.actions.fresh_names import DERIVED, KEYED, OF_THE_CASE
from kedang.holdings.actions.fresh_pairs import TIES
from kedang.holdings.actions.sealing_anew import MADE_AGAIN
from kedang.holdings.adapters.keyed import keyed_models
from kedang.holdings.models import Account, Job, UploadedFile
from kedang.holdings.models import Case, Occurrence, Record, Resealed, RowSet, Segment, SplitTable

BY_BATCHES = (Record, Segment, SplitTable, RowSet)
UNDERWAY = (Resealed,)  # while an order is carried out: nothing is sealed anew meanwhile
OTHERWISE = (Account, Job, UploadedFile)  # under the door's key; with seal_case, without a MAC; under its upload's key
own = [*(model for model, _ in KEYED), *DERIVED, *BY_BATCHES, *MADE_AGAIN]
sealed = [model for model in apps.get_app_config("holdings").get_models()
          if any(field.attname == "sealed" for field in model._meta.concrete_fields)]
known = [*own, Occurrence, *(model for model, _ in OF_THE_CASE), *TIES, *UNDERWAY, *OTHERWISE]
names = lambda models: sorted({model.__name__ for model in models})
print(json.dumps({
    "keyed": names(keyed_models()), "resealed": names(own),
    "sealed": names(sealed), "known": names(known),
}))
"""


def test_every_table_with_a_key_or_a_sealed_column_is_sealed_anew(tmp_path: Path) -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "kedang.entrypoints.settings",
        "KEDANG_HOME": str(tmp_path),
    }
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, check=True, capture_output=True, text=True
    )
    told = json.loads(ran.stdout)
    assert told["keyed"] == told["resealed"]
    assert set(told["sealed"]) <= set(told["known"])
