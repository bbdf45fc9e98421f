"""A ranked board as an HTML table: standings in, escaped markup out.

Text from participants reaches the page only through the autoescaping template.
Ranks, best and second best always refer to the whole board, even while a search
hides other rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

import jinja2

from core.benchmark import FAMILIES, JUDGE_KEYS, TASK_BY_KEY, Metric
from core.changes.versions import NEW_VERSION, TAKEN_BACK, stale_reason
from core.model.entries import API_VERIFIED, Entry
from core.model.links import link_problem
from core.model.policy import Policy
from core.model.published import PUBLISHED, by_organisers, verified_scores
from core.model.statistics import BoardStatistics
from core.model.surplus import HELD, held, ignored, surplus_text
from core.publish.address import (
    AVERAGE_RANK,
    DATE,
    SORTS,
    TEAM,
    View,
    column_address,
    label,
    model_address,
    sort_address,
)
from core.publish.board.figures import brackets, metric_words, rank_set, rank_words
from core.publish.board.parts import Badge, Cell, Column, Family, Row
from core.publish.numbers import DASH, count, fixed, percent
from core.ranking.average_rank import RULE_IN_SHORT
from core.ranking.board import Board, Standing
from core.ranking.coverage import answered, graded_share, parts_text, share

MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}
PENDING = "judge pending"
# Whose scores a verified entry has.
SCORES_OF: Final = {
    "own run": "The scores are from the maintainers’ own run of the model.",
    "checked": "The scores are the participant’s, checked by the maintainers.",
    None: "The maintainers verified the scores.",
}
# The icon of a badge in a row; explained below the table.
ICONS: Final = {
    "verified": "✓",
    "organisers": "⌂",
    "off-the-shelf": "◇",
    "surplus segments": "≫",
    "stale": "↻",
    PENDING: "◷",
}
_MARKS = {1: "b", 2: "s"}  # there is no second best if the best is shared
_TEMPLATES = Path(__file__).parent / "templates"


def arrange(board: Board, view: View) -> tuple[Standing, ...]:
    """The standings that match the search, sorted; missing values last, before them those that do
    not count; ties by rank."""
    wanted = view.search.casefold()
    hits = (s for s in board.standings if wanted in _searched(s.entry))
    if view.sort == AVERAGE_RANK:
        return tuple(hits)

    def place(standing: Standing) -> tuple[bool, bool, float, int]:
        value = standing.entry.metrics.get(view.sort)
        uncounted = standing.metric_ranks.get(view.sort) is None
        return value is None, uncounted, -(value or 0.0), standing.rank

    if view.sort == DATE:
        by_rank = sorted(hits, key=lambda standing: standing.rank)
        return tuple(sorted(by_rank, key=lambda one: _day(board, one) or "", reverse=True))
    return tuple(sorted(hits, key=place))


def team(entry: Entry) -> str:
    """The organization, and the team if it differs."""
    other = entry.declared.team
    if not other or other.casefold() == entry.organization.casefold():
        return entry.organization
    return f"{entry.organization} · {other}" if entry.organization else other


def missing_reason(entry: Entry, metric: Metric) -> str:
    """Why an entry has no value for a metric, in one sentence."""
    if found := held(entry).get(metric.key):
        return f"{HELD}: {surplus_text(found)}."
    if metric.key in entry.unread:
        return f"Imported without a value: {entry.unread[metric.key]}."
    if metric.key in JUDGE_KEYS and awaits_judge(entry):
        return pending(entry)
    if not entry.coverage and entry.predictions_sha256 is None:
        return "The entry has no value: it was not scored here."
    task = TASK_BY_KEY[metric.task].name
    if graded_share(entry, metric.key):  # it had a value
        return "The maintainers removed the value."
    if answered(entry.coverage, metric.key):
        return f"Not computed: no answer for {task} could be scored."
    return f"Not computed: no answers for {task}."


def awaits_judge(entry: Entry) -> bool:
    """Whether its captions may still be graded. False for official entries without an upload:
    those added by hand or with the scores of the maintainers' own run."""
    by_hand = entry.board == "official" and entry.predictions_sha256 is None
    return not entry.judged and (not by_hand or entry.held is not None)


def pending(entry: Entry) -> str:
    """Why an entry without grades has no caption metrics, in one sentence."""
    if entry.held:
        return "Judge pending: graded; the maintainers review it before the scores count."
    return "Judge pending: the captions are not graded yet."


