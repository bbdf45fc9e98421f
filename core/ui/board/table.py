"""A ranked board as an HTML table: standings in, escaped markup out. Imports no Streamlit.

Everything a participant typed reaches the page through the autoescaping template
and nowhere else. Ranks, best and second best are always those of the whole board,
also while a search hides the others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

import jinja2

from core.benchmark import FAMILIES, JUDGE_KEYS, TASK_BY_KEY, Metric
from core.changes.versions import stale_reason
from core.model.entries import API_VERIFIED, BoardName, Entry
from core.model.links import link_problem
from core.model.policy import Policy
from core.model.published import PUBLISHED, by_organisers
from core.model.surplus import HELD, held, ignored, surplus_text
from core.publish.numbers import DASH, count, fixed, percent
from core.ranking.average_rank import RULE_IN_SHORT
from core.ranking.board import Board, Standing
from core.ranking.coverage import answered, parts_text, share
from core.ui.address import AVERAGE_RANK, DATE, TEAM, View, label, model_address, short

MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}
PENDING = "judge pending"
_MARKS = {1: "b", 2: "s"}  # a metric whose best is shared has no second best
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as shown. `mark` is a class of board.css: of a metric b (best), s (second best) or
    m (missing, with its reason), else that of the column; `low` when it was scored on too few of
    its questions."""

    text: str
    mark: str = ""
    reason: str = ""
    low: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column beside the metrics; `key` is its option in core.ui.address.

    `width` and `head` are classes of board.css; `note` and `definition` stand below the header.
    """

    key: str
    header: Callable[[BoardName], str]
    cell: Callable[[Board, Standing], Cell]
    width: str
    head: str
    note: str = ""
    definition: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, ready to be escaped."""

    rank: int
    medal: str
    name: str
    url: str | None
    cells: tuple[Cell, ...]
    badges: tuple[tuple[str, str], ...]
    details: str = ""
    judge: str = ""  # address of its judge run's page, where the badge leads


@dataclass(frozen=True, slots=True)
class Family:
    """Metrics that stand together under one heading."""

    name: str
    metrics: tuple[Metric, ...]


def arrange(board: Board, view: View) -> tuple[Standing, ...]:
    """The standings that match the search, sorted; missing values last, ties by rank."""
    wanted = view.search.casefold()
    hits = (s for s in board.standings if wanted in _searched(s.entry))
    if view.sort == AVERAGE_RANK:
        return tuple(hits)

    def place(standing: Standing) -> tuple[bool, float, int]:
        value = standing.entry.metrics.get(view.sort)
        return value is None, -(value or 0.0), standing.rank

    return tuple(sorted(hits, key=place))


def team(entry: Entry) -> str:
    """The organization, and the team where it is another."""
    other = entry.declared.team
    if not other or other.casefold() == entry.organization.casefold():
        return entry.organization
    return f"{entry.organization} · {other}" if entry.organization else other


def missing_reason(entry: Entry, metric: Metric) -> str:
    """Why an entry has no value for a metric, in one sentence."""
    if found := held(entry).get(metric.key):
        return f"{HELD}: {surplus_text(found)}."
    if metric.key in JUDGE_KEYS and not entry.judged:
        return pending(entry)
    task = TASK_BY_KEY[metric.task].name
    if answered(entry.coverage, metric.key):
        return f"Not computed: no answer for {task} could be scored."
    return f"Not computed: no answers for {task}."


def pending(entry: Entry) -> str:
    """Why the caption metrics of an entry that is not judged are missing, in one sentence."""
    if entry.held:
        return "Judge pending: graded, and looked at by the maintainers before the scores count."
    return "Judge pending: the captions are not graded yet."


def badges(entry: Entry, demo: bool, truth: str | None = None) -> tuple[tuple[str, str], ...]:
    """Badges of an entry, each with what it means. `truth`: today's ground truth's SHA-256."""
    found = []
    if stale := stale_reason(entry, truth):
        found.append(("stale", stale))
    if entry.status == API_VERIFIED:
        found.append(("verified", "The maintainers ran the model themselves."))
    if entry.off_the_shelf:
        found.append(("off-the-shelf", "Not trained for this benchmark."))
    if by_organisers(entry):
        found.append(("organisers", "From the organisers of the benchmark."))
    if more := ignored(entry):
        told = " ".join(dict.fromkeys(f"{surplus_text(one)}." for one in more.values()))
        found.append(("surplus segments", f"{told} {HELD}." if held(entry) else told))
    if not entry.judged:
        found.append((PENDING, pending(entry)))
    if demo and entry.extra.get(PUBLISHED) is not True:
        found.append(("demo", "Scored on the synthetic demo benchmark."))
    return tuple(found)


