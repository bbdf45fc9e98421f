"""The filters of the Explore section. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from core.model.entries import API_VERIFIED
from core.model.published import by_organisers
from core.publish.explore.models import Model
from core.publish.text import one_line

Bound = TypeVar("Bound", float, str)
# What is known or declared about a model; "not …" requires that the opposite is known.
_FACTS: Final[Mapping[str, Callable[[Model], bool | None]]] = {
    "verified": lambda m: m.entry.status == API_VERIFIED,
    "off-the-shelf": lambda m: m.entry.off_the_shelf,
    "organisers": lambda m: by_organisers(m.entry),
    "open weights": lambda m: {"open": True, "closed": False}.get(m.entry.declared.weights or ""),
    "trained on the sources": lambda m: {"yes": True, "no": False}.get(
        m.entry.declared.trained_on_sources or ""
    ),
    "judged": lambda m: m.entry.judged,
}
ONLY: Final = tuple(word for fact in _FACTS for word in (fact, f"not {fact}"))


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that a model must all meet. Empty and None: no condition.

    `only` contains words of ONLY; sizes are billions of parameters, dates ISO 8601 days, both
    inclusive. A model without a declared size or date is outside every bound.
    """

    only: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    min_size: float | None = None
    max_size: float | None = None
    since: str | None = None
    until: str | None = None

    @property
    def count(self) -> int:
        """The number of filters set."""
        bounds = (self.min_size, self.max_size, self.since, self.until)
        return (
            len(self.only)
            + bool(self.tracks)
            + bool(self.organizations)
            + sum(bound is not None for bound in bounds)
        )


def known(models: Sequence[Model], filters: Filters) -> Filters:
    """The filters without tracks and organizations that no model has."""
    of_tracks, of_organizations = tracks(models), organizations(models)
    return replace(
        filters,
        tracks=tuple(one for one in filters.tracks if one in of_tracks),
        organizations=tuple(one for one in filters.organizations if one in of_organizations),
    )


def matching(models: Sequence[Model], filters: Filters) -> tuple[Model, ...]:
    """The models that meet all conditions, in their order.

    Tracks and organizations that no model has are ignored: they are of another board, or made up.
    """
    of_tracks, of_teams = set(tracks(models)), set(organizations(models))
    known = replace(
        filters,
        tracks=tuple(name for name in filters.tracks if name in of_tracks),
        organizations=tuple(name for name in filters.organizations if name in of_teams),
    )
    return tuple(model for model in models if _holds(model, known))


def useful(models: Sequence[Model]) -> tuple[str, ...]:
    """The words of ONLY that are true of some, but not all, of the models."""
    return tuple(w for w in ONLY if 0 < sum(_is(model, w) for model in models) < len(models))


def tracks(models: Sequence[Model]) -> tuple[str, ...]:
    """The tracks of the models, in alphabetical order."""
    return tuple(sorted({one_line(m.entry.track) for m in models if m.entry.track}))


def organizations(models: Sequence[Model]) -> tuple[str, ...]:
    """The organizations of the models, in alphabetical order."""
    return tuple(sorted({m.organization for m in models if m.organization}, key=str.casefold))


def _is(model: Model, word: str) -> bool:
    fact = word.removeprefix("not ")
    return _FACTS[fact](model) is (fact == word)


def _holds(model: Model, filters: Filters) -> bool:
    return (
        all(_is(model, word) for word in filters.only)
        and (not filters.tracks or one_line(model.entry.track or "") in filters.tracks)
        and (not filters.organizations or model.organization in filters.organizations)
        and _within(model.size, filters.min_size, filters.max_size)
        and _within(model.date, filters.since, filters.until)
    )


def _within(value: Bound | None, low: Bound | None, high: Bound | None) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or low <= value) and (high is None or value <= high)
