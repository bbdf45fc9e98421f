"""The mirror's status for pages and operators, and the command."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import MirrorError
from core.mirror import __main__ as mirror_command
from core.mirror.status import LOCAL_ONLY, mirror_status, note
from tests.hub.emulator import Emulator
from tests.hub.emulator_repo import Repo
from tests.hub.emulator_traffic import READ, STRANGER
from tests.hub.mirror_world import Make, environment, put, settings


@pytest.mark.parametrize(
    ("token", "kind", "advice"),
    [
        ("hf_wrong", "token", "HF_TOKEN"),
        (READ, "forbidden", "write"),
        (STRANGER, "missing", "REPO"),
    ],
)
def test_the_status_says_what_to_do(make: Make, token: str, kind: str, advice: str) -> None:
    one = make("one", hub_token=token)
    one.publish(1)
    with pytest.raises(MirrorError):
        one.mirror.sync()
    status = mirror_status(one.settings)
    assert status.kind == kind
    assert advice in status.error
    assert token not in status.error
    assert status.waiting_changes == 2


def test_without_repo_or_token_nothing_is_sent_and_it_is_said_once(
    server: Emulator, tmp_path: Path
) -> None:
    for missing in ({"hub_repo": ""}, {"hub_token": ""}):
        found = settings(tmp_path, server.url, **missing)
        assert found.demo  # demo data is never mirrored
        assert not found.mirrored
        assert not mirror_status(found).configured
        assert note(replace(found, ground_truth=tmp_path / "truth.json")) == LOCAL_ONLY
    assert server.log == []


def test_pages_say_when_data_is_old(make: Make) -> None:
    one = make("one")
    assert "not been compared" in (note(one.settings) or "")
    one.mirror.sync(force=True)
    assert note(one.settings) is None
    record = one.record()
    (one.root / "mirror.json").write_text(
        json.dumps({**record, "checked": record["checked"] - 900})
    )
    assert "15 minutes old" in (note(one.settings) or "")
    one.mirror.sync(force=True)
    (one.root / "mirror.json").write_text(
        json.dumps({**one.record(), "checked": record["checked"] + 1e8})
    )  # the clock was set back
    assert "not been compared" in (note(one.settings) or "")
    assert one.mirror.sync()
    assert note(one.settings) is None


def test_commands(
    make: Make, server: Emulator, repo: Repo, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    one = make("one")
    one.publish(1)
    put(repo, {"ground_truth.json": b"[]"})
    for name, value in environment(one).items():
        monkeypatch.setenv(name, value)
    assert mirror_command.main(["verify"]) == 1
    assert "journal.jsonl: not in the repo." in capsys.readouterr().out
    assert mirror_command.main(["push"]) == 0
    assert mirror_command.main(["pull"]) == 0
    assert mirror_command.main(["verify"]) == 0
    assert mirror_command.main(["status"]) == 0
    out = capsys.readouterr().out
    assert "No differences." in out
    assert f"head: {repo.head.id}" in out
    assert one.settings.hub_token not in out
    with pytest.raises(SystemExit, match="0"):
        mirror_command.main(["--help"])
    told = capsys.readouterr().out
    assert all(f"{command}: " in told for command in ("status", "pull", "push", "verify"))
    monkeypatch.setenv("HF_TOKEN", "")
    assert mirror_command.main(["push"]) == 1
    assert "No mirror is set up" in capsys.readouterr().err


def test_a_public_repo_gets_nothing_and_it_is_said(make: Make, repo: Repo) -> None:
    one = make("one")
    one.publish(1)
    one.mirror.sync(force=True)
    before = repo.head.id
    one.publish(2)
    repo.private = False  # while the last pull is still fresh
    for refused in (
        one.mirror.sync,
        one.mirror.pull,
        one.mirror.verify,
        one.mirror.require_private,
    ):
        with pytest.raises(MirrorError, match="the repo is public") as error:
            refused()
        assert error.value.kind == "public"
    assert repo.head.id == before
    status = mirror_status(one.settings)
    assert status.kind == "public"
    assert "Make the repo private" in status.error
    repo.private = True
    assert one.mirror.sync(force=True)
    assert not mirror_status(one.settings).error
