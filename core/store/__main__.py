"""What `python -m core.store verify` does and prints."""

import argparse
import sys
from collections.abc import Sequence

from core import settings
from core.errors import MedVidBenchError
from core.store.opened import open_store


def main(arguments: Sequence[str]) -> int:
    """Check the journal and the files made from it; 0 when all is whole, 1 with what is not."""
    parser = argparse.ArgumentParser(
        prog="python -m core.store",
        description="verify: check the journal's chain and the files made from it. Changes "
        "nothing. Exit status 0: all is whole; 1: it prints what is not.",
    )
    parser.add_argument("command", choices=["verify"])
    parser.parse_args(arguments)
    try:
        found = settings.load()
        problems = open_store(found).verify()
    except MedVidBenchError as error:
        problems = [str(error)]
    else:
        if not problems:
            print(f"{found.root}: the journal and its files are whole.")  # noqa: T201
    for problem in problems:
        print(problem)  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
