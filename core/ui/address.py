"""What the leaderboard shows, as the address says it: keys, options, labels.

The widgets bind themselves to the address (`bind="query-params"`): a key is the
parameter's name and an option's label its value, so both are part of every
link that readers have shared. Case is ignored; values that are no option are dropped
quietly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from core.benchmark import METRIC_BY_KEY, METRIC_KEYS, METRICS, Metric
from core.model.entries import BoardName

BOARD: Final = "board"
SORT: Final = "sort"
SEARCH: Final = "search"
COLUMNS: Final = "columns"
METRIC: Final = "metric"
ENTRY: Final = "entry"  # of links to an entry before it had a page of its own
ID: Final = "id"  # of the model page: an entry's id
IDS: Final = "ids"  # of the page that compares: entries' ids, separated by commas

BOARDS: Final[dict[BoardName, str]] = {"official": "Official", "community": "Community"}
AVERAGE_RANK: Final = "average_rank"
TEAM: Final = "team"
DATE: Final = "date"
SORTS: Final = (AVERAGE_RANK, *METRIC_KEYS)
# In the order of the table; rank and model always stand.
CHOOSABLE: Final = (TEAM, *METRIC_KEYS, AVERAGE_RANK, DATE)
_LABELS: Final = {AVERAGE_RANK: "Average rank", TEAM: "Team", DATE: "Date"}
SEARCH_LIMIT: Final = 100  # characters


@dataclass(frozen=True, slots=True)
class View:
    """One choice of what to show. `sort` is a metric's key or AVERAGE_RANK."""

    board: BoardName = "official"
    sort: str = AVERAGE_RANK
    search: str = ""
    columns: tuple[str, ...] = CHOOSABLE

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
    return view(
        next(iter(named_options(params, BOARD)), None),
        next(iter(named_options(params, SORT)), None),
        next(iter(params.get(SEARCH, ())), ""),
        named_options(params, COLUMNS),
    )


def named_options(params: Mapping[str, Sequence[str]], parameter: str) -> list[str]:
    """The options that a parameter of the address names, whatever the case of its letters."""
    keys = {text.casefold(): key for key, text in _options(parameter).items()}
    return [keys[text.casefold()] for text in params.get(parameter, ()) if text.casefold() in keys]


def corrected_spelling(params: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Parameters that name options in another case, as the widgets spell them: they compare
    letters."""
    found = {}
    for parameter in (BOARD, SORT, COLUMNS, METRIC):
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


def model_address(entry_id: str) -> str:
    """Where a model's page is, from any page."""
    return f"./model?{ID}={quote(entry_id, safe='')}"


def compare_address(entry_ids: Iterable[str]) -> str:
    """Where these models are compared, from any page."""
    return f"./compare?{IDS}={','.join(quote(one, safe='') for one in entry_ids)}"


def ids_of(text: str, most: int) -> tuple[str, ...]:
    """The entries that an address asks to compare: each once, in their order, at most `most`."""
    return tuple(dict.fromkeys(filter(None, text.split(","))))[:most]
