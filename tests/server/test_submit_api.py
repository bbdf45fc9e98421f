"""Submitting with a program: the same check, quota and terms as the page; keys are never lost."""

import contextlib
import gzip
import http.client
import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.access.device_keys import COOKIE
from core.access.submission_keys import hash_key, make_key
from core.benchmark import METRIC_KEYS, SCORED_KEYS
from core.changes.keys import new_key
from core.changes.placing import add_official
from core.changes.settings import set_policy
from core.model.entries import Entry
from core.model.policy import Policy
from core.web.submit_api import routes
from evaluation import submit
from evaluation.api_client import ApiError, Client
from tests.browser.browser_site import Site, serve
from tests.core.job_world import World
from tests.core.services_world import services_with
from tests.server.web_session import run_page, session

HAND = Entry(
    entry_id="by-hand", model_name="By hand", organization="Lab", metrics=dict.fromkeys(METRIC_KEYS)
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="module")
def world(folder: Path) -> Iterator[World]:
    made = World(folder)
    made.store.commit(set_policy(Policy(), Policy(quota_per_day=50), "admin"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def site(world: World, folder: Path) -> Iterator[Site]:
    settings = world.settings.environment("jobs")
    del settings["MEDVIDBENCH_DATA_DIR"]
    with serve(folder, **settings) as running:
        yield running


@pytest.fixture
def upload(world: World, tmp_path: Path) -> Path:
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(world.predictions), encoding="utf-8")
    return path


def form(site: Site, upload: Path, name: str, *more: str) -> list[str]:
    who = ["--name", name, "--organization", "Universität", "--accept-terms"]
    return [str(upload), "--url", site.url, *who, *more]


def _address(site: Site) -> tuple[str, int]:
    host, _, port = site.url.removeprefix("http://").partition(":")
    return host, int(port)


def request(
    site: Site, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(site.url.removeprefix("http://"), timeout=240)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, f"/api/v1{path}", body, named)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"{}")


