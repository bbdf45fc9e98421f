"""What `make fuzz` found stays found, and a short run of each target, the same every time."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.strategies import STRATEGIES
from tests.fuzz.targets import TARGETS

CASES = sorted((Path(__file__).parents[1] / "data" / "fuzz").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_finding_stays_fixed(case: Path) -> None:
    TARGETS[case.name.split("-")[0]](case.read_bytes())


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
    target = TARGETS[name]

    @short
    @given(STRATEGIES[name]())
    def run(data: bytes) -> None:
        target(data)

    run()


def test_every_target_has_inputs() -> None:
    assert TARGETS.keys() == STRATEGIES.keys()
