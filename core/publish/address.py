"""The state of the leaderboard in the address: keys, options, labels.

The widgets are bound to the address (`bind="query-params"`): their keys are the parameters'
names and the labels of their options the values. Both are therefore part of every
link that readers have shared. Case is ignored; invalid values are dropped.
"""

import datetime
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS, METRICS, Metric
from core.model.entries import BoardName
from core.publish.explore.filters import ONLY, Filters
from core.publish.explore.marks import PINS
from core.publish.explore.over_time import AVERAGE
from core.publish.explore.two_metrics import DATE as BY_DATE
from core.publish.explore.two_metrics import SIZE
from core.publish.text import one_line

BOARD: Final = "board"
SORT: Final = "sort"
SEARCH: Final = "search"
COLUMNS: Final = "columns"
COLUMN: Final = "column"
COMPACT: Final = "compact"
METRIC: Final = "metric"
ID: Final = "id"  # of the model page: an entry's id
IDS: Final = "ids"  # of the Compare page: entries' ids, separated by commas
AS_OF: Final = "as_of"  # of every page with a board: the day whose boards it shows

# Pages in the navigation bar, relative to any page right below the app's address.
PAGES: Final = {
    "Leaderboard": "./",
    "Submit": "./submit",
    "My submissions": "./owner",
    "Judge status": "./judge_status",
    "About": "./about",
}
BOARDS: Final[dict[BoardName, str]] = {"official": "Official", "community": "Community"}
AVERAGE_RANK: Final = "average_rank"
TEAM: Final = "team"
DATE: Final = "date"
SORTS: Final = (AVERAGE_RANK, *METRIC_KEYS, DATE)
# In the order of the table; rank and model are always shown.
CHOOSABLE: Final = (TEAM, *METRIC_KEYS, AVERAGE_RANK, DATE)
_LABELS: Final = {AVERAGE_RANK: "Average rank", TEAM: "Team", DATE: "Date"}
SEARCH_LIMIT: Final = 100  # characters


@dataclass(frozen=True, slots=True)
class View:
    """One choice of what to show. `sort` is one of SORTS; `column` the one metric that fits on a
    phone; `compact` reduces the row height; `as_of` is the day (YYYY-MM-DD) whose
    board is shown, "" for the current board."""

    board: BoardName = "official"
    sort: str = AVERAGE_RANK
    search: str = ""
    columns: tuple[str, ...] = CHOOSABLE
    column: str = ""
    compact: bool = False
    as_of: str = ""

    @property
    def phone_column(self) -> str:
        """The one metric on a phone: the chosen one, else the one sorted by, else the first."""
        shown = [metric.key for metric in self.metrics]
        return next((key for key in (self.column, self.sort) if key in shown), "".join(shown[:1]))

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The chosen metrics, in the order of the table."""
        return tuple(metric for metric in METRICS if metric.key in self.columns)


def view(board: object, sort: object, search: object, columns: Iterable[object]) -> View:
    """A view from the values of widgets or of an address; invalid ones become the default.

    No columns means all columns, since an empty table would be useless.
    """
    chosen = frozenset(columns)
    return View(
        board="community" if board == "community" else "official",
        sort=sort if isinstance(sort, str) and sort in SORTS else AVERAGE_RANK,
        search=" ".join(search[:SEARCH_LIMIT].split()) if isinstance(search, str) else "",
        columns=tuple(key for key in CHOOSABLE if key in chosen) or CHOOSABLE,
    )


def from_address(params: Mapping[str, Sequence[str]]) -> View:
    """The view in an address, as its widgets will read it.

    `params` maps a parameter to all its values (`st.query_params.get_all`).
    """
    found = view(
        next(iter(named_options(params, BOARD)), None),
        next(iter(named_options(params, SORT)), None),
        next(iter(params.get(SEARCH, ())), ""),
        named_options(params, COLUMNS),
    )
    return replace(
        found,
        column=next(iter(named_options(params, COLUMN)), ""),
        compact=next(iter(params.get(COMPACT, ())), "").casefold() == "true",
    )


def names_only_board(params: Iterable[str]) -> bool:
    """Whether an address of the board's page names only a board, without a view: then the first
    answer contains the board (core/web/first_page.py)."""
    return {BOARD}.issuperset(params)


def sort_address(view: View, key: str) -> str:
    """A link that sorts the board by one of SORTS, or back to the default if it already does.

    Within the page, only its parameter `sort` is used (`data-set`)."""
    sort = "" if key in (view.sort, AVERAGE_RANK) else f"{SORT}={quote(label(key))}"
    return _beside(view, sort)


def column_address(view: View, key: str) -> str:
    """A link that shows another metric on a phone; only its parameter `column` is used."""
    return _beside(view, f"{COLUMN}={quote(label(key))}")


def _beside(view: View, parameter: str) -> str:
    board = "" if view.board == "official" else f"{BOARD}={BOARDS[view.board]}"
    day = f"{AS_OF}={view.as_of}" if view.as_of else ""
    return "./?" + "&".join(filter(None, (board, parameter, day)))


def named_options(params: Mapping[str, Sequence[str]], parameter: str) -> list[str]:
    """The options that a parameter of the address names, ignoring case."""
    keys = _by_name(_options(parameter))
    return [keys[text.casefold()] for text in params.get(parameter, ()) if text.casefold() in keys]


def corrected_spelling(params: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Parameters whose options differ in case from the widgets' labels, in the widgets' spelling,
    since widgets compare exactly."""
    found = {}
    for parameter in (BOARD, SORT, COLUMNS, COLUMN, METRIC):
        spelled = [_options(parameter)[key] for key in named_options(params, parameter)]
        if not set(spelled) <= set(params.get(parameter, ())):
            found[parameter] = spelled
    return found


