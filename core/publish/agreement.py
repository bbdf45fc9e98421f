"""Agreement of two judge runs, for the About page: judge_agreement.json in the data folder.

The maintainers put it there; `python -m evaluation.judge agree --json` writes it.
"""

from codecs import BOM_UTF8
from pathlib import Path

import msgspec

from core.model.contracts.judge import AgreementReport

FILE = "judge_agreement.json"


def read(root: Path) -> AgreementReport | None:
    """The report in the data folder; None without a readable one."""
    try:
        return msgspec.json.decode(
            (root / FILE).read_bytes().removeprefix(BOM_UTF8), type=AgreementReport
        )
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
