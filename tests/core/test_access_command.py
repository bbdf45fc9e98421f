"""The command that makes a hash of the admin's password, typed at a terminal or piped."""

import getpass
import io
import subprocess
import sys

import pytest

from core.access import __main__ as admin_command
from core.access import password as admin_password

PASSWORD = "zebra-secret-Ümlaut 17"


@pytest.mark.slow
def test_the_command_prints_a_hash_that_fits() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core.access", "hash"],
        input=PASSWORD + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    printed = done.stdout.removeprefix("ADMIN_PASSWORD='").rstrip("'\n")
    assert admin_password.matches(PASSWORD, printed)
    assert PASSWORD not in done.stdout


def test_the_command_refuses_an_empty_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(" \n"))
    assert admin_command.main(["hash"]) == 1
    assert admin_command.main([]) == 2
    assert "ADMIN_PASSWORD" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "told", "status"),
    [
        (["one", "two"], "The passwords differ. Start again.", 1),
        ([" ", " "], "The password is empty. Type one.", 1),
        (["right", "right"], "ADMIN_PASSWORD='", 0),
    ],
)
def test_a_password_is_typed_twice(
    typed: list[str],
    told: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter(typed)
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: next(answers))
    assert admin_command.main(["hash"]) == status
    said = capsys.readouterr()
    assert told in said.out + said.err
    assert admin_command.main(["verify"]) == 2