def _options(parameter: str) -> dict[str, str]:
    if parameter == BOARD:
        return {str(name): text for name, text in BOARDS.items()}
    keys = {SORT: SORTS, COLUMNS: CHOOSABLE}.get(parameter, METRIC_KEYS)
    return {key: label(key) for key in keys}


def label(key: str) -> str:
    """The label of a sort option or a column, on the page and in the address."""
    metric = METRIC_BY_KEY.get(key)
    return metric.name if metric else _LABELS[key]


def board_address(board: BoardName, as_of: str = "") -> str:
    """The link to a board, from any page."""
    return _beside(View(board=board, as_of=as_of), "").removesuffix("?")


def model_address(entry_id: str, as_of: str = "") -> str:
    """The link to a model's page, from any page."""
    return _dated(f"./model?{ID}={quote(entry_id, safe='')}", as_of)


def compare_address(entry_ids: Iterable[str], as_of: str = "") -> str:
    """The link to the comparison of these models, from any page."""
    ids = ",".join(quote(one, safe="") for one in entry_ids)
    return _dated(f"./compare?{IDS}={ids}", as_of)


def _dated(address: str, as_of: str) -> str:
    return f"{address}&{AS_OF}={as_of}" if as_of else address


def ids_of(text: str, most: int) -> tuple[str, ...]:
    """The entries to compare in an address: in order, without duplicates, at most `most`."""
    return tuple(dict.fromkeys(filter(None, text.split(","))))[:most]


# The Explore section. Its controls are not bound to the address: they read and write it
# (core.ui.explore.state), so that folded controls keep their choices.
EXPLORE: Final = "explore"
PIN: Final = "pin"
EXPLORE_VIEWS: Final = {
    "ranks": "Ranks", "metric": "One metric", "pair": "Two metrics", "time": "Over time",
}  # fmt: skip
RANKS_AS: Final = {"rank": "Ranks", "value": "Values", "lines": "Lines"}
AXES: Final = {"differences": "Differences", "full": "Full range"}
PARTS: Final = {"whole": "All records", "datasets": "By source dataset"}
_METRIC_NAMES: Final = {metric.key: metric.name for metric in METRICS}
AGAINST: Final = {**_METRIC_NAMES, SIZE: "Model size", BY_DATE: "Date"}
OVER: Final = {AVERAGE: "Average rank", **_METRIC_NAMES}
_NOBODY: Final = "-"  # in place of a removed pin, so that the others keep their colours
_ID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_TEXT_LIMIT, _MANY = 120, 50


@dataclass(frozen=True, slots=True)
class Exploration:
    """What the Explore section shows. `view` is a key of EXPLORE_VIEWS, and so on.

    `pins` are entry ids; the position determines the colour; "" is a free position.
    """

    view: str = "ranks"
    ranks_as: str = "rank"
    metric: str = METRIC_KEYS[0]
    axis: str = "differences"
    parts: str = "whole"
    up: str = METRIC_KEYS[1]
    against: str = METRIC_KEYS[3]
    over: str = AVERAGE
    pins: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)


# One choice each: {parameter: (field of Exploration, {key: how it is written})}.
_CHOICES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    EXPLORE: ("view", EXPLORE_VIEWS),
    "ranks": ("ranks_as", RANKS_AS),
    METRIC: ("metric", _METRIC_NAMES),
    "axis": ("axis", AXES),
    "parts": ("parts", PARTS),
    "up": ("up", _METRIC_NAMES),
    "against": ("against", AGAINST),
    "over": ("over", OVER),
}
_LISTS: Final = {"only": "only", "track": "tracks", "organization": "organizations"}
_SIZES: Final = ("min_size", "max_size")
_DAYS: Final = ("since", "until")


