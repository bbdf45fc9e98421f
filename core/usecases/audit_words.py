"""The audit trail in words: what each kind of change is called, and a change in one line. Pure."""

from collections.abc import Mapping
from typing import Final

from core.benchmark import METRIC_BY_KEY
from core.usecases.audit import NONE, Record

SIGN_INS: Final = frozenset({"sign_in", "sign_out"})
KINDS: Final[Mapping[str, str]] = {
    "submit": "Submitted",
    "add": "Published",
    "release": "Submission given up",
    "evaluated": "Evaluated only",
    "reopen": "Run again",
    "keep_old": "Earlier version restored",
    "import": "Imported",
    "promote": "Promoted",
    "add_official": "Added by hand",
    "edit": "Edited",
    "mark": "Marks changed",
    "verification": "Verification changed",
    "hide": "Hidden",
    "unhide": "Shown again",
    "remove": "Removed",
    "delete": "Deleted",
    "withdraw": "Withdrawn",
    "restore": "Restored",
    "purge": "Purged",
    "erase": "Erased",
    "new_key": "New submission key",
    "set_policy": "Settings changed",
    "rescore": "Re-scored",
    "judge": "Judged",
    "judge_open": "Judge run started",
    "judge_close": "Judge run ended",
    "looked_at": "Flagged captions approved",
    "surplus_seen": "Surplus segments approved",
    "report": "Problem reported",
    "close_report": "Report closed",
    "undo": "Undone",
    "acted": "Action",
    "sign_in": "Signed in",
    "sign_out": "Signed out",
    "sign_in_failed": "Wrong passwords",
}
_MINOR: Final = (
    "history", "judge.", "judge_history", "held.", "submission judging", "strict.", "coverage.",
    "by_dataset.", "surplus.", "predictions_sha256", "ground_truth_sha256", "scorer_version",
    "submission_id",
)  # fmt: skip
_AT_MOST: Final = 3  # changed values that a line tells


def kind_words(kind: str) -> str:
    """A kind of change in words; one that has none as it is, without underscores."""
    return KINDS.get(kind, kind.replace("_", " ").capitalize())


def in_one_line(record: Record) -> str:
    """What a change changed: "organization: Lab → Another Lab; and 2 more"."""
    changes = [change for change in record.changes if not _minor(change[0])]
    told = [_changed(*change) for change in changes[:_AT_MOST]]
    more = len(changes) - len(told)
    return "; ".join([*told, f"and {more} more"] if more else told)


def _minor(what: str) -> bool:
    """Whether a line leaves a change out: only programs read it, or it follows from another."""
    return ".dates" in what or what.startswith(_MINOR)


def _changed(what: str, before: str, after: str) -> str:
    metric = METRIC_BY_KEY.get(what)
    what = metric.name if metric else what.replace(".", " ").replace("_", " ")
    if before == NONE:
        return f"{what}: {after}"
    if before == after:
        return f"{what} {after}"
    return f"{what}: {before} → {after}"
