"""How the supervisor reports failed work."""

from pathlib import Path

import pytest

from core.errors import MedVidBenchError
from core.usecases import demo_models
from core.web.supervisor import Supervisor
from tests.core.services_world import world


def test_demo_data_that_takes_too_long_is_not_said_to_be_ready(tmp_path: Path) -> None:
    services = world(tmp_path, ground_truth=None)
    settings = services.settings
    with pytest.raises(MedVidBenchError, match="within 0 s"):
        Supervisor(services, demo_timeout_s=0.0)._make_demo()
    assert not (settings.benchmark_dir / "ground_truth.json").exists()


def test_demo_models_that_cannot_be_made_are_tried_three_times(tmp_path: Path) -> None:
    services = world(tmp_path, ground_truth=None)
    demo_models.plan(services)
    supervisor = Supervisor(services, demo_timeout_s=0.0)
    for _ in range(3):
        with pytest.raises(MedVidBenchError, match="The demo models could not be made"):
            supervisor._step_models()
    supervisor._step_models()
    assert demo_models.folder(services.settings).is_dir()  # for the next start


def test_a_server_that_stops_says_nothing_about_its_demo_data(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    services = world(tmp_path, ground_truth=None)
    settings = services.settings
    supervisor = Supervisor(services, demo_timeout_s=0.0)
    supervisor._stop.set()
    supervisor._make_demo()  # longer than its limit, but the server is stopping
    assert not (settings.benchmark_dir / "ground_truth.json").exists()
    assert caplog.text == ""
