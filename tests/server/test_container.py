"""The image: its files, and the program running as in it, without Docker."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from core import settings
from core.settings import REPOSITORY
from core.web import server
from evaluation.api_client import Client
from tests.core.job_world import World

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
SERVICES = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))["services"]
DEPLOY = REPOSITORY / "deploy"


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


def test_a_strict_clone_is_readable_in_the_image(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    (folder / "file.py").touch(mode=0o600)
    opened = re.search(r"^RUN (chmod \S+ \S+ \.) && .*\nUSER 1000$", DOCKERFILE, re.MULTILINE)
    assert opened is not None
    subprocess.run(opened[1].split(), cwd=tmp_path, check=True)
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "file.py").stat().st_mode & 0o777 == 0o644


def test_images_with_and_without_dask_share_the_packages_that_both_need() -> None:
    argument = DOCKERFILE.index("ARG EXTRA")
    assert DOCKERFILE.index("requirements-minilm.txt\n") < argument < DOCKERFILE.index("if [")


def test_a_proxy_names_the_address_of_every_visitor() -> None:
    # Docker's own proxy, which IPv6 visitors would come through, would be the visitor.
    assert all(port.startswith("0.0.0.0:") for port in SERVICES["caddy"]["ports"])
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]
    nginx = re.findall(r"listen (.+);", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    assert nginx == ["80", "[::]:80", "443 ssl", "[::]:443 ssl"]


def test_the_service_is_started_again_however_often_it_fails() -> None:
    unit = (DEPLOY / "medvidbench.service").read_text(encoding="utf-8")
    pause = re.search(r"^RestartSec=(\d+)$", unit, re.MULTILINE)
    assert pause is not None
    assert int(pause[1]) * 5 > 10  # systemd gives up after five starts within ten seconds


def test_the_log_says_what_becomes_of_running_evaluations() -> None:
    alone = settings.load({}, {})
    workers = settings.load({}, {"MEDVIDBENCH_SCHEDULER": "tcp://scheduler:8786"})
    assert "end with this container" in server.running_jobs(alone, 1)
    assert "continue" in server.running_jobs(alone, 20)
    assert "continue" in server.running_jobs(workers, 1)


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
