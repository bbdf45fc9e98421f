"""Marked secrets: none appears in a log, a page, an error, the journal or the mirror.

One server with every secret set: a submission that is published, one that fails, a mirror
that is refused and then works, visitors on every page. Then all output is searched.
"""

import gzip
import json
from pathlib import Path

import pytest
from test_server import Server

from core.model.fields import Form
from core.runs.records import result_files
from core.settings import REPOSITORY
from core.usecases import submit
from core.usecases.services import Services
from core.usecases.submit import CheckedFile, Receipt
from tests.core.job_world import World, wait_for
from tests.hub import emulator_traffic
from tests.hub.emulator import Emulator
from tests.server.web_session import run_page, session

NAME = "alice/bench"
SECRETS = {
    "HF_TOKEN": "hf_canaryTokenOfTheHub",
    "OPENAI_API_KEY": "sk-canaryKeyOfTheJudge",
    "ADMIN_PASSWORD": "canary password of the admin",
    "STREAMLIT_SERVER_COOKIE_SECRET": "canary-cookie-secret",
}
CONTACT = "canary-contact@example.org"
# Contacts are here by design: the mirror is private, and the boards keep the older format.
CONTACTS_MAY_BE_IN = ("private/", "leaderboard.json", "official_leaderboard.json")


def send(world: World, name: str) -> Receipt:
    data = json.dumps(world.predictions).encode()
    form = Form(model_name=name, organization="Lab", contact=CONTACT, terms=True)
    services = Services(world.settings, world.store, world.jobs)
    return submit.submit(services, form, CheckedFile(data, True, len(world.predictions)))


def finish(world: World, receipt: Receipt) -> str:
    def done() -> bool:
        found = world.jobs.get(receipt.job_id)
        return found is not None and found.done

    wait_for(done, receipt.job_id)
    found = world.jobs.get(receipt.job_id)
    assert found is not None
    return found.state


def leaks(text: bytes, where: str, keys: list[str]) -> list[str]:
    """The marked words in `text`, literally, quoted as in JSON, or without blanks."""
    words = [*SECRETS.values(), *keys]
    if not where.startswith(CONTACTS_MAY_BE_IN):
        words.append(CONTACT)
    return [f"{word} in {where}" for word in words if word.encode() in text]


def content(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def test_no_secret_leaks_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(emulator_traffic.TOKENS, SECRETS["HF_TOKEN"], ("alice", "write"))
    with Emulator() as hub:
        repo = hub.add_repo(NAME)
        # Refused at first, with a response that repeats the request, as from a proxy.
        hub.fault("commit", status=500, times=1, body=json.dumps({"error": SECRETS["HF_TOKEN"]}))
        world = World(tmp_path, hub_repo=NAME, hub_token=SECRETS["HF_TOKEN"], hub_endpoint=hub.url)
        good, bad = send(world, "Model A"), send(world, "Model B")
        kept = result_files(world.settings.root, bad.submission_id).upload
        kept.write_bytes(gzip.compress(json.dumps(world.predictions[1:]).encode()))
        server = Server(tmp_path, {**world.settings.environment("jobs"), **SECRETS})
        try:
            server.wait()
            assert (finish(world, good), finish(world, bad)) == ("completed", "failed")
            wait_for(lambda: f"jobs/{bad.job_id}/job.json" in repo.head.files, "the mirror")
            pages = see_pages(f"http://127.0.0.1:{server.port}", (good, bad))
        finally:
            server.stop()
            world.close()
        assert b"Model A" in pages["/leaderboard?board=Community"]
        keys = [good.key, bad.key]
        found = [leak for where, text in pages.items() for leak in leaks(text, where, keys)]
        for commit in repo.commits:
            for path, blob in commit.files.items():
                found += leaks(_plain(blob.data), path, keys)
        for path in world.settings.root.rglob("*"):
            if path.is_file():
                where = str(path.relative_to(world.settings.root))
                found += leaks(content(path), where, keys)
        found += leaks(server.said.encode(), "the server's log", keys)
        assert found == []
        assert CONTACT.encode() in b"".join(map(content, world.settings.root.glob("private/*")))


def _plain(data: bytes) -> bytes:
    return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def see_pages(url: str, receipts: tuple[Receipt, ...]) -> dict[str, bytes]:
    """Every page as for a visitor without keys, including the jobs' pages."""
    names = sorted(path.stem for path in (REPOSITORY / "pages").glob("*.py"))
    addresses = [(name, "") for name in names] + [("leaderboard", "board=Community")]
    addresses += [("submit", f"job={receipt.job_id}") for receipt in receipts]
    seen = {}
    for name, query in addresses:
        with session(url) as visitor:
            page = "" if name == "leaderboard" else name
            seen[f"/{name}?{query}"] = run_page(visitor, page, query)
    return seen