def badges(entry: Entry, demo: bool, truth: str | None = None) -> tuple[tuple[str, str], ...]:
    """Badges of an entry with their meanings. `truth`: the current ground truth's SHA-256."""
    found = []
    if stale := stale_reason(entry, truth):
        found.append(("stale", stale))
    if entry.status == API_VERIFIED:
        found.append(("verified", SCORES_OF[verified_scores(entry)]))
    if entry.off_the_shelf:
        found.append(("off-the-shelf", "Not trained for this benchmark."))
    if by_organisers(entry):
        found.append(("organisers", "From the organisers of the benchmark."))
    if more := ignored(entry):
        told = " ".join(dict.fromkeys(f"{surplus_text(one)}." for one in more.values()))
        found.append(("surplus segments", f"{told} {HELD}." if held(entry) else told))
    if awaits_judge(entry):
        found.append((PENDING, pending(entry)))
    if versions := versions_badge(entry):
        found.append(versions)
    if demo and entry.extra.get(PUBLISHED) is not True:
        found.append(("demo", "Scored on the synthetic demo benchmark."))
    return tuple(found)


NO_DATE: Final = "no date"
UNDATED: Final = {
    "official": "Verified by the maintainers; the day is not recorded.",
    "community": "Not recorded.",
}


def _day(board: Board, standing: Standing) -> str | None:
    entry = standing.entry
    date = entry.verified_date if board.name == "official" else entry.date
    return date[:10] if date else None


def _date(board: Board, standing: Standing) -> Cell:
    if day := _day(board, standing):
        return Cell(day, "d")
    return Cell(NO_DATE, "d m", UNDATED[board.name])


LEFT: Final = (
    Column(
        TEAM,
        lambda _board: label(TEAM),
        lambda _board, standing: Cell(team(standing.entry), "t cut"),
        width="ct",
        head="t",
    ),
)
RIGHT: Final = (
    Column(
        AVERAGE_RANK,
        lambda _board: label(AVERAGE_RANK),
        lambda _board, standing: Cell(fixed(standing.average_rank, 2), phone=True),
        width="ca ph",
        head="f ph",
        note="↓ lower",
        definition=RULE_IN_SHORT,
    ),
    Column(
        DATE,
        lambda board: "Verified" if board == "official" else label(DATE),
        _date,
        width="cd",
        head="d",
        note="↓ newest",
    ),
)


@dataclass(frozen=True, slots=True)
class TableOptions:
    """Everything but the rows: the plain sentence above, the demo badge, definitions.

    `truth` is the SHA-256 of the current ground truth, to tell stale scores; `figures` the
    board's statistics, None until there are any."""

    caption: str
    demo: bool = False
    definitions: bool = True
    truth: str | None = None
    figures: BoardStatistics | None = None


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
    table = _Table(board, view, options, (left, view.metrics, right))
    tiers = brackets(options.figures, shown, view.sort)
    rows = [_row(table, standing, tier) for standing, tier in zip(shown, tiers, strict=True)]
    return _template().render(
        caption=options.caption,
        board=board.name,
        left=left,
        families=families,
        metrics=view.metrics,
        right=right,
        rows=rows,
        icons=_icons(rows),
        view=view,
        definitions=options.definitions,
        sort_address=sort_address,
        column_address=column_address,
        sorts=SORTS,
        task_name={key: task.name for key, task in TASK_BY_KEY.items()},
        pending=PENDING,
        low_share=percent(board.policy.min_coverage),
        enforced=board.policy.enforce_min_coverage,
        any_low=any(standing.low for standing in shown),
        any_ranks=any(row.ranks for row in rows),
        any_tier=any(tiers),
        rank_rule=RULE_IN_SHORT,
    )


def _icons(rows: Sequence[Row]) -> dict[str, str]:
    """The icons used in the rows, with their names; badges with text need no explanation."""
    return {
        badge.icon: badge.text
        for row in rows
        for badge in row.badges
        if badge.icon in ICONS.values()
    }


def _searched(entry: Entry) -> str:
    return f"{entry.model_name}\n{team(entry)}".casefold()


@dataclass(frozen=True, slots=True)
class _Table:
    """The input of all rows; `columns`: left of the metrics, the metrics, right of them."""

    board: Board
    view: View
    options: TableOptions
    columns: tuple[tuple[Column, ...], tuple[Metric, ...], tuple[Column, ...]]


