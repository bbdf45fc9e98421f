"""A board as CSV, JSON, LaTeX or Markdown. Pure.

Each file says which board it shows: as_of, revision, url, and whether rows are demo data. CSV has
them as columns, since most programs would read lines above the header as rows.

Exports contain only what the board's page shows, field by field: never a contact or its reference,
the hash of a key, a sample score, or a field of an older file. Undefined is an empty cell, null or
a dash, never 0.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.benchmark import METRICS, NAME, Metric
from core.files.json_text import dumps
from core.model.entries import BoardName, Entry
from core.model.links import link_problem
from core.model.published import PUBLISHED, by_organisers, verified_scores
from core.publish.moment import Moment
from core.publish.numbers import DASH, fixed
from core.publish.text import CSV_ENCODING, csv_cell, latex, markdown, one_line
from core.ranking.board import Standing

TITLES: Final[Mapping[BoardName, str]] = {"official": "Official", "community": "Community"}
SYNTHETIC: Final = "synthetic demo data"
_MARKED: Final = "Best on the board in bold"  # it may be in a row that a search leaves out


@dataclass(frozen=True, slots=True)
class Table:
    """The rows to export: some rows of one board in the order shown.

    `order` describes that order in words. `at`: which boards they are from; in a demo, entries
    scored here were scored on the demo benchmark, and their rows say so, while published results
    are real. `url`: the address of these rows, "" if unknown. `sha256`: of the whole
    board (core.publish.moment).
    """

    board: BoardName
    rows: Sequence[Standing]
    order: str
    at: Moment
    url: str = ""
    sha256: str = ""

    @property
    def caption(self) -> str:
        """The table's caption: benchmark, board, order, and whether rows are demo data."""
        some = any(synthetic(row.entry, self.at.demo) for row in self.rows)
        marked = f" (some rows are {SYNTHETIC})" if some else ""
        day = f"as of {self.at.as_of}"
        return f"{NAME}, {TITLES[self.board]} board, {day}, {self.order}{marked}"


@dataclass(frozen=True, slots=True)
class Format:
    """An export format: label, file extension, media type."""

    name: str
    write: Callable[[Table], str]
    ending: str
    media_type: str
    purpose: str
    encoding: str = "utf-8"

    def data(self, table: Table) -> bytes:
        """The file."""
        return self.write(table).encode(self.encoding)


def synthetic(entry: Entry, demo: bool) -> bool:
    """Whether an entry's scores are from the demo benchmark."""
    return demo and entry.extra.get(PUBLISHED) is not True


# The last columns of every CSV, the same in all its rows.
CSV_SOURCE: Final = ("as_of", "revision", "url", "demo")


def csv_source(at: Moment, url: str) -> tuple[str, ...]:
    """The cells of CSV_SOURCE; an unknown address is empty. demo: whether the board is a demo's,
    which has synthetic rows."""
    return at.as_of, csv_cell(at.revision), csv_cell(url), "yes" if at.demo else "no"


