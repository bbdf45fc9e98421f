"""Earlier findings of `make fuzz`, and a short deterministic run of each target."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.strategies import STRATEGIES
from tests.fuzz.targets import TARGETS

CASES = sorted((Path(__file__).parents[1] / "data" / "fuzz").iterdir())


def failure(name: str, data: bytes) -> str:
    """The exception that a target raises for these bytes, or None."""
    try:
        TARGETS[name](data)
    except Exception as error:
        return f"{type(error).__name__}: {error} at {data!r}"
    return ""


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_finding_stays_fixed(case: Path) -> None:
    assert failure(case.name.split("-")[0], case.read_bytes()) == ""


@pytest.mark.parametrize("name", TARGETS)
def test_a_short_run(name: str) -> None:
    short = settings(
        max_examples=60,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    found: list[str] = []

    @short
    @given(STRATEGIES[name]())
    def run(data: bytes) -> None:
        found.append(failure(name, data))

    run()
    assert len(found) >= 30  # of the 60 some may be the same
    assert set(found) == {""}


def test_every_target_has_inputs() -> None:
    assert TARGETS.keys() == STRATEGIES.keys()