def _cells(table: _Table, standing: Standing) -> tuple[Cell, ...]:
    left, metrics, right = table.columns
    return (
        *(column.cell(table.board, standing) for column in left),
        *(_cell(table, standing, metric) for metric in metrics),
        *(column.cell(table.board, standing) for column in right),
    )


def _row(table: _Table, standing: Standing, tier: str) -> Row:
    board, options = table.board, table.options
    entry = standing.entry
    url = entry.model_url
    # Medals are for the board's own order only.
    medal = MEDALS.get(standing.rank, "") if table.view.sort == AVERAGE_RANK else ""
    return Row(
        rank=standing.rank,
        ranks=rank_set(options.figures, standing),
        rank_words=rank_words(options.figures, standing, len(board.standings)),
        tier=" ".join(filter(None, (tier, f"p p{standing.rank}" if medal else ""))),
        medal=medal,
        name=entry.model_name,
        url=url if url and link_problem(url) is None else None,
        cells=_cells(table, standing),
        details=model_address(entry.entry_id, table.view.as_of),
        key=entry.entry_id,
        badges=_badges(board, standing, options),
        judge=""
        if entry.judged or table.view.as_of
        else f"./judge_status?model={quote(entry.entry_id, safe='')}",
    )


def _badges(board: Board, standing: Standing, options: TableOptions) -> tuple[Badge, ...]:
    found = list(badges(standing.entry, options.demo, options.truth))
    if standing.tries is not None:
        found.append(tries_badge(standing.tries))
    return tuple(
        Badge(ICONS.get(text) or _short(text), text, meaning)
        for text, meaning in found
        if text != "verified" or board.name != "official"  # all entries are verified there
    )


def versions_badge(entry: Entry) -> tuple[str, str] | None:
    """How many versions an entry has, and which of them ranks; None for a single one."""
    whys = [old.why for old in entry.history if old.why in (NEW_VERSION, TAKEN_BACK)]
    if not whys:
        return None
    ranks = (
        "The newest one ranks, whether it scores better or not"
        if whys[-1] == NEW_VERSION
        else "Its team went back to an earlier one, which ranks"
    )
    return count(1 + len(whys), "version"), f"{ranks}. The other scores are on its page."


def _short(text: str) -> str:
    """A badge with a count, as shown in the table.

    >>> _short("3 tries"), _short("2 versions"), _short("demo")
    ('3×', 'v2', 'demo')
    """
    number, _, what = text.partition(" ")
    return {"try": f"{number}×", "tries": f"{number}×", "versions": f"v{number}"}.get(what, text)


def _cell(table: _Table, standing: Standing, metric: Metric) -> Cell:
    view, options, policy = table.view, table.options, table.board.policy
    phone = metric.key == view.phone_column
    value = standing.entry.metrics.get(metric.key)
    if value is None:
        return Cell(DASH, "m", missing_reason(standing.entry, metric), phone=phone)
    place = standing.metric_ranks[metric.key]
    mark = _MARKS.get(place or 0, "")
    rank = str(place) if place and view.sort == metric.key else ""
    words = metric_words(options.figures, standing, metric)
    if metric.key not in standing.low:
        return Cell(fixed(value), mark, words, rank=rank, phone=phone)
    reason = low_reason(standing.entry.coverage, metric.key, policy)
    words = f"{reason} {words}".strip()
    return Cell(fixed(value), mark, words, low=True, rank=rank, phone=phone)


def low_reason(coverage: Mapping[str, object], key: str, policy: Policy) -> str:
    """The meaning of the mark on a value from few questions or few of their parts."""
    least = below_minimum(policy)
    found, answered = percent(share(coverage, key) or 0.0), parts_text(coverage, key)
    if answered:
        return f"{answered} ({found}), {least}."
    return f"Scored on {found} of this metric's questions, {least}."


def below_minimum(policy: Policy) -> str:
    """What it means that a share is below the minimum, to follow the share."""
    counts = ", so it does not count in the rank" if policy.enforce_min_coverage else ""
    return f"less than {percent(policy.min_coverage)}{counts}"


def tries_badge(tries: int) -> tuple[str, str]:
    """The number of times a team had answers scored, as a badge with its meaning."""
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
