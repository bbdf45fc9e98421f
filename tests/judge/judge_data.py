"""The parity inputs, and a small part of them; the test server has the deterministic scorer."""

import json
from pathlib import Path

from evaluation.truth import TruthRecord, decode

PARITY = json.loads((Path(__file__).parents[1] / "data" / "evaluation.json").read_text())


def parity() -> tuple[list[TruthRecord], list[str]]:
    """Records and texts of the parity file, in order."""
    records = decode(json.dumps(PARITY["ground_truth"]).encode())
    return records, [one["prediction"] for one in PARITY["predictions"]]
