"""The sampling error of a metric: the delete-one jackknife within sources. Pure.

Each unit is left out in turn and its source's other units are weighted by g / (g - 1), g being the
source's number of units: Rust and Rao 1996, Statistical Methods in Medical Research 5
(doi 10.1177/096228029600500305), the delete-one-cluster jackknife of stratified samples.
Degrees of freedom: Satterthwaite 1946, Biometrics Bulletin 2 (doi 10.2307/3002019), over sources,
each with the units that its records amount to, (sum n)^2 / (sum n^2), less one (Kish 1965).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.ranking.stacks import Stack, combined, values

if TYPE_CHECKING:
    from core.ranking.average_rank import Floats, Integers
    from core.ranking.stacks import Sums

_AT_ONCE: Final = 512  # units left out, each in its own draw
_NOISE: Final = 1e-12
_LEAST: Final = 1e-14  # smaller deviations are floating-point noise


@dataclass(frozen=True, eq=False)
class Jackknife:
    """Deviations of one metric's models when a unit is left out.

    value (models,): the metric. deviations (units, models): their squares sum to the variance,
    their products to covariances; all NaN for a model that is undefined without some unit.
    stratum (units,): the stratum of each. freedom (strata,): its degrees of freedom. joined: a
    source with a single unit, and the source that it was merged with.
    """

    value: "Floats"
    deviations: "Floats"
    stratum: "Integers"
    freedom: "Floats"
    joined: tuple[tuple[str, str], ...] = ()

    def errors(self) -> tuple["Floats", "Floats"]:
        """Standard error and degrees of freedom of each model's value, both (models,)."""
        import numpy as np

        return self._errors(np.add.reduceat(self.deviations**2, self._first, axis=0))

    def differences(self, a: "Integers", b: "Integers") -> tuple["Floats", "Floats"]:
        """Standard error and degrees of freedom of value[a] - value[b], for each pair."""
        import numpy as np

        ends = [*self._first[1:].tolist(), len(self.stratum)]
        variances = []
        for begin, end in zip(self._first.tolist(), ends, strict=True):
            part = self.deviations[begin:end]
            products = part.T @ part
            own = np.diag(products)
            both = own[a] + own[b]
            variance = both - 2 * products[a, b]
            # Equal models differ only by floating-point noise.
            variances.append(np.where(variance <= _NOISE * both, 0.0, variance))
        return self._errors(np.array(variances))

    @property
    def _first(self) -> "Integers":
        import numpy as np

        return np.searchsorted(self.stratum, np.arange(len(self.freedom)))

    def _errors(self, variances: "Floats") -> tuple["Floats", "Floats"]:
        """Degrees of freedom from variances by stratum, (strata, models)."""
        import numpy as np

        variance = variances.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            freedom = variance**2 / (variances**2 / self.freedom[:, None]).sum(axis=0)
        return np.sqrt(variance), freedom


def jackknife(stack: Stack) -> Jackknife:
    """The jackknife of a stack of at least two units."""
    import numpy as np

    names, joined = strata([(name, part.stop - part.start) for name, part in stack.sources])
    size = np.bincount(names)
    parts = [
        combined(stack, _sums_without(stack, names, slice(begin, begin + _AT_ONCE)))
        for begin in range(0, len(names), _AT_ONCE)
    ]
    order = np.argsort(names, kind="stable")
    stratum, left = names[order], np.concatenate(parts)[order]
    first = np.searchsorted(stratum, np.arange(len(size)))
    means = np.add.reduceat(left, first, axis=0) / size[:, None]
    deviations = (left - means[stratum]) * np.sqrt((size - 1) / size)[stratum, None]
    deviations[:, np.isnan(deviations).any(axis=0)] = np.nan
    deviations[np.abs(deviations) < _LEAST] = 0.0
    total, squares = (np.bincount(names, stack.records**power) for power in (1, 2))
    return Jackknife(values(stack)[0], deviations, stratum, total**2 / squares - 1, joined)


def _sums_without(stack: Stack, names: "Integers", out: slice) -> "Iterator[Sums]":
    """The sums of each group without one unit, a draw for each unit of `out`.

    names (units,): the stratum of each unit.
    """
    import numpy as np

    size = np.bincount(names)
    factor = (size / (size - 1))[names[out], None]
    columns = [one.reshape(len(names), -1) for one in (stack.sums, stack.counts, stack.records)]
    for group in stack.groups:
        sources = [part for _, part in stack.sources if group.start <= part.start < group.stop]
        same = names[out, None] == names[[part.start for part in sources]]
        weights = np.where(same, factor, 1.0)
        inside = np.arange(len(names))[out]
        own = ((group.start <= inside) & (inside < group.stop))[:, None] * factor
        yield tuple(
            weights @ np.array([one[part].sum(axis=0) for part in sources]) - own * one[out]
            for one in columns
        )


def strata(sizes: Sequence[tuple[str, int]]) -> tuple["Integers", tuple[tuple[str, str], ...]]:
    """The stratum of each unit, (units,), for sources with their numbers of units, in order.

    A source with a single unit has no variance of its own: it is merged with the smallest other
    source, which is reported.
    """
    import numpy as np

    number = {name: n for n, (name, _) in enumerate(sizes)}
    joined = []
    for name, size in sizes:
        others = sorted((other, there) for there, other in sizes if there != name)
        if size == 1 and others:
            host = others[0][1]
            joined.append((name, host))
            old, new = number[name], number[host]
            number = {one: new if at == old else at for one, at in number.items()}
    found = np.repeat([number[name] for name, _ in sizes], [size for _, size in sizes])
    return np.unique(found, return_inverse=True)[1], tuple(joined)
