"""Submits a predictions file to a leaderboard's server, without a browser.

    medvidbench submit FILE --url https://… --name MODEL --organization ORG --accept-terms

The submission key is created here and saved next to FILE (FILE.key) before anything is sent. When
the same command is run again, it asks the server for the key's submission and continues with it, so
that a lost reply costs neither the key nor a second try.
"""

import argparse
import hashlib
import json
import os
import re
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from core.errors import PredictionsError, StoreError
from core.model.names import same_name
from evaluation.api_client import ApiError, Client, LostError
from evaluation.output_places import check_outputs
from evaluation.upload.file_bytes import read_bytes

_KEY_BYTES = 24
_KEY = re.compile(r"mvb-[A-Za-z0-9_-]{32}")
_POLL_S = 2.0
_ENDED = ("completed", "failed", "cancelled", "interrupted")


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0: submitted (with --wait: and scored); 1: not, with the reason."""
    options = _options(arguments)
    try:
        found = _submitted(options)
        if options.wait and not found["job"]:
            raise ValueError("the server has no run of this submission. Its page shows its scores.")
        if options.wait:
            return _wait(Client(options.url), found["job"], _keys(options.key)[-1], options)
    except (ApiError, OSError, ValueError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    return 0


def _submitted(options: argparse.Namespace) -> dict[str, Any]:
    """The server's record of this submission, new or from an earlier run of the command."""
    client, keys = Client(options.url), _keys(options.key)
    if options.replaces and not keys:
        raise ValueError(f"{options.key} has no key. Give the entry's key file with --key.")
    known = client.submissions(keys[-1]) if keys else []
    if known and _received(known[0], options):
        _say(_already(known[0], options))
        return known[0]
    if options.replaces:
        terms = "true" if options.accept_terms else ""
        fields, shown = {"replaces": options.replaces, "terms": terms}, keys[-1]
    else:
        key = keys[-1] if keys and not known else _new_key(options.key)
        fields, shown = {**_form(options), "key": key}, ""
    try:
        found = client.submit(options.file, fields, shown)
    except LostError:
        held = client.submissions(shown or fields["key"])
        if not held or not _received(held[0], options):
            raise
        found = held[0]
    _say(f"Submitted. The key is in {options.key}. Keep it: it is the only proof of ownership.")
    if found["job"]:
        _say(f"Progress: {client.page(found['job'])}")
    return found


def _received(last: dict[str, Any], options: argparse.Namespace) -> bool:
    """Whether the newest submission of the key is the one that this command would make.

    After a failure, and to publish what was only evaluated, it is made anew, with a new key. Raises
    ValueError if the key's submission is of another file or model.
    """
    state, sent = last["state"], last.get("file_sha256")
    same_file = not sent or sent == _digest(options.file)
    if options.replaces:
        current = state == "open" or last["entry"] == options.replaces
        return bool(sent and same_file and current and last.get("replaces") == options.replaces)
    if state == "released" or (state == "evaluated" and not options.evaluate_only):
        return False
    same_model = not options.name or same_name(options.name, last["model_name"])
    if not same_file or not same_model:
        raise ValueError(
            f"Not submitted: the key in {options.key} belongs to the submission of another "
            f"{'model' if same_file else 'file'} ({last['model_name']}, {state}). {_other(last)}"
        )
    return True


def _digest(file: Path) -> str:
    """The SHA-256 of the unpacked file, as the server stores it; "" if it cannot be read."""
    try:
        return hashlib.sha256(read_bytes(file)).hexdigest()
    except PredictionsError:
        return ""


def _already(last: dict[str, Any], options: argparse.Namespace) -> str:
    told = f"({last['model_name']}, {last['state']}); nothing is sent again."
    if options.replaces:
        return f"This file is already the newest version of {options.replaces} {told}"
    return f"The key in {options.key} already belongs to a submission {told} {_other(last)}"


def _other(last: dict[str, Any]) -> str:
    entry = last["entry"]
    more = f" For a new version of the entry, add --replaces {entry}." if entry else ""
    return f"For another submission, name another key file with --key.{more}"