def _date(board: Board, standing: Standing) -> Cell:
    official = board.name == "official"
    date = standing.entry.verified_date if official else standing.entry.date
    if date:
        return Cell(date[:10], "d")
    return Cell(DASH, "m", "No verification date." if official else "No date.")


LEFT: Final = (
    Column(
        TEAM,
        lambda _board: label(TEAM),
        lambda _board, standing: Cell(team(standing.entry), "t"),
        width="ct",
        head="t",
    ),
)
RIGHT: Final = (
    Column(
        AVERAGE_RANK,
        lambda _board: label(AVERAGE_RANK),
        lambda _board, standing: Cell(fixed(standing.average_rank, 2)),
        width="ca",
        head="f",
        note="↓ lower",
        definition=RULE_IN_SHORT,
    ),
    Column(
        DATE,
        lambda board: "Verified" if board == "official" else label(DATE),
        _date,
        width="cd",
        head="d",
    ),
)


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What stands around the rows: the plain sentence above, the demo badge, definitions.

    `truth` is the SHA-256 of today's ground truth, by which scores are stale."""

    caption: str
    demo: bool = False
    definitions: bool = True
    truth: str | None = None


def table_html(board: Board, shown: Sequence[Standing], view: View, options: TableOptions) -> str:
    """The table as markup, with its styles."""
    left, right = (
        tuple(column for column in columns if column.key in view.columns)
        for columns in (LEFT, RIGHT)
    )
    families = tuple(
        Family(name, members)
        for name in FAMILIES
        if (members := tuple(m for m in view.metrics if m.family == name))
    )
    return _template().render(
        caption=options.caption,
        board=board.name,
        left=left,
        families=families,
        metrics=view.metrics,
        right=right,
        rows=[
            _row(standing, _cells(board, standing, (left, view.metrics, right)), options)
            for standing in shown
        ],
        view=view,
        definitions=options.definitions,
        short=short,
        task_name={key: task.name for key, task in TASK_BY_KEY.items()},
        pending=PENDING,
        low_share=percent(board.policy.min_coverage),
        any_low=any(standing.low for standing in shown),
    )


@lru_cache(maxsize=1)
def styles_html() -> str:
    """The styles alone, for a page without the table: its controls are dressed by them too."""
    return f"<style>\n{(_TEMPLATES / 'board.css').read_text(encoding='utf-8')}</style>"


def _searched(entry: Entry) -> str:
    return f"{entry.model_name}\n{team(entry)}".casefold()


def _cells(
    board: Board,
    standing: Standing,
    columns: tuple[tuple[Column, ...], tuple[Metric, ...], tuple[Column, ...]],
) -> tuple[Cell, ...]:
    left, metrics, right = columns
    return (
        *(column.cell(board, standing) for column in left),
        *(_cell(board, standing, metric) for metric in metrics),
        *(column.cell(board, standing) for column in right),
    )


def _row(standing: Standing, cells: tuple[Cell, ...], options: TableOptions) -> Row:
    entry = standing.entry
    url = entry.model_url
    return Row(
        rank=standing.rank,
        medal=MEDALS.get(standing.rank, ""),
        name=entry.model_name,
        url=url if url and link_problem(url) is None else None,
        cells=cells,
        details=model_address(entry.entry_id),
        badges=(
            *badges(entry, options.demo, options.truth),
            *([tries_badge(standing.tries)] if standing.tries is not None else []),
        ),
        judge="" if entry.judged else f"./judge_status?model={quote(entry.entry_id, safe='')}",
    )


def _cell(board: Board, standing: Standing, metric: Metric) -> Cell:
    value = standing.entry.metrics.get(metric.key)
    if value is None:
        return Cell(DASH, "m", missing_reason(standing.entry, metric))
    text = fixed(value)
    mark = _MARKS.get(standing.metric_ranks[metric.key] or 0, "")
    if metric.key not in standing.low:
        return Cell(text, mark)
    reason = low_reason(standing.entry.coverage, metric.key, board.policy)
    return Cell(text, mark, reason, low=True)


def low_reason(coverage: Mapping[str, object], key: str, policy: Policy) -> str:
    """What the mark of a value from few questions, or few parts of them, means."""
    counts = " and does not count in the rank" if policy.enforce_min_coverage else ""
    least = f"less than {percent(policy.min_coverage)}{counts}"
    found, answered = percent(share(coverage, key) or 0.0), parts_text(coverage, key)
    if answered:
        return f"{answered} ({found}), {least}."
    return f"Scored on {found} of this metric's questions, {least}."


def tries_badge(tries: int) -> tuple[str, str]:
    """How often a team has had answers scored, as a badge with its meaning."""
    return (
        count(tries, "try", "tries"),
        "How often this team had answers scored on the hidden set, “evaluate only” included.",
    )


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("board.html.jinja")
