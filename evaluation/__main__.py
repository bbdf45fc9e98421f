"""The participants' commands under one name: `medvidbench COMMAND …`, or `python -m evaluation`.

    medvidbench check FILE                        review a predictions file
    medvidbench evaluate FILE --ground-truth …    score your own validation split
    medvidbench template --questions …  OUT       an empty file to fill in
    medvidbench submit FILE --url … --name …      submit without a browser
    medvidbench compare A B --ground-truth …      is one of two models better?

`medvidbench COMMAND --help` lists the options of each.
"""

import sys
from importlib import import_module
from typing import Final

COMMANDS: Final = {
    "check": "evaluation.predictions",
    "evaluate": "evaluation.evaluate_predictions",
    "template": "evaluation.template",
    "submit": "evaluation.submit",
    "compare": "evaluation.compare",
}


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status; 2 and a list of commands if it is unknown."""
    given = sys.argv[1:] if arguments is None else arguments
    name = given[0] if given else ""
    if name in COMMANDS:
        status: int = import_module(COMMANDS[name]).main(given[1:])
        return status
    asked = name in ("-h", "--help", "")
    (sys.stdout if asked else sys.stderr).write(
        (__doc__ or "") if asked else f"Unknown command {name!r}; use {', '.join(COMMANDS)}.\n"
    )
    return 0 if asked else 2


if __name__ == "__main__":
    sys.exit(main())
