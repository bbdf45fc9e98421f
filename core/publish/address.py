"""The state of the leaderboard in the address: keys, options, labels.

The widgets bind themselves to the address (`bind="query-params"`): a key is the
parameter's name and an option's label its value, so both are part of every
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
IDS: Final = "ids"  # of the page that compares: entries' ids, separated by commas
AS_OF: Final = "as_of"  # of every page that shows a board: the day whose boards it shows

# Pages that the bar leads to, from any page right below the app's address.
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
# In the order of the table; rank and model always stand.
CHOOSABLE: Final = (TEAM, *METRIC_KEYS, AVERAGE_RANK, DATE)
_LABELS: Final = {AVERAGE_RANK: "Average rank", TEAM: "Team", DATE: "Date"}
SEARCH_LIMIT: Final = 100  # characters


@dataclass(frozen=True, slots=True)
class View:
    """One choice of what to show. `sort` is one of SORTS; `column` the metric that a phone shows,
    which has room for one; `compact` asks for lower rows; `as_of` is the day (YYYY-MM-DD) whose
    board it is of, "" for the board as it is now."""

    board: BoardName = "official"
    sort: str = AVERAGE_RANK
    search: str = ""
    columns: tuple[str, ...] = CHOOSABLE
    column: str = ""
    compact: bool = False
    as_of: str = ""

    @property
    def phone_column(self) -> str:
        """The one metric of a phone: the chosen one, else the sorting one, else the first."""
        shown = [metric.key for metric in self.metrics]
        return next((key for key in (self.column, self.sort) if key in shown), "".join(shown[:1]))

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The chosen metrics, in the order of the table."""
        return tuple(metric for metric in METRICS if metric.key in self.columns)


def view(board: object, sort: object, search: object, columns: Iterable[object]) -> View:
    """A view from what widgets or an address hold; anything unusable falls back.

    No column chosen at all means every column: an empty table helps nobody.
    """
    chosen = frozenset(columns)
    return View(
        board="community" if board == "community" else "official",
        sort=sort if isinstance(sort, str) and sort in SORTS else AVERAGE_RANK,
        search=" ".join(search[:SEARCH_LIMIT].split()) if isinstance(search, str) else "",
        columns=tuple(key for key in CHOOSABLE if key in chosen) or CHOOSABLE,
    )


def from_address(params: Mapping[str, Sequence[str]]) -> View:
    """The view that an address asks for, as its widgets will read it.

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
    """Whether an address of the board's page asks for no other view than a board's own: the first
    answer then holds the board (core/web/first_page.py)."""
    return {BOARD}.issuperset(params)


def sort_address(view: View, key: str) -> str:
    """A link that sorts the board by one of SORTS; by what sorts it already, as it stands alone.

    Within the page only the parameter `sort` of it counts (`data-set`)."""
    sort = "" if key in (view.sort, AVERAGE_RANK) else f"{SORT}={quote(label(key))}"
    return _beside(view, sort)


def column_address(view: View, key: str) -> str:
    """A link by which a phone shows another metric; the same of the parameter `column`."""
    return _beside(view, f"{COLUMN}={quote(label(key))}")


def _beside(view: View, parameter: str) -> str:
    board = "" if view.board == "official" else f"{BOARD}={BOARDS[view.board]}"
    day = f"{AS_OF}={view.as_of}" if view.as_of else ""
    return "./?" + "&".join(filter(None, (board, parameter, day)))


def named_options(params: Mapping[str, Sequence[str]], parameter: str) -> list[str]:
    """The options that a parameter of the address names, whatever the case of its letters."""
    keys = _by_name(_options(parameter))
    return [keys[text.casefold()] for text in params.get(parameter, ()) if text.casefold() in keys]


def corrected_spelling(params: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Parameters that name options in another case, as the widgets spell them: they compare
    letters."""
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
    """How a sort option or a column is called, on the page and in the address."""
    metric = METRIC_BY_KEY.get(key)
    return metric.name if metric else _LABELS[key]


def short(metric: Metric) -> str:
    """A metric's name as a column header: the range beside it tells the unit."""
    return metric.name.replace("_acc", "").replace("_mIoU", "")


def board_address(board: BoardName, as_of: str = "") -> str:
    """Where a board is, from any page."""
    return _beside(View(board=board, as_of=as_of), "").removesuffix("?")


def model_address(entry_id: str, as_of: str = "") -> str:
    """Where a model's page is, from any page."""
    return _dated(f"./model?{ID}={quote(entry_id, safe='')}", as_of)


