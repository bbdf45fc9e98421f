"""What the use cases work with, on a folder of its own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from core.runs.queue import Jobs, open_store
from core.settings import Settings
from core.usecases.submit import Services


def world(folder: Path, **changes: Any) -> Services:
    """An empty store and queue under `folder`, with a truth that nothing is scored against."""
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
    return Services(settings, open_store(settings), Jobs(settings))
