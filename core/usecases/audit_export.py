"""The audit trail filtered, and as CSV and JSON to download. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from core.files.json_text import dumps
from core.publish.text import CSV_ENCODING, csv_cell
from core.usecases.audit import Record
from core.usecases.audit_words import in_one_line, what_was_done

_COLUMNS = ("time", "actor", "kind", "subject", "what", "before", "after", "effect", "undone_by",
            "change_id")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """Empty fields match everything. Dates are UTC, YYYY-MM-DD, `until` is inclusive."""

    kinds: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    text: str = ""
    since: str = ""
    until: str = ""


def chosen(records: Iterable[Record], wanted: Filter) -> list[Record]:
    """The matching records, in order. The text is searched in all fields and in the words."""
    text = wanted.text.strip().casefold()
    return [
        record
        for record in records
        if (not wanted.kinds or record.kind in wanted.kinds)
        and (not wanted.actors or record.actor in wanted.actors)
        and (not wanted.since or record.time[:10] >= wanted.since)
        and (not wanted.until or record.time[:10] <= wanted.until)
        and (not text or text in _searched(record))
    ]


def _searched(record: Record) -> str:
    shown = (what_was_done(record), in_one_line(record))
    words = (record.change_id, record.actor, record.kind, record.subject, *sum(record.changes, ()))
    return "\n".join((*words, *shown)).casefold()


def to_csv(records: Sequence[Record]) -> str:
    """One line per changed value; no cell can be read as a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for record in records:
        for what, before, after in record.changes or (("", "", ""),):
            cells = {**_plain(record), "what": what, "before": before, "after": after}
            writer.writerow([csv_cell(cells[column]) for column in _COLUMNS])
    return out.getvalue()


def csv_file(records: Sequence[Record]) -> bytes:
    """The CSV as a file that spreadsheets read as UTF-8."""
    return to_csv(records).encode(CSV_ENCODING)


def to_json(records: Sequence[Record]) -> str:
    """The records as an array of objects."""
    return dumps([asdict(record) for record in records])


def _plain(record: Record) -> dict[str, str]:
    return {
        "time": record.time,
        "actor": record.actor,
        "kind": record.kind,
        "subject": record.subject,
        "effect": "yes" if record.effect else "no",
        "undone_by": record.undone_by,
        "change_id": record.change_id,
    }