def compare_address(entry_ids: Iterable[str], as_of: str = "") -> str:
    """Where these models are compared, from any page."""
    ids = ",".join(quote(one, safe="") for one in entry_ids)
    return _dated(f"./compare?{IDS}={ids}", as_of)


def _dated(address: str, as_of: str) -> str:
    return f"{address}&{AS_OF}={as_of}" if as_of else address


def ids_of(text: str, most: int) -> tuple[str, ...]:
    """The entries that an address asks to compare: each once, in their order, at most `most`."""
    return tuple(dict.fromkeys(filter(None, text.split(","))))[:most]


# The Explore section. Its controls are no widgets bound to the address: they read it and write it
# (core.ui.explore.state), so that what is folded away keeps its choice.
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
_NOBODY: Final = "-"  # in the place of a pin that was taken away: the others keep their colours
_ID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_TEXT_LIMIT, _MANY = 120, 50


@dataclass(frozen=True, slots=True)
class Exploration:
    """What the Explore section shows. `view` is a key of EXPLORE_VIEWS, and so on.

    `pins` are ids of entries, each with the colour of its place; "" is a free place.
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
    """What an address asks the Explore section for; what cannot be is dropped.

    A link of before there was such a section named a metric alone, and still shows it.
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
    """All parameters of the Explore section; those that stand at their default are empty."""
    plain = Exploration()
    found: dict[str, list[str]] = {}
    for parameter, (name, options) in _CHOICES.items():
        key = getattr(wanted, name)
        # A metric alone is a link to its view, so that the view has to be named beside it.
        needed = parameter == EXPLORE and wanted.metric != plain.metric
        found[parameter] = [options[key]] if key != getattr(plain, name) or needed else []
    found[PIN] = [pin or _NOBODY for pin in wanted.pins]
    filters = wanted.filters
    found |= {parameter: list(getattr(filters, name)) for parameter, name in _LISTS.items()}
    sizes = {name: getattr(filters, name) for name in _SIZES}
    found |= {name: [] if size is None else [f"{size:g}"] for name, size in sizes.items()}
    return found | {name: [day] if (day := getattr(filters, name)) else [] for name in _DAYS}


def pins(texts: Iterable[str]) -> tuple[str, ...]:
    """Ids of entries, each once, with "" for free places among them; at most PINS places."""
    found: list[str] = []
    for text in list(texts)[:PINS]:
        taken = _ID.fullmatch(text) and text not in found
        found.append(text if taken else "")
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def with_pin(there: Sequence[str], entry_id: str) -> tuple[str, ...]:
    """The pins with one more, at the first free place, or without it when it is pinned.

    With no place left they stay as they are.
    """
    if entry_id in there:
        return pins("" if pin == entry_id else pin for pin in there)
    places = [*there, ""]
    places[places.index("")] = entry_id
    return pins(places)


# The reader's own weights of the metrics, for an order that is not official.
WEIGHT: Final = "weight"
MOST_WEIGHT: Final = 10
EQUAL_WEIGHTS: Final = (1,) * len(METRIC_KEYS)
_WEIGHT: Final = re.compile(r"(.+)~([0-9]{1,2})")


def weights(params: Mapping[str, Sequence[str]]) -> tuple[int, ...]:
    """The weight of each metric, 0 to MOST_WEIGHT in the order of the table; 1 where none is given.

    A part of the address that names no metric, or no such weight, is dropped.
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
    """The parameter of these weights: STG_mIoU~3 for each that is not 1."""
    pairs = zip(METRICS, wanted, strict=True)
    return {WEIGHT: [f"{metric.name}~{weight}" for metric, weight in pairs if weight != 1]}


def _by_name(options: Mapping[str, str]) -> dict[str, str]:
    """Keys by name in lower case, also by the former names of metrics that old links have."""
    former = {m.former_name.casefold(): m.key for m in METRICS if m.former_name}
    names = {text.casefold(): key for key, text in options.items()}
    return {name: key for name, key in former.items() if key in options} | names


def _chosen(texts: Sequence[str], options: Mapping[str, str]) -> str | None:
    keys = _by_name(options)
    return next((keys[t.casefold()] for t in texts if t.casefold() in keys), None)


def _lower(texts: Iterable[str]) -> set[str]:
    return {text.casefold() for text in texts}


def _texts(texts: Sequence[str]) -> tuple[str, ...]:
    """Names that somebody gave, as the boards show them: one line, without invisible signs."""
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
