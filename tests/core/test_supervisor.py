"""What the supervisor removes, and how it reports failed work."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import MedVidBenchError
from core.usecases import demo_models
from core.web.supervisor import TEMPORARY, TIDY_EVERY_S, Supervisor
from tests.core.job_world import wait_for
from tests.core.services_world import world
from tests.core.store_world import publish


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
    caplog.set_level("INFO")
    services = world(tmp_path, ground_truth=None)
    settings = services.settings
    supervisor = Supervisor(services, demo_timeout_s=0.0)
    supervisor._stop.set()
    supervisor._make_demo()  # longer than its limit, but the server is stopping
    assert not (settings.benchmark_dir / "ground_truth.json").exists()
    supervisor.start()
    supervisor.stop()
    assert caplog.text == ""


def test_old_scratch_folders_are_removed(tmp_path: Path) -> None:
    services = world(tmp_path)
    publish(services.store, 1)
    temporary = services.settings.data_dir / TEMPORARY
    old, new = temporary / "old", temporary / "new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (time.time() - TIDY_EVERY_S - 60,) * 2)
    supervisor = Supervisor(services)
    supervisor.start()
    wait_for(lambda: not old.exists(), "the removal")
    supervisor.stop()
    assert new.exists()


@pytest.mark.parametrize("defect", [False, True])
def test_an_error_is_logged_in_one_line_and_a_defect_with_its_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, defect: bool
) -> None:
    services = world(tmp_path)
    if defect:
        services = replace(services, jobs=None)  # type: ignore[arg-type]
    else:
        (services.settings.root / "journal.jsonl").mkdir(parents=True)
    supervisor = Supervisor(services)
    supervisor.start()
    wait_for(lambda: bool(caplog.records), "the error")
    supervisor.stop()
    assert {bool(record.exc_info) for record in caplog.records} == {defect}
    assert ("AttributeError" if defect else "journal.jsonl") in caplog.text
