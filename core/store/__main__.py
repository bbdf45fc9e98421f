"""The command line `python -m core.store verify | convert | backup | restore`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core import settings
from core.errors import MedVidBenchError
from core.settings import Settings
from core.store.backup import backup, restore
from core.store.convert import convert
from core.store.imported import notes
from core.store.lines import KEPT_AS
from core.store.opened import base_of, open_store


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 when all is well, 1 with the problems."""
    parser = argparse.ArgumentParser(
        prog="python -m core.store",
        description="verify: check the journal's hash chain, the previous values in each change, "
        "and the files made from the journal, and list what could not be imported from an older "
        "board; changes nothing. convert: convert a journal of form 1 to the current form; stop "
        "the server first. backup FILE: write a copy of the data folder to a .tar.gz, also while "
        "the server runs. restore FILE: restore one into an empty data folder. Exit status 0: all "
        "is well; 1: the problems are printed.",
    )
    parser.add_argument("command", choices=["verify", "convert", "backup", "restore"])
    parser.add_argument("file", nargs="?", type=Path, help="of backup and restore")
    options = parser.parse_args(arguments)
    needs_file = options.command in ("backup", "restore")
    if needs_file is not (options.file is not None):
        parser.error(f"{options.command}: {'give the file' if needs_file else 'takes no file'}")
    try:
        # A restore may bring the ground truth itself.
        found = settings.load(files_exist=options.command != "restore")
        problems = _do(options.command, found, options.file)
    except MedVidBenchError as error:
        problems = [str(error)]
    except KeyboardInterrupt:
        problems = [f"{options.command}: interrupted. Run it again."]
    for problem in problems:
        print(problem)  # noqa: T201
    return 1 if problems else 0


def _do(command: str, found: Settings, file: Path) -> list[str]:
    if missing := _missing(command, found, file):
        return [missing]
    if command == "verify":
        return _verify(found)
    if command == "convert":
        return _convert(found)
    store = open_store(found)
    if command == "backup":
        count = backup(store, found.root, file)
        print(f"{file}: {count:,} files of {found.root}; keep it private.")  # noqa: T201
        return []
    problems = restore(store, found.root, file)
    if problems:
        return [
            *problems,
            f"{found.root}: restored from {file}, with the problems above. To use another backup, "
            "move this folder aside first.",
        ]
    print(f"{found.root}: restored from {file} and verified.")  # noqa: T201
    return []


def _missing(command: str, found: Settings, file: Path) -> str:
    """The folder or file that the command needs and that is not there; "" if none."""
    if command == "restore":
        return "" if file.is_file() else f"{file}: there is no such file. Give a backup's file."
    if not found.root.is_dir():
        demo = (
            " Without MEDVIDBENCH_GROUND_TRUTH, the demo's folder is meant." if found.demo else ""
        )
        return f"{found.root}: there is no such folder. Check MEDVIDBENCH_DATA_DIR.{demo}"
    if command == "backup" and not file.resolve().parent.is_dir():
        return f"{file} cannot be written: its folder does not exist. Create it."
    return ""


def _verify(found: Settings) -> list[str]:
    store = open_store(found)
    problems = store.verify()
    if not problems:
        lines = store.lines()
        for note in notes(lines, store.read(), None if lines else found.root):
            print(note)  # noqa: T201
        told = "the journal and its files are intact" if lines else "there is no journal yet"
        print(f"{found.root}: {told}.")  # noqa: T201
    return problems


def _convert(found: Settings) -> list[str]:
    count = convert(open_store(found), found.root, base_of(found.demo))
    print(f"{found.root}: {count} changes converted; the old journal is {KEPT_AS}.")  # noqa: T201
    return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