def _form(options: argparse.Namespace) -> dict[str, str]:
    fields = {
        "model_name": options.name,
        "organization": options.organization,
        "contact": options.contact,
        "terms": "true" if options.accept_terms else "",
        "evaluate_only": "true" if options.evaluate_only else "",
    }
    for pair in options.set:
        name, sign, value = pair.partition("=")
        if not sign:
            raise ValueError(f"--set {pair}: expected FIELD=VALUE, as base_model=Qwen3.5-4B.")
        fields[name] = value
    return {name: value for name, value in fields.items() if value}


def _keys(path: Path) -> list[str]:
    """The keys of a key file, one per line, the newest last.

    Raises ValueError for any other file: its content must not be sent to a server.
    """
    if not path.exists():
        return []
    keys = path.read_text(encoding="utf-8-sig", errors="replace").split()
    if not all(_KEY.fullmatch(key) for key in keys):
        raise ValueError(
            f"--key {path}: not a key file. Expected a submission key per line: mvb- and 32 "
            "letters, digits, - or _. Give the file that this command or the Submit page saved."
        )
    return keys


def _new_key(path: Path) -> str:
    """A new key, written to disk before it is used, readable by this user only."""
    key = "mvb-" + secrets.token_urlsafe(_KEY_BYTES)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{key}\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _wait(client: Client, job_id: str, key: str, options: argparse.Namespace) -> int:
    """Wait for a job to end and print the scores."""
    told = ""
    while True:
        job = client.job(job_id, key)
        place = f", place {job['queue_place']} in the queue" if job["queue_place"] else ""
        state = f"{job['state']}{place}"
        if state != told:
            _say(state)
            told = state
        if job["state"] in _ENDED:
            break
        time.sleep(_POLL_S)
    if options.json is not None:
        options.json.write_text(json.dumps(job, indent=1) + "\n", encoding="utf-8")
    if job["state"] != "completed":
        _say(f"Error: {job['error'] or 'The evaluation ended without a result.'}")
        return 1
    result = job.get("result")
    if result:
        for metric, value in result["metrics"].items():
            sys.stdout.write(f"{metric}\t{'—' if value is None else format(value, '.3f')}\n")
        rank = result["rank"]
        would = "" if result["published"] else "would-be "
        _say(f"{would}rank {rank['rank']} of {rank['size']} on the {rank['board']} board")
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="medvidbench submit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="predictions file, as for the Submit page"
    )
    parser.add_argument("--url", required=True, help="the leaderboard's address")
    parser.add_argument("--name", default="", help="the model's name on the board")
    parser.add_argument("--organization", default="")
    parser.add_argument("--contact", default="", help="for the maintainers only")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="another field of the form, such as base_model or weights",
    )
    parser.add_argument("--evaluate-only", action="store_true", help="publish nothing")
    parser.add_argument(
        "--replaces",
        default="",
        metavar="ENTRY",
        help="submit a new version of this entry, whose key is in --key; it keeps its details",
    )
    parser.add_argument(
        "--accept-terms",
        action="store_true",
        help="accept the submission terms on the Submit page",
    )
    parser.add_argument("--key", type=Path, metavar="KEYFILE", help="default: FILE.key")
    parser.add_argument("--wait", action="store_true", help="wait for the scores; print them")
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help="needs --wait: write the job as JSON"
    )
    options = parser.parse_args(arguments)
    if options.key is None:
        options.key = options.file.with_name(options.file.name + ".key")
    if problem := _problem(options):
        parser.error(problem)
    return options


def _problem(options: argparse.Namespace) -> str:
    """What is wrong with the options, before anything is sent; "" if nothing is."""
    if not options.file.is_file():
        return f"{options.file} is not a file."
    if options.replaces:
        given = {
            "--evaluate-only": options.evaluate_only,
            "--name": options.name,
            "--organization": options.organization,
            "--contact": options.contact,
            "--set": options.set,
        }
        if names := ", ".join(name for name, value in given.items() if value):
            return (
                f"--replaces publishes a new version and keeps the entry's details: omit {names}. "
                "To see the scores first, submit with --evaluate-only and another --key."
            )
    if options.json is not None:
        if not options.wait:
            return "--json writes the finished job: add --wait."
        try:
            check_outputs([options.json], [options.file, options.key])
        except StoreError as error:
            return f"--json {error}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
