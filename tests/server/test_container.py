"""The image: its files, and the program running as in it, without Docker."""

import importlib.util
import json
import os
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from core.settings import REPOSITORY
from evaluation.api_client import Client
from tests.core.job_world import World

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "as_container", REPOSITORY / "scripts" / "as_container.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look up their module there
    spec.loader.exec_module(module)
    return module


def test_the_image_has_the_program_and_neither_tests_nor_secrets(script: ModuleType) -> None:
    secrets = REPOSITORY / ".streamlit" / "secrets.toml"
    taken = {str(path) for path in script.copied()}
    assert {"Home.py", "pages/submit.py", ".streamlit/config.toml", "core/web/server.py"} <= taken
    assert {name for name in taken if name.startswith((".", "tests/", "data/"))} == {
        ".streamlit/config.toml"
    }
    assert str(secrets.relative_to(REPOSITORY)) not in taken
    for copied in re.findall(r"^COPY (.+) \./$", DOCKERFILE, re.MULTILINE):
        assert all((REPOSITORY / name).is_file() for name in copied.split())


def test_an_unsupported_instruction_is_refused(script: ModuleType) -> None:
    with pytest.raises(ValueError, match="does not support SHELL"):
        script.read_dockerfile(f'{DOCKERFILE}\nSHELL ["/bin/bash"]\n')


@pytest.mark.slow
def test_it_serves_scores_and_ends_cleanly_as_another_user_on_read_only_code(
    script: ModuleType, tmp_path: Path
) -> None:
    world = World(tmp_path)
    world.close()
    place = tmp_path / "container"
    place.mkdir()
    settings = {
        "MEDVIDBENCH_GROUND_TRUTH": str(world.settings.ground_truth),
        "MEDVIDBENCH_MIN_RECORDS": "1",
    }
    with script.container(place, settings=settings) as running:
        running.wait()
        root = os.geteuid() == 0
        assert not root or Path(f"/proc/{running.process.pid}").stat().st_uid == script.USER
        upload = tmp_path / "upload.json"
        upload.write_text(json.dumps(world.predictions), encoding="utf-8")
        fields = {"model_name": "In a container", "organization": "O", "terms": "true"}
        sent = Client(running.url).submit(upload, fields)
        while (job := Client(running.url).job(sent["job"], sent["key"]))["state"] != "completed":
            assert job["state"] in ("queued", "running"), job
        assert job["result"]["metrics"]["nap_acc"] == pytest.approx(
            world.expected["nap_acc"], abs=1e-3
        )
        assert running.stop() == 0
        assert not running.healthy()
        assert running.changed() == []
