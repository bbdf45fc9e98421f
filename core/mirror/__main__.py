"""The command line `python -m core.mirror status | pull | push | verify`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict

from core import settings
from core.errors import MedVidBenchError, SettingsError
from core.files.atomic import refused_by_disk
from core.mirror.status import mirror_status
from core.mirror.sync import Mirror
from core.settings import Settings
from core.store.opened import open_store


def main(arguments: Sequence[str]) -> int:
    """Run one command; 0 when all is well, else 1 with a message."""
    parser = argparse.ArgumentParser(
        prog="python -m core.mirror",
        description="Mirrors the data folder to a private dataset repo. Reads the settings "
        "MEDVIDBENCH_HUB_REPO and HF_TOKEN. Exit status 0: all is well; 1: a message says "
        "what is wrong.",
        epilog="status: what is known on this machine. pull: download new changes and the "
        "ground truth from the repo. push: send waiting changes. verify: print how this folder and "
        "the repo differ.",
    )
    parser.add_argument("command", choices=sorted(_COMMANDS))
    chosen = parser.parse_args(arguments)
    try:
        found = settings.load()
        if not found.mirrored:
            raise SettingsError(
                "No mirror is set up: the data is only on this machine. Set MEDVIDBENCH_HUB_REPO "
                "and HF_TOKEN."
            )
        return _COMMANDS[chosen.command](found)
    except MedVidBenchError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    except OSError as error:
        print(refused_by_disk(error, found.root), file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        print(f"{chosen.command}: interrupted. Run it again.", file=sys.stderr)  # noqa: T201
        return 1


def _status(found: Settings) -> int:
    status = mirror_status(found)
    for name, value in asdict(status).items():
        shown = "-" if value is None or value == "" else value
        print(f"{name.replace('_', ' ')}: {shown}")  # noqa: T201
    return 1 if status.error else 0


def _pull(found: Settings) -> int:
    mirror = Mirror(found, open_store(found))
    mirror.pull()
    mirror.fetch_truth()
    return _status(found)


def _push(found: Settings) -> int:
    if Mirror(found, open_store(found)).sync(force=True):
        return _status(found)
    print(  # noqa: T201
        "Not everything was sent: this hour's commits are used up, or the server is sending now."
    )
    _status(found)
    return 1


def _verify(found: Settings) -> int:
    differences = Mirror(found, open_store(found)).verify()
    for difference in differences:
        print(difference)  # noqa: T201
    print("No differences." if not differences else f"{len(differences)} differences.")  # noqa: T201
    return 1 if differences else 0


_COMMANDS: dict[str, Callable[[Settings], int]] = {
    "status": _status,
    "pull": _pull,
    "push": _push,
    "verify": _verify,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
