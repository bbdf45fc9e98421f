"""The parity inputs and the deterministic scorer that their answers were made with."""

import hashlib
import json
from pathlib import Path

from evaluation.truth import decode

PARITY = json.loads((Path(__file__).parents[1] / "data" / "evaluation.json").read_text())
ASPECTS = ("R2", "R4", "R5", "R7", "R8")


def scorer(prediction, reference):
    """Aspect -> 1 + first byte of sha256("A\\np\\ng") mod 5."""
    return {
        aspect: 1 + hashlib.sha256(f"{aspect}\n{prediction}\n{reference}".encode()).digest()[0] % 5
        for aspect in ASPECTS
    }


def parity():
    """Records and texts of the parity file, in order."""
    records = decode(json.dumps(PARITY["ground_truth"]).encode())
    return records, [one["prediction"] for one in PARITY["predictions"]]
