"""The server as a program: starts unconfigured, reports problems, leaves jobs running."""

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.settings import REPOSITORY, Settings
from core.web import server
from tests.core.job_world import World, wait_for
from tests.hub import emulator_traffic
from tests.hub.emulator import Emulator

LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|WARNING|ERROR) [\x20-\x7e]+")


QUIET = {"MEDVIDBENCH_DEMO_MODELS": "0"}  # no synthetic models and no judge during the test


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server in a separate process, with a read-only home folder."""

    def __init__(self, folder: Path, environment: dict[str, str], *arguments: str) -> None:
        self.port = free_port()
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        self._said = (folder / f"said-{self.port}.txt").open("w+")
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MEDVIDBENCH_", "STREAMLIT_", "PYTEST_"))
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "core.web.server", "--port", str(self.port), *arguments],
            cwd=REPOSITORY,
            env=inherited | {"HOME": str(self.home), **QUIET} | environment,
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )

    @property
    def said(self) -> str:
        return Path(self._said.name).read_text()

    def get(self, path: str = "/_stcore/health") -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=120) as answer:
            return str(answer.read().decode())

    def healthy(self) -> bool:
        assert self.process.poll() is None, self.said
        try:
            return self.get() == "ok"
        except OSError:
            return False

    def wait(self) -> "Server":
        wait_for(self.healthy, "the server")
        return self

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self._said.close()
        return self.process.wait(240)


class Farm:
    """Starts servers, and ends those still running."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers: list[Server] = []

    def start(self, environment: dict[str, str]) -> Server:
        self.servers.append(Server(self.folder, environment))
        return self.servers[-1].wait()


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    made = Farm(tmp_path)
    yield made
    for one in made.servers:
        one.stop(signal.SIGKILL)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def with_settings(settings: Settings) -> dict[str, str]:
    return settings.environment("jobs")


def judges(server: Server) -> list[psutil.Process]:
    found = psutil.process_iter(["ppid", "cmdline"])
    own = [p for p in found if p.info["ppid"] == server.process.pid]
    # While its limits are set, this command stands further back in another program's.
    return [p for p in own if "evaluation.demo.judge" in (p.info["cmdline"] or [])[:3]]


def test_a_demo_has_a_judge_that_ends_with_it_however_it_ends(farm: Farm, tmp_path: Path) -> None:
    one = {"MEDVIDBENCH_DATA_DIR": str(tmp_path / "data"), "MEDVIDBENCH_DEMO_MODELS": "1"}
    first = farm.start(one)
    wait_for(lambda: len(judges(first)) == 1, "the judge")
    (judge,) = judges(first)
    assert "judge: demo-judge, which is not a language model" in first.said
    first.stop(signal.SIGKILL)
    wait_for(lambda: not judge.is_running(), "the judge's end")


