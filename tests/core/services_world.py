"""The services of the use cases, on a separate folder."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from core.settings import Settings
from core.store.opened import open_store
from core.usecases.services import Services, services_with


def world(folder: Path, **changes: Any) -> Services:
    """An empty store and queue under `folder`, with a truth that is not used."""
    truth = folder / "truth.json"
    truth.write_text("[]")
    settings = Settings(
        data_dir=folder / "data",
        ground_truth=truth,
        questions=None,
        max_upload_mb=1,
        min_records=100,
        max_running=2,
        evaluation_timeout_s=240,
    )
    settings = replace(settings, **changes)
    return services_with(settings, open_store(settings))
