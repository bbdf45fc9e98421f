"""The audit trail in words: the name of each kind of change, and a change in one line. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Final

from core.benchmark import METRIC_BY_KEY
from core.model.fields import FIELD_BY_KEY
from core.publish import dates
from core.publish.numbers import fixed
from core.usecases.audit import NONE, Change, Record, minor

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
# What the journal calls it: what people call it.
_WHAT: Final[Mapping[str, str]] = {
    "submission spent": "counts as a try",
    "submission key_only": "opened by its key only",
    "submission state": "submission",
    "submission reason": "reason",
    "verification.state": "verification",
    "verification.scores": "whose scores",
    "verified_date": "verified on",
    "verified_note": "note",
    "status": "scores",
}
_VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "status": {"self_reported": "self-reported", "api_verified": "verified"},
    "verification.scores": {"checked": "the participant’s, checked", "own run": "own run"},
    "submission state": {
        "open": "in progress",
        "released": "given up",
        "evaluated": "evaluated only",
    },
}
_TIME: Final = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d:\d\d)?")
_AT_MOST: Final = 3  # changed values in a line


def kind_words(kind: str) -> str:
    """A kind of change in words; an unknown one without its underscores."""
    return KINDS.get(kind, kind.replace("_", " ").capitalize())


def what_was_done(record: Record) -> str:
    """The kind of a change in words; of an undo, also of what: "Undone: Hidden"."""
    if not record.undid:
        return kind_words(record.kind)
    return f"{'Done again' if record.again else 'Undone'}: {kind_words(record.undid)}"


def in_one_line(record: Record) -> str:
    """What a change changed, as "organization: Lab → Another Lab; and 2 more"."""
    changes = dict.fromkeys(change for change in record.changes if not minor(change[0]))
    told = [_changed(change) for change in [*changes][:_AT_MOST]]
    more = len(changes) - len(told)
    return "; ".join([*told, f"and {more} more"] if more else told)


def readable(text: str) -> str:
    """A value of a change with its times in words: "27 Nov 2026, 09:05 UTC"."""
    return _TIME.sub(_in_words, text)


def _in_words(found: re.Match[str]) -> str:
    read = dates.parse(found.group())
    if read is None:
        return found.group()
    moment = read[0].astimezone(UTC)
    return f"{dates.day(moment)}, {moment:%H:%M} UTC"


def in_words(change: Change) -> Change:
    """A change as people call it: "model URL", TAG@0.3 with three decimals, "given up"."""
    what, before, after = change
    known = _VALUES.get(what, {})
    write = _three_decimals if what in METRIC_BY_KEY else readable
    return _name(what), known.get(before) or write(before), known.get(after) or write(after)


def _name(what: str) -> str:
    if what in METRIC_BY_KEY:
        return METRIC_BY_KEY[what].name
    if what in _WHAT:
        return _WHAT[what]
    where, key = what.rsplit(" ", 1) if " " in what else ("", what)
    field = FIELD_BY_KEY.get(key.removeprefix("declared."))
    label = field.label if field else key.replace(".", " ").replace("_", " ")
    return f"{where} {label[:1].lower() + label[1:]}".strip()


def _three_decimals(value: str) -> str:
    """A score as everywhere else; anything else as it is."""
    try:
        return fixed(float(value))
    except ValueError:
        return value


def _changed(change: Change) -> str:
    what, before, after = in_words(change)
    if before == NONE:
        return f"{what}: {after}"
    if before == after:
        return f"{what} {after}"
    return f"{what}: {before} → {after}"