def test_without_configuration_it_serves_demo_data(farm: Farm, tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = farm.start({"MEDVIDBENCH_DATA_DIR": str(data)})
    assert "<html" in first.get("/")
    wait_for((data / "demo" / "benchmark" / "demo.json").exists, "the demo data")
    wait_for(lambda: "demo data ready" in first.said, "the log")
    assert outside(first.process.pid) == []
    assert first.stop() == 0
    lines = first.said.splitlines()
    assert [line for line in lines if not LOG_LINE.fullmatch(line)] == []
    assert f"Serving MedVidBench at http://localhost:{first.port}" in first.said
    assert "ERROR" not in first.said
    for line in (f"data folder: {data / 'demo'}", "mirror: none", "judge: none", "ground truth: "):
        assert line in first.said
    assert list(first.home.iterdir()) == []  # everything is written under the data folder
    made = (data / "demo" / "benchmark" / "demo.json").stat().st_mtime_ns
    second = farm.start({"MEDVIDBENCH_DATA_DIR": str(data), "MEDVIDBENCH_MAX_RUNING": "3"})
    wait_for(lambda: "demo data ready" in second.said, "the log")
    assert "Did you mean MEDVIDBENCH_MAX_RUNNING?" in second.said
    assert (data / "demo" / "benchmark" / "demo.json").stat().st_mtime_ns == made
    assert second.stop(signal.SIGINT) == 0  # Ctrl-C
    assert second.said.splitlines()[-1].endswith("the next start finds them.")


def outside(pid: int) -> list[str]:
    """Addresses of other machines to which the process is connected."""
    here = ("127.", "::1", "::ffff:127.")
    found = psutil.Process(pid).net_connections()
    return [str(one.raddr.ip) for one in found if one.raddr and not one.raddr.ip.startswith(here)]


def test_two_servers_on_one_folder_do_each_job_once_although_nobody_visits(
    farm: Farm, world: World
) -> None:
    made = [world.submit(f"Model {n}") for n in "ABC"]  # one more than run at once
    farm.start(with_settings(world.settings))
    farm.start(with_settings(world.settings))
    for job in made:
        ended = world.finish(job)
        assert (ended.state, ended.attempt) == ("completed", 1), ended.error
    assert sorted(world.names()) == [f"Model {n}" for n in "ABC"]


def test_jobs_outlive_their_server_and_are_adopted_by_the_next(farm: Farm, world: World) -> None:
    """After a request to stop, and after kill -9, which one of the two jobs does not survive."""
    job = world.submit("Model A", world.slow_predictions())
    killed = world.submit("Model B", world.slow_predictions())
    first = farm.start(with_settings(world.settings))
    evaluator, other = world.evaluator(job), world.evaluator(killed)
    first.stop()
    assert evaluator.is_running() and other.is_running()
    assert world.get(job).state == world.get(killed).state == "running"
    second = farm.start(with_settings(world.settings))
    second.stop(signal.SIGKILL)
    assert evaluator.is_running() and other.is_running()
    for process in world.processes(killed):
        process.kill()
    farm.start(with_settings(world.settings))
    evaluator.resume()
    ended = world.finish(job)
    assert (ended.state, ended.attempt) == ("completed", 1), ended.error
    assert world.finish(killed).state == "interrupted"
    assert world.names() == ["Model A"]
    assert world.submission(job).state == "published"
    assert world.submission(killed).state == "released"


def refused(tmp_path: Path, environment: dict[str, str], *arguments: str) -> str:
    """The message of a server that cannot start: one line, status 1, no traceback."""
    one = Server(
        tmp_path, {"MEDVIDBENCH_DATA_DIR": str(tmp_path / "data")} | environment, *arguments
    )
    assert one.process.wait(240) == 1
    said = one.said
    one.stop()
    assert said.count("\n") == 1, said
    assert "Traceback" not in said
    return said


def test_a_bad_setting_is_one_sentence(tmp_path: Path) -> None:
    assert "MEDVIDBENCH_MAX_RUNNING" in refused(tmp_path, {"MEDVIDBENCH_MAX_RUNNING": "none"})


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The environment of a server that starts in this process; what it sets is put back."""
    for name in list(os.environ):
        if name.startswith("MEDVIDBENCH_"):
            monkeypatch.delenv(name)
    for name in ("TMPDIR", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for name, text in {**QUIET, "MEDVIDBENCH_DATA_DIR": str(tmp_path / "data")}.items():
        monkeypatch.setenv(name, text)
    before = signal.getsignal(signal.SIGTERM)
    yield monkeypatch
    signal.signal(signal.SIGTERM, before)


Capture = pytest.CaptureFixture[str]


def refused_here(capsys: Capture, *arguments: str) -> str:
    """Like `refused`, in this process: that a process says it thus is shown by other tests."""
    assert server.main(arguments) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEDVIDBENCH_GROUND_TRUTH", "/not/there.json"),
        ("MEDVIDBENCH_EVALUATION_TIMEOUT", "0"),
        ("ADMIN_PASSWORD", "$scrypt$ln=14,r=8,p=1$abc$def"),
    ],
)
def test_another_bad_setting_is_one_sentence(
    here: pytest.MonkeyPatch, capsys: Capture, name: str, value: str
) -> None:
    here.setenv(name, value)
    assert name in refused_here(capsys)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "", "9" * 5000])
def test_a_bad_port_is_one_sentence(capsys: Capture, port: str) -> None:
    assert "from 1 to 65,535" in refused_here(capsys, f"--port={port}")


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(tmp_path, {}, "--port", str(port))
    assert f"port {port}" in said
    assert "another program uses it" in said


@pytest.mark.usefixtures("here")
def test_an_address_of_another_machine_is_one_sentence(capsys: Capture) -> None:
    assert "203.0.113.7" in refused_here(capsys, "--address", "203.0.113.7")


def test_a_data_folder_that_cannot_be_made_is_one_sentence(
    here: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "file").touch()
    here.setenv("MEDVIDBENCH_DATA_DIR", str(tmp_path / "file" / "data"))
    assert "MEDVIDBENCH_DATA_DIR" in refused_here(capsys)


def test_a_mirror_that_strangers_can_read_is_one_sentence(tmp_path: Path) -> None:
    mirror = {"MEDVIDBENCH_HUB_REPO": "alice/open", "HF_TOKEN": emulator_traffic.WRITE}
    with Emulator() as hub:
        hub.add_repo("alice/open", private=False)
        said = refused(tmp_path, {**mirror, "HF_ENDPOINT": hub.url})
    assert "the repo is public" in said
    assert "Change visibility" in said


def test_a_full_disk_at_the_start_is_one_sentence(tmp_path: Path) -> None:
    # When measuring coverage, it would try to write a file and report that it cannot.
    kept = {name: text for name, text in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(
        [sys.executable, "-m", "core.web.server", "--port", str(free_port())],
        cwd=REPOSITORY,
        env={**kept, "MEDVIDBENCH_DATA_DIR": str(tmp_path / "data")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert str(tmp_path / "data") in done.stderr


def test_only_a_space_gets_cookies_for_frames(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPACE_HOST", raising=False)
    assert server.options(world.settings, "", 1) == {
        "server.port": 1,
        "server.maxUploadSize": world.settings.max_upload_mb,
        "server.enableAgentApi": False,
    }
    monkeypatch.setenv("SPACE_HOST", "x.hf.space")
    chosen = server.options(world.settings, "127.0.0.1", 1)
    assert chosen["server.xsrfCookieSameSite"] == "none"
    assert chosen["server.address"] == "127.0.0.1"


def test_everything_pages_use_is_imported_ahead_of_the_first_visitor() -> None:
    """In a separate process, since tests have imported most of it in this one."""
    program = (
        "import ast, logging, sys\n"
        "from pathlib import Path\n"
        "from core.web import server\n"
        "failures = logging.Handler()\n"
        "failures.emit = lambda record: print(record.getMessage(), file=sys.stderr)\n"
        "logging.getLogger().addHandler(failures)\n"
        "server.import_ahead()\n"
        "ui = ['.'.join(p.with_suffix('').parts) for p in Path('core/ui').rglob('[!_]*.py')]\n"
        "pages = [Path('Home.py'), *Path('pages').glob('*.py')]\n"
        "nodes = [node for page in pages for node in ast.walk(ast.parse(page.read_text()))]\n"
        "used = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]\n"
        "lazy = ['pyarrow.json', 'core.publish.aspect_chart']\n"
        "assert len(ui) > 20 and len(used) > 20\n"
        "print(sorted({*ui, *used, *lazy} - set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stdout + done.stderr
    assert done.stderr == ""