def exploration(params: Mapping[str, Sequence[str]]) -> Exploration:
    """The state of the Explore section in an address; invalid values are dropped.

    Links from before the section existed name only a metric, and still show it.
    """
    chosen = {
        field: found
        for parameter, (field, options) in _CHOICES.items()
        if (found := _chosen(params.get(parameter, ()), options))
    }
    if "metric" in chosen and "view" not in chosen:
        chosen["view"] = "metric"
    filters = Filters(
        only=tuple(word for word in ONLY if word in _lower(params.get("only", ()))),
        tracks=_texts(params.get("track", ())),
        organizations=_texts(params.get("organization", ())),
        min_size=_size(params.get("min_size", ())),
        max_size=_size(params.get("max_size", ())),
        since=_day(params.get("since", ())),
        until=_day(params.get("until", ())),
    )
    return Exploration(**chosen, pins=pins(params.get(PIN, ())), filters=filters)


def exploration_params(wanted: Exploration) -> dict[str, list[str]]:
    """All parameters of the Explore section; defaults are empty."""
    plain = Exploration()
    found: dict[str, list[str]] = {}
    for parameter, (name, options) in _CHOICES.items():
        key = getattr(wanted, name)
        # A metric alone is a link to the metric view, so other views must be named with it.
        needed = parameter == EXPLORE and wanted.metric != plain.metric
        found[parameter] = [options[key]] if key != getattr(plain, name) or needed else []
    found[PIN] = [pin or _NOBODY for pin in wanted.pins]
    filters = wanted.filters
    found |= {parameter: list(getattr(filters, name)) for parameter, name in _LISTS.items()}
    sizes = {name: getattr(filters, name) for name in _SIZES}
    found |= {name: [] if size is None else [f"{size:g}"] for name, size in sizes.items()}
    return found | {name: [day] if (day := getattr(filters, name)) else [] for name in _DAYS}


def pins(texts: Iterable[str]) -> tuple[str, ...]:
    """Distinct entry ids, with "" for free positions between them; at most PINS positions."""
    found: list[str] = []
    for text in list(texts)[:PINS]:
        taken = _ID.fullmatch(text) and text not in found
        found.append(text if taken else "")
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def with_pin(there: Sequence[str], entry_id: str) -> tuple[str, ...]:
    """The pins with one more, at the first free position, or without it if it is pinned.

    Unchanged if no position is free.
    """
    if entry_id in there:
        return pins("" if pin == entry_id else pin for pin in there)
    places = [*there, ""]
    places[places.index("")] = entry_id
    return pins(places)


# The reader's own metric weights, for an unofficial order.
WEIGHT: Final = "weight"
MOST_WEIGHT: Final = 10
EQUAL_WEIGHTS: Final = (1,) * len(METRIC_KEYS)
_WEIGHT: Final = re.compile(r"(.+)~([0-9]{1,2})")


def weights(params: Mapping[str, Sequence[str]]) -> tuple[int, ...]:
    """The weight of each metric, 0 to MOST_WEIGHT in the order of the table; 1 by default.

    Parts of the address without a valid metric and weight are dropped.
    """
    keys = _by_name(_METRIC_NAMES)
    found: dict[str, int] = {}
    for text in params.get(WEIGHT, ()):
        parts = _WEIGHT.fullmatch(text)
        key = keys.get(parts[1].casefold()) if parts else None
        if parts and key and int(parts[2]) <= MOST_WEIGHT:
            found.setdefault(key, int(parts[2]))
    return tuple(found.get(key, 1) for key in METRIC_KEYS)


def weight_params(wanted: Sequence[int]) -> dict[str, list[str]]:
    """The parameter for these weights: STG_mIoU~3 for each that is not 1."""
    pairs = zip(METRICS, wanted, strict=True)
    return {WEIGHT: [f"{metric.name}~{weight}" for metric, weight in pairs if weight != 1]}


def _by_name(options: Mapping[str, str]) -> dict[str, str]:
    """Keys by lower-case name, including former names of metrics, which old links use."""
    former = {m.former_name.casefold(): m.key for m in METRICS if m.former_name}
    names = {text.casefold(): key for key, text in options.items()}
    return {name: key for name, key in former.items() if key in options} | names


def _chosen(texts: Sequence[str], options: Mapping[str, str]) -> str | None:
    keys = _by_name(options)
    return next((keys[t.casefold()] for t in texts if t.casefold() in keys), None)


def _lower(texts: Iterable[str]) -> set[str]:
    return {text.casefold() for text in texts}


def _texts(texts: Sequence[str]) -> tuple[str, ...]:
    """Names from other people as the boards show them: one line, no invisible characters."""
    kept = (t for t in texts[:_MANY] if 0 < len(t) <= _TEXT_LIMIT and one_line(t) == t)
    return tuple(dict.fromkeys(kept))


def _size(texts: Sequence[str]) -> float | None:
    try:
        size = float(f"{float(texts[0]):g}")
    except (IndexError, ValueError):
        return None
    return size if math.isfinite(size) and 0 <= size < 1e6 else None


def _day(texts: Sequence[str]) -> str | None:
    try:
        return datetime.date.fromisoformat(texts[0]).isoformat()
    except (IndexError, ValueError):
        return None