def to_csv(table: Table) -> str:
    """One line per model; text cells cannot be formulas."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    keys = [metric.key for metric in METRICS]
    kind = ["status", "verified_scores", "by_organisers", "off_the_shelf", "track"]
    facts = ["not_counted", *kind, "date", "model_url", "board"]
    names = ["rank", "average_rank", "model_name", "organization", "team"]
    writer.writerow([*names, *keys, *facts, *CSV_SOURCE])
    for row in table.rows:
        entry = row.entry
        writer.writerow(
            [
                row.rank,
                round(row.average_rank, 2),
                csv_cell(entry.model_name),
                csv_cell(entry.organization),
                csv_cell(entry.declared.team or ""),
                *("" if (v := entry.metrics.get(key)) is None else v for key in keys),
                " ".join(row.not_counted),
                csv_cell(_status(entry, table)),
                verified_scores(entry) or "",
                "yes" if by_organisers(entry) else "no",
                "yes" if entry.off_the_shelf else "no",
                csv_cell(entry.track or ""),
                csv_cell(_date(entry, table.board)),
                csv_cell(_url(entry) or ""),
                table.board,
                *csv_source(table.at, table.url),
            ]
        )
    return out.getvalue()


def to_json(table: Table) -> str:
    """The board and the definitions of its metrics; undefined values are null."""
    value = {
        "benchmark": NAME,
        "board": table.board,
        "as_of": table.at.as_of,
        "revision": table.at.revision,
        "url": table.url or None,
        "demo": table.at.demo,
        "sha256": table.sha256 or None,
        "order": table.order,
        "metrics": [
            {"key": m.key, "name": m.name, "low": m.low, "high": m.high, "higher_is_better": True}
            for m in METRICS
        ],
        "entries": [_json_row(row, table) for row in table.rows],
    }
    return json.dumps(json.loads(dumps(value)), ensure_ascii=False, indent=2) + "\n"


def _json_row(row: Standing, table: Table) -> dict[str, Any]:
    entry = row.entry
    said = {key: getattr(entry.declared, key) for key in entry.declared.__struct_fields__}
    return {
        "rank": row.rank,
        "id": entry.entry_id,
        "average_rank": round(row.average_rank, 4),
        "model_name": entry.model_name,
        "organization": entry.organization,
        "status": _status(entry, table),
        "verified_scores": verified_scores(entry),
        "by_organisers": by_organisers(entry),
        "off_the_shelf": entry.off_the_shelf,
        "track": entry.track,
        "date": _date(entry, table.board) or None,
        "model_url": _url(entry),
        "metrics": {metric.key: entry.metrics.get(metric.key) for metric in METRICS},
        "not_counted": row.not_counted,
        "declared": {key: value for key, value in said.items() if value is not None},
        "scorer_version": entry.scorer_version,
    }


def to_latex(table: Table) -> str:
    r"""A booktabs table: best in bold, second underlined; needs \usepackage{booktabs}."""
    lines = [
        r"% \usepackage{booktabs}, and \usepackage[T1]{fontenc} with pdfLaTeX",
        f"% {one_line(f'{_source(table)} {table.url}')}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{latex(table.caption)}. {_MARKED}, second best underlined.}}",
        r"\begin{tabular}{rl" + "r" * len(METRICS) + "}",
        r"\toprule",
        " & ".join(["Rank", "Model", *(latex(metric.name) for metric in METRICS)]) + r" \\",
        r"\midrule",
    ]
    for row in table.rows:
        cells = [_emphasis(row, metric, r"\textbf{%s}", r"\underline{%s}") for metric in METRICS]
        # The group keeps a name that starts with [ or * from being read as an option.
        lines.append(" & ".join([f"{row.rank}", f"{{{latex(row.entry.model_name)}}}", *cells]))
        lines[-1] += r" \\"
    lines += [r"\bottomrule", r"\end{tabular}", r"\end{table}", ""]
    return "\n".join(lines).replace("—", "--")


def to_markdown(table: Table) -> str:
    """A table for a README: best in bold, second in italics."""
    head = ["Rank", "Model", "Organization", *(markdown(metric.name) for metric in METRICS)]
    rule = ["---:", "---", "---", *("---:" for _ in METRICS)]
    lines = [
        f"{markdown(table.caption)}. {_MARKED}, second best in italics. "
        f"{markdown(_source(table))}{_linked(table.url)}.",
        "",
        _line(head),
        _line(rule),
    ]
    for row in table.rows:
        entry, url = row.entry, _url(row.entry)
        name = markdown(entry.model_name)
        cells = [_emphasis(row, metric, "**%s**", "*%s*") for metric in METRICS]
        named = f"[{name}](<{url}>)" if url else name
        lines.append(_line([str(row.rank), named, markdown(entry.organization), *cells]))
    return "\n".join(lines) + "\n"


# The formats that the board's page offers, in this order.
FORMATS: Final = (
    Format("CSV", to_csv, "csv", "text/csv", "For a spreadsheet", CSV_ENCODING),
    Format("JSON", to_json, "json", "application/json", "For a program"),
    Format("LaTeX", to_latex, "tex", "text/plain", "For a paper"),
    Format("Markdown", to_markdown, "md", "text/markdown", "For a README"),
)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _emphasis(row: Standing, metric: Metric, best: str, second: str) -> str:
    value = row.entry.metrics.get(metric.key)
    if value is None:
        return DASH
    how = {1: best, 2: second}.get(row.metric_ranks.get(metric.key) or 0, "%s")
    return how % fixed(value)


def _source(table: Table) -> str:
    """Which board a table is from, for human readers."""
    parts = (f"Revision {table.at.revision}", table.sha256 and f"SHA-256 {table.sha256}")
    return one_line(", ".join(filter(None, parts)))


def _linked(url: str) -> str:
    return f", [this board](<{url}>)" if re.fullmatch(r"https?://[^\s<>\\]+", url) else ""


def _status(entry: Entry, table: Table) -> str:
    return SYNTHETIC if synthetic(entry, table.at.demo) else one_line(entry.status)


def _date(entry: Entry, board: BoardName) -> str:
    return ((entry.verified_date if board == "official" else entry.date) or "")[:10]


def _url(entry: Entry) -> str | None:
    url = entry.model_url
    return url if url and link_problem(url) is None else None