def test_a_file_is_submitted_and_scored_and_its_key_opens_it(
    site: Site, world: World, upload: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "job.json"
    more = ("--contact", "a@example.org", "--set", "weights=open", "--wait", "--json", str(out))
    assert submit.main(form(site, upload, "Model “ü”", *more)) == 0
    told = capsys.readouterr()
    for metric in SCORED_KEYS:
        assert f"{metric}\t{world.expected[metric]:.3f}" in told.out
    assert "rc_llm\t—" in told.out
    key_file = tmp_path / "answers.json.key"
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert key_file.read_text().strip() not in told.out + told.err
    entry = next(e for e in world.store.read().community if e.model_name == "Model “ü”")
    assert entry.declared.weights == "open"
    job = json.loads(out.read_text())
    assert job["result"]["entry"] == entry.entry_id
    # The same command continues from there.
    assert submit.main(form(site, upload, "Model “ü”")) == 0
    assert "nothing is sent again" in capsys.readouterr().err
    assert [e.model_name for e in world.store.read().community].count("Model “ü”") == 1
    # A new version is proved by the key, also of a file that an editor saved with a mark.
    key_file.write_text("\ufeff" + key_file.read_text())
    again = ["--replaces", entry.entry_id, "--accept-terms", "--wait"]
    assert submit.main([str(upload), "--url", site.url, *again]) == 0
    assert world.store.read().find(entry.entry_id)[1].history  # type: ignore[index]


def test_the_command_publishes_what_was_only_evaluated_and_says_what_its_key_opens(
    site: Site, world: World, upload: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, key_file = form(site, upload, "Model twice"), upload.with_name("answers.json.key")
    assert submit.main([*command, "--evaluate-only", "--wait"]) == 0
    first = key_file.read_text().split()
    assert submit.main([*command, "--evaluate-only"]) == 0
    told = capsys.readouterr().err
    assert "(Model twice, evaluated); nothing is sent again. For another submission" in told
    assert "Model twice" not in [e.model_name for e in world.store.read().community]
    assert submit.main([*command, "--wait"]) == 0
    keys = key_file.read_text().split()
    assert (keys[:1], len(set(keys))) == (first, 2)
    entry = next(e for e in world.store.read().community if e.model_name == "Model twice")
    capsys.readouterr()
    assert submit.main(command) == 0
    told = capsys.readouterr().err
    assert f"For a new version of the entry, add --replaces {entry.entry_id}." in told
    sent = world.store.read().submissions.values()
    assert [one.model_name for one in sent].count("Model twice") == 2


def test_what_is_refused_is_said_field_by_field_and_keeps_nothing(
    site: Site, world: World, upload: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(world.store.read().submissions)
    assert submit.main([str(upload), "--url", site.url, "--name", "Nameless"]) == 1
    told = capsys.readouterr().err
    assert "organization: Organization is required." in told
    assert "terms: Please read the terms of submission on the Submit page, then add " in told
    assert submit.main(form(site, upload, "Model W", "--set", "contanct=x")) == 1
    assert "Unknown field 'contanct'" in capsys.readouterr().err
    upload.write_text("[{]")
    assert submit.main(form(site, upload, "Model W")) == 1
    assert "  check: " in capsys.readouterr().err
    assert set(world.store.read().submissions) == before


def test_a_lost_response_costs_no_key_and_no_second_try(
    site: Site, world: World, upload: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with cut_off(site) as url:
        assert submit.main([*form(site, upload, "Model lost"), "--url", url]) == 1
    assert "Run the same command again" in capsys.readouterr().err
    assert submit.main(form(site, upload, "Model lost", "--wait")) == 0
    found = [s for s in world.store.read().submissions.values() if s.model_name == "Model lost"]
    assert len(found) == 1


def test_a_lost_response_to_a_new_version_costs_no_second_try_either(
    site: Site, world: World, upload: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit.main(form(site, upload, "Model v", "--wait")) == 0
    entry = next(e for e in world.store.read().community if e.model_name == "Model v").entry_id
    upload.write_text(json.dumps(world.predictions, indent=1))
    version = [str(upload), "--url", site.url, "--replaces", entry, "--accept-terms"]
    with cut_off(site) as url:
        assert submit.main([*version, "--url", url]) == 1
    assert "Run the same command again" in capsys.readouterr().err
    assert submit.main([*version, "--wait"]) == 0  # the version still runs
    assert submit.main(version) == 0  # and is the entry's now
    assert f"the newest version of {entry} (Model v, published)" in capsys.readouterr().err
    sent = [s.replaces for s in world.store.read().submissions.values()]
    assert sent.count(entry) == 1


def test_a_key_file_of_another_file_or_model_is_not_taken_for_submitted(
    site: Site, upload: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert submit.main(form(site, upload, "Model one")) == 0
    capsys.readouterr()
    assert submit.main(form(site, upload, "model ONE ")) == 0  # the same to the server
    assert "nothing is sent again" in capsys.readouterr().err
    assert submit.main(form(site, upload, "Model two")) == 1
    told = capsys.readouterr().err
    assert "Not submitted: the key in " in told
    assert "the submission of another model (Model one, " in told
    upload.write_bytes(gzip.compress(upload.read_bytes()))
    assert submit.main(form(site, upload, "Model one")) == 0  # packed, but the same
    upload.write_text("[]")
    assert submit.main(form(site, upload, "Model one")) == 1
    told = capsys.readouterr().err
    assert "the submission of another file (Model one, " in told
    assert "name another key file with --key." in told


def test_the_command_says_that_a_submission_without_a_run_cannot_be_waited_for(
    site: Site, world: World, upload: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The maintainers can give a key for an entry that was never submitted here."""
    key = make_key()
    world.store.commit(add_official(HAND, "admin"))
    world.store.commit(new_key("by-hand", hash_key(key), "admin"))
    upload.with_name("answers.json.key").write_text(key)
    assert submit.main(form(site, upload, "By hand", "--wait")) == 1
    assert "the server has no run of this submission" in capsys.readouterr().err


def test_strangers_get_no_scores_and_cannot_bypass_the_limits(
    site: Site, world: World, upload: Path
) -> None:
    key = "mvb-" + "k" * 32
    fields = {"model_name": "Quiet", "organization": "O", "terms": "true", "evaluate_only": "1"}
    sent = Client(site.url).submit(upload, {**fields, "key": key})
    world.finish(world.jobs.get(sent["job"]))  # type: ignore[arg-type]
    assert Client(site.url).job(sent["job"], key)["result"]["metrics"]["nap_acc"] is not None
    status, seen = request(site, "GET", f"/jobs/{sent['job']}")
    assert (status, "result" in seen, seen["error"]) == (200, False, None)
    assert request(site, "GET", "/jobs/nonsense")[0] == 404
    assert request(site, "GET", "/submissions")[0] == 401
    assert request(site, "GET", "/submissions", Authorization=f"Bearer {key}x")[1] == {
        "submissions": []
    }
    # A browser that remembers the key opens it; the page never shows the key.
    with session(site.url, cookie=f"other=1; {COOKIE}={key}") as tab:
        own = run_page(tab, "owner")
    with session(site.url, cookie=f"{COOKIE}={key[:-1]}x") as tab:
        foreign = run_page(tab, "owner")
    assert b"Quiet" in own and key.encode() not in own and b"Quiet" not in foreign
    form_head = {"Content_Type": "multipart/form-data; boundary=b"}
    assert (
        request(site, "POST", "/check", b"", Origin="https://evil.example", **form_head)[0] == 403
    )
    assert request(site, "POST", "/check", b"[]", Content_Type="application/json")[0] == 415
    assert request(site, "POST", "/check", b"--b--", **form_head)[0] == 422
    assert request(site, "DELETE", "/check")[0] == 405
    # A new version is always published, so “evaluate only” must not be ignored.
    both = {"replaces": "e", "evaluate_only": "true", "terms": "true"}
    with pytest.raises(ApiError, match="evaluate_only: A new version is always published"):
        Client(site.url).submit(upload, both, key)
    with pytest.raises(ApiError, match="a program sends the entry's id"):
        Client(site.url).submit(upload, {"replaces": "nobody", "terms": "true"}, key)
    unnamed = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n[]\r\n--b--\r\n'
    status, refused = request(site, "POST", "/check", unnamed, **form_head)
    assert (status, "with a file name" in refused["error"]) == (422, True)
    for wrong in (key, "guess"):  # in use, and too short to be safe
        part = "--b\r\nContent-Disposition: form-data; name="
        body = f'{part}"key"\r\n\r\n{wrong}\r\n{part}"file"; filename="f"\r\n\r\n[]\r\n--b--\r\n'
        status, refused = request(site, "POST", "/submissions", body.encode(), **form_head)
        assert status == 422
        assert "key" in refused["problems"]
    with socket.create_connection(_address(site), timeout=240) as raw:
        most = (world.settings.max_upload_mb + 2) << 20
        head = f"POST /api/v1/check HTTP/1.1\r\nHost: x\r\nContent-Length: {most}\r\n"
        part = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        raw.sendall(f"{head}Content-Type: multipart/form-data; boundary=b\r\n\r\n{part}".encode())
        with contextlib.suppress(OSError):  # refused before everything was sent
            for _ in range(most >> 20):
                raw.sendall(b"x" * (1 << 20))
        assert b"413" in raw.recv(100)


def test_the_check_says_what_a_submission_would_refuse(world: World, upload: Path) -> None:
    answers = []
    for fewest in (1, 10_000):
        services = services_with(replace(world.settings, min_records=fewest), world.store)
        client = TestClient(Starlette(routes=routes(services)))
        file = {"file": ("answers.json", upload.read_bytes())}
        answers.append(client.post("/api/v1/check", files=file).json())
    assert [(one["ready"], one["submission_problem"]) for one in answers] == [
        (True, None),
        (
            True,
            f"The file has {len(world.predictions)} records; a submission needs at least 10,000. "
            "Fewer can be scored with the command line.",
        ),
    ]


def test_a_form_with_too_long_a_field_or_a_second_file_says_what_is_allowed(world: World) -> None:
    services = services_with(world.settings, world.store)
    client = TestClient(Starlette(routes=routes(services)))
    file = ("file", ("answers.json", b"[]"))
    for sent, told in (
        ({"data": {"model_name": "x" * 20_000}, "files": [file]}, "16KB"),
        ({"files": [file, ("more", ("b.json", b"[]"))]}, "Too many files"),
    ):
        answer = client.post("/api/v1/check", **sent)  # type: ignore[arg-type]
        assert answer.status_code == 400
        assert told in answer.json()["error"]
        assert "Send one file, and fields of at most 16 KB each." in answer.json()["error"]


class cut_off:  # noqa: N801
    """A connection to the server that loses every response to a POST."""

    def __init__(self, site: Site) -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.create_connection(_address(site), timeout=240) as there:
                    threading.Thread(target=self._forward, args=(there,), daemon=True).start()
                    there.recv(1)  # the response starts: the server has done it

            def _forward(self, there: socket.socket) -> None:
                try:
                    while data := self.request.recv(1 << 16):
                        there.sendall(data)
                except OSError:
                    return

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def __enter__(self) -> str:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
