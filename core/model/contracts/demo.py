"""The synthetic models that a demo board starts with.

`models.json` is written by `python -m evaluation.demo.models`, read by core.usecases.demo_models.
"""

from typing import Final

import msgspec

MODELS_FILE: Final = "models.json"


class DemoModel(msgspec.Struct, frozen=True, kw_only=True):
    """One upload of a synthetic model; `file` is next to the list.

    `replaces` is the submission of the previous version, "" for a first one. `declared` has the
    fields of core.model.entries.Declared. `date` is YYYY-MM-DD.
    """

    submission_id: str
    model_name: str
    organization: str
    date: str
    file: str
    records: int
    declared: dict[str, str]
    replaces: str = ""
    off_the_shelf: bool = False
    judged: bool = False
